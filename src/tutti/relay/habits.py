"""Habits of callers that some upstreams understand and others do not.

V-API's models of some names promise to read the files whose addresses stand in the words of a turn, and parts of the
type `file_url` hold an address too. Pictures are named by their address, which not all fetch. What an upstream
understands says its row; here it is put into words that all know.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Any

import msgspec

from tutti.intents.chat import Chat, File, Image, Media, Message, Part, Text
from tutti.intents.documents import by_type, is_text
from tutti.kit import media_types, text_addresses
from tutti.kit.name_patterns import fits
from tutti.kit.text_addresses import Address

_READERS = ("*-all", "*-gizmo-*")
_DOCUMENTS = media_types.OFFICE | {"application/pdf"}
# A page is browsed, not read as a file.
_PAGE = "text/html"


class _Turn(msgspec.Struct, frozen=True):
    content: object = None


class _Turns(msgspec.Struct, frozen=True):
    messages: tuple[_Turn, ...] = ()


_turns = msgspec.json.Decoder(_Turns)


@lru_cache(maxsize=1024)
def reads_addresses(model: str) -> bool:
    """Whether a name promises that addresses in plain words are read: gpt-4o-all, gpt-4-gizmo-g-..."""
    return fits(model.lower(), _READERS)


def with_files_for_addresses(chat: Chat) -> Chat:
    """The addresses of pictures and documents in what users say as parts of their own; the same chat without any.

    Other addresses stay words. Words stay in order, without the spaces that set an address off.
    """
    messages = tuple(_told(message) if message.role == "user" else message for message in chat.messages)
    return chat if messages == chat.messages else replace(chat, messages=messages)


def has_file_urls(body: bytes) -> bool:
    """Whether a turn of a request in the OpenAI wire holds a `file_url`."""
    return b'"file_url"' in body and any(part.get("type") == "file_url" for part in _parts_in(body))


def has_picture_addresses(body: bytes) -> bool:
    """Whether a turn of a request in the OpenAI wire holds a picture by its address."""
    return b'"image_url"' in body and any(_is_by_address(part.get("image_url")) for part in _parts_in(body))


def _parts_in(body: bytes) -> Iterator[Mapping[str, Any]]:
    """The parts of all turns."""
    try:
        turns = _turns.decode(body).messages
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return  # the upstream says what is wrong with it
    for turn in turns:
        if isinstance(turn.content, list):
            yield from (part for part in turn.content if isinstance(part, dict))


def _is_by_address(source: object) -> bool:
    """Whether the source of a picture, plain or in an object, is an address."""
    url = source.get("url") if isinstance(source, dict) else source
    return isinstance(url, str) and url.lstrip()[:8].lower().startswith(("http://", "https://"))


def _told(message: Message) -> Message:
    parts = [part for given in message.parts for part in (_parted(given) if isinstance(given, Text) else (given,))]
    return message if tuple(parts) == message.parts else replace(message, parts=tuple(parts))


def _parted(part: Text) -> list[Part]:
    """A text in pieces; itself where it names no file."""
    pieces = list(_pieces(part.text))
    if not any(isinstance(piece, File | Image) for piece in pieces):
        return [part]
    if part.cache and isinstance(pieces[-1], Text | File | Image):
        pieces[-1] = replace(pieces[-1], cache=part.cache)
    return pieces


def _pieces(text: str) -> Iterator[Part]:
    words = ""
    for piece in text_addresses.split(text):
        file = _file_at(piece) if isinstance(piece, Address) else None
        if file is None:
            words += piece.url if isinstance(piece, Address) else piece
            continue
        yield from _said(words)
        yield file
        words = ""
    yield from _said(words)


def _said(words: str) -> Iterator[Text]:
    """Words between files; spaces alone are refused by some upstreams."""
    if words.strip():
        yield Text(text=words.strip())


def _file_at(address: Address) -> Part | None:
    """The picture or document at an address, by its name; None for what may be anything."""
    name = address.file_name
    media_type = media_types.by_name(name) if "." in name else ""
    is_document = media_type in _DOCUMENTS or (is_text(media_type) and media_type != _PAGE)
    if not is_document and not media_type.startswith("image/"):
        return None
    return by_type(File(media=Media(media_type=media_type, url=address.url), name=name))
