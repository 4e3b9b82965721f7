"""Content blocks in the Claude wire: one function for each type, found in a table."""

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from tutti.errors import InvalidRequestError
from tutti.families.reading import Reading
from tutti.intents.chat import (
    CacheMark,
    File,
    Foreign,
    Image,
    Media,
    Part,
    Text,
    Thinking,
    ToolCall,
    ToolResult,
)
from tutti.kit import media_types
from tutti.wires import claude_request as wire


def content_of(content: str | list[dict[str, Any]] | None, where: str, reading: Reading) -> tuple[Part, ...]:
    """The parts of a turn, an instruction or a result. Raises `InvalidRequestError` naming the field."""
    if isinstance(content, list):
        return tuple(_block(value, f"{where}[{number}]", reading) for number, value in enumerate(content))
    return (Text(text=content),) if content else ()


def cache_of(mark: wire.CacheControl | None) -> CacheMark | None:
    """A cache mark."""
    return None if mark is None else CacheMark(ttl=mark.ttl)


def _block(value: dict[str, Any], where: str, reading: Reading) -> Part:
    kind = value.get("type")
    if not isinstance(kind, str):
        raise InvalidRequestError(f"{where}.type: Expected str.", field=f"{where}.type")
    read = BLOCKS.get(kind)
    return read(value, where, reading) if read else Foreign(wire="claude", value=value)


def _text(value: dict[str, Any], where: str, reading: Reading) -> Part:
    block = reading.read(wire.TextBlock, value, where)
    return Text(text=block.text, cache=cache_of(block.cache_control), citations=tuple(block.citations or ()))


def _image(value: dict[str, Any], where: str, reading: Reading) -> Part:
    block = reading.read(wire.ImageBlock, value, where)
    return Image(media=_media(block.source, where), cache=cache_of(block.cache_control))


def _document(value: dict[str, Any], where: str, reading: Reading) -> Part:
    block = reading.read(wire.DocumentBlock, value, where)
    source, name, cache = block.source, block.title or "", cache_of(block.cache_control)
    if source.type == "text":
        return File(media=Media(media_type="text/plain"), name=name, text=source.data or "", cache=cache)
    if source.type != "content":
        return File(media=_media(source, where), name=name, cache=cache)
    inner = content_of(source.content, f"{where}.source.content", reading)
    if not all(isinstance(part, Text) for part in inner):
        return Foreign(wire="claude", value=value)
    text = "\n\n".join(part.text for part in inner if isinstance(part, Text))
    return File(media=Media(media_type="text/plain"), name=name, text=text, cache=cache)


def _media(source: wire.Source, where: str) -> Media:
    match source:
        case wire.Source(type="base64", data=str(data)):
            return Media(media_type=media_types.proper(source.media_type), data=data)
        case wire.Source(type="url", url=str(url)):
            return Media(media_type=media_types.by_name(url.partition("?")[0]), url=url)
        case wire.Source(type="file", file_id=str(file_id)):
            return Media(file_id=file_id)
    raise InvalidRequestError(
        f"{where}.source: use base64 with data, url with url, or file with file_id.", field=f"{where}.source"
    )


def _tool_use(value: dict[str, Any], where: str, reading: Reading) -> Part:
    block = reading.read(wire.ToolUseBlock, value, where)
    arguments = msgspec.json.encode(block.input or {}).decode()
    return ToolCall(id=block.id, name=block.name, arguments=arguments, cache=cache_of(block.cache_control))


def _tool_result(value: dict[str, Any], where: str, reading: Reading) -> Part:
    block = reading.read(wire.ToolResultBlock, value, where)
    return ToolResult(
        call_id=block.tool_use_id,
        parts=content_of(block.content, f"{where}.content", reading),
        is_error=bool(block.is_error),
        cache=cache_of(block.cache_control),
    )


def _thinking(value: dict[str, Any], where: str, reading: Reading) -> Part:
    block = reading.read(wire.ThinkingBlock, value, where)
    return Thinking(text=block.thinking, signature=block.signature or None)


def _redacted(value: dict[str, Any], where: str, reading: Reading) -> Part:
    return Thinking(sealed=reading.read(wire.RedactedThinkingBlock, value, where).data)


def _search_result(value: dict[str, Any], where: str, reading: Reading) -> Part:
    """Something found: other wires read it as a document of text."""
    block = reading.read(wire.SearchResultBlock, value, where)
    inner = content_of(block.content, f"{where}.content", reading)
    text = "\n\n".join([block.source, *(part.text for part in inner if isinstance(part, Text))])
    media = Media(media_type="text/plain")
    return File(media=media, name=block.title, text=text, cache=cache_of(block.cache_control))


BLOCKS: Mapping[str, Callable[[dict[str, Any], str, Reading], Part]] = {
    "text": _text,
    "image": _image,
    "document": _document,
    "tool_use": _tool_use,
    "tool_result": _tool_result,
    "thinking": _thinking,
    "redacted_thinking": _redacted,
    "search_result": _search_result,
}
