"""Parts of a user's turn in the OpenAI wire: one function for each kind, found in a table."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from tutti.errors import InvalidRequestError
from tutti.intents.chat import (
    Audio,
    CacheMark,
    Chat,
    File,
    Foreign,
    Image,
    Media,
    Part,
    Refusal,
    Text,
    Thinking,
    ToolCall,
    Video,
)
from tutti.intents.documents import by_type, name_of, text_of, titled
from tutti.kit import data_uri
from tutti.vendors.cache_mark import cache_field
from tutti.vendors.drops import Drops

Value = dict[str, Any]
# OpenAI's two, and what others take beyond.
_FORMATS = {
    "audio/wav": "wav",
    "audio/mpeg": "mp3",
    "audio/flac": "flac",
    "audio/ogg": "ogg",
    "audio/mp4": "m4a",
    "audio/aac": "aac",
}


def content_of(parts: Iterable[Part], chat: Chat, drops: Drops) -> str | list[Value]:
    """The content of a turn: words alone as a string, which every upstream takes."""
    told = [value for part in parts for value in _PARTS[type(part)](part, chat, drops)]
    if len(told) == 1 and told[0].keys() == {"type", "text"}:
        text: str = told[0]["text"]
        return text
    return told or ""


def own_cache_field(mark: CacheMark | None, chat: Chat, drops: Drops) -> Value:
    """The mark that Claude's vendors read on parts of this wire; sent only for callers who set it there."""
    if mark is not None and chat.wire != "openai":
        drops.add("CacheMark")
        return {}
    return cache_field(mark)


def _text(part: Text, chat: Chat, drops: Drops) -> list[Value]:
    return [{"type": "text", "text": part.text, **own_cache_field(part.cache, chat, drops)}]


def _refusal(part: Refusal, _chat: Chat, _drops: Drops) -> list[Value]:
    return [{"type": "refusal", "refusal": part.text}]


def _image(part: Image, chat: Chat, drops: Drops) -> list[Value]:
    detail = {"detail": part.detail} if part.detail else {}
    url = _address(part.media, chat, "Image")
    return [{"type": "image_url", "image_url": {"url": url, **detail}, **own_cache_field(part.cache, chat, drops)}]


def _audio(part: Audio, chat: Chat, _drops: Drops) -> list[Value]:
    form = _FORMATS.get(part.media.media_type)
    if part.media.data is None or form is None:
        field = chat.word("Audio")
        kind = part.media.media_type or "unknown"
        raise InvalidRequestError(f"{field}: sound must be WAV or MP3 in hand, not {kind}.", field=field)
    return [{"type": "input_audio", "input_audio": {"data": part.media.data, "format": form}}]


def _video(part: Video, chat: Chat, _drops: Drops) -> list[Value]:
    return [{"type": "video_url", "video_url": {"url": _address(part.media, chat, "Video")}}]


def _file(part: File, chat: Chat, drops: Drops) -> list[Value]:
    told = by_type(part)
    return _document(told, chat, drops) if isinstance(told, File) else _PARTS[type(told)](told, chat, drops)


def _document(part: File, chat: Chat, drops: Drops) -> list[Value]:
    cache = own_cache_field(part.cache, chat, drops)
    text = text_of(part)
    if text is not None:
        return [{"type": "text", "text": titled(part.name, text), **cache}]
    if part.media.file_id is not None and chat.wire == "openai":
        return [{"type": "file", "file": {"file_id": part.media.file_id}, **cache}]
    source = {"filename": name_of(part), "file_data": _address(part.media, chat, "File")}
    return [{"type": "file", "file": source, **cache}]


def _address(media: Media, chat: Chat, kind: str) -> str:
    if media.url is not None:
        return media.url
    if media.data is not None:
        return data_uri.join(media.media_type, media.data)
    field = chat.word(kind)
    raise InvalidRequestError(f"{field}: a file that is kept at another vendor must be sent itself.", field=field)


def _foreign(part: Foreign, _chat: Chat, drops: Drops) -> list[Value]:
    if part.wire == "openai":
        return [dict(part.value)]
    drops.add_foreign(part)
    return []


def _misplaced(part: Part, _chat: Chat, drops: Drops) -> list[Value]:
    """What only a model says."""
    drops.add(type(part).__name__)
    return []


_PARTS: Mapping[type[Part], Callable[[Any, Chat, Drops], list[Value]]] = {
    Text: _text,
    Refusal: _refusal,
    Image: _image,
    Audio: _audio,
    Video: _video,
    File: _file,
    Foreign: _foreign,
    Thinking: _misplaced,
    ToolCall: _misplaced,
}
