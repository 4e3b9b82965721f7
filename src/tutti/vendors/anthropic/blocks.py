"""Parts of a turn as Claude's content blocks: one function for each kind, found in a table."""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from tutti.errors import InvalidRequestError
from tutti.intents.chat import (
    Audio,
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
    ToolResult,
    Video,
)
from tutti.intents.documents import by_type, text_of
from tutti.intents.seals import CLAUDE, seal_for
from tutti.vendors.cache_mark import cache_field
from tutti.vendors.drops import Drops

Block = dict[str, Any]
IMAGE_TYPES = frozenset({"image/jpeg", "image/png", "image/gif", "image/webp"})
PDF = "application/pdf"
# What ids of calls are made of here; other wires allow more.
_FOREIGN_ID = re.compile(r"[^a-zA-Z0-9_-]")


def blocks_of(parts: Iterable[Part], chat: Chat, drops: Drops) -> list[Block]:
    """The blocks of a turn. Raises `InvalidRequestError` for what Claude can not read and must not miss."""
    return [block for part in parts for block in _BLOCKS[type(part)](part, chat, drops)]


def _text(part: Text, _chat: Chat, _drops: Drops) -> list[Block]:
    # Empty words are refused there.
    return [{"type": "text", "text": part.text, **cache_field(part.cache)}] if part.text else []


def _refusal(part: Refusal, _chat: Chat, _drops: Drops) -> list[Block]:
    return [{"type": "text", "text": part.text}] if part.text else []


def _image(part: Image, chat: Chat, drops: Drops) -> list[Block]:
    if part.detail not in {None, "auto"}:
        drops.add("Image.detail")
    if part.media.data is not None and part.media.media_type not in IMAGE_TYPES:
        raise _unreadable(
            chat, "Image", f"pictures must be JPEG, PNG, GIF or WebP, not {part.media.media_type or 'unknown'}"
        )
    return [{"type": "image", "source": _source(part.media, chat, "Image"), **cache_field(part.cache)}]


def _file(part: File, chat: Chat, drops: Drops) -> list[Block]:
    told = by_type(part)
    return _document(told, chat) if isinstance(told, File) else _BLOCKS[type(told)](told, chat, drops)


def _document(part: File, chat: Chat) -> list[Block]:
    text = text_of(part)
    if text is not None:
        source: Block = {"type": "text", "media_type": "text/plain", "data": text}
    elif part.media.media_type == PDF or part.media.data is None:
        source = _source(part.media, chat, "File")
    else:
        raise _unreadable(chat, "File", f"documents must be PDF or text, not {part.media.media_type or 'unknown'}")
    title = {"title": part.name} if part.name else {}
    return [{"type": "document", "source": source, **title, **cache_field(part.cache)}]


def _source(media: Media, chat: Chat, kind: str) -> Block:
    if media.url is not None:
        return {"type": "url", "url": media.url}
    if media.data is not None:
        return {"type": "base64", "media_type": media.media_type, "data": media.data}
    if chat.wire != "claude" or media.file_id is None:
        raise _unreadable(chat, kind, "a file that is kept at another vendor must be sent itself")
    return {"type": "file", "file_id": media.file_id}


def _thinking(part: Thinking, _chat: Chat, drops: Drops) -> list[Block]:
    """Claude takes back its own thoughts alone, and knows them by their seal."""
    seal = seal_for(CLAUDE, part.signature if part.sealed is None else part.sealed)
    if not seal:
        drops.add("Thinking")
        return []
    if part.sealed is not None:
        return [{"type": "redacted_thinking", "data": seal}]
    return [{"type": "thinking", "thinking": part.text, "signature": seal}]


def _tool_use(part: ToolCall, _chat: Chat, _drops: Drops) -> list[Block]:
    call = {"type": "tool_use", "id": _id(part.id), "name": part.name, "input": part.input}
    return [call | cache_field(part.cache)]


def _tool_result(part: ToolResult, chat: Chat, drops: Drops) -> list[Block]:
    blocks = blocks_of(part.parts, chat, drops)
    result: Block = {"type": "tool_result", "tool_use_id": _id(part.call_id)}
    if len(blocks) == 1 and blocks[0].keys() == {"type", "text"}:
        result["content"] = blocks[0]["text"]
    elif blocks:
        result["content"] = blocks
    if part.is_error:
        result["is_error"] = True
    return [result | cache_field(part.cache)]


def _id(call_id: str) -> str:
    return _FOREIGN_ID.sub("_", call_id)


def _foreign(part: Foreign, _chat: Chat, drops: Drops) -> list[Block]:
    if part.wire == "claude":
        return [dict(part.value)]
    drops.add_foreign(part)
    return []


def _audio(part: Audio, chat: Chat, drops: Drops) -> list[Block]:
    if part.id is not None:  # an answer that was spoken earlier: its words stand for it, where they are known
        drops.add("Audio")
        return [{"type": "text", "text": part.transcript}] if part.transcript else []
    raise _unreadable(chat, "Audio", "it does not hear")


def _video(_part: Video, chat: Chat, _drops: Drops) -> list[Block]:
    raise _unreadable(chat, "Video", "it does not watch films")


def _unreadable(chat: Chat, kind: str, why: str) -> InvalidRequestError:
    field = chat.word(kind)
    return InvalidRequestError(f"{field}: {chat.model} can not take this: {why}.", field=field)


_BLOCKS: Mapping[type[Part], Callable[[Any, Chat, Drops], list[Block]]] = {
    Text: _text,
    Refusal: _refusal,
    Image: _image,
    File: _file,
    Thinking: _thinking,
    ToolCall: _tool_use,
    ToolResult: _tool_result,
    Foreign: _foreign,
    Audio: _audio,
    Video: _video,
}
