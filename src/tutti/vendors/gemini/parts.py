"""The parts of a turn in the Gemini wire, one function for each kind."""

from base64 import b64decode
from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeGuard

import msgspec

from tutti.errors import InvalidRequestError
from tutti.intents.chat import (
    Audio,
    File,
    Foreign,
    Image,
    Media,
    Message,
    Part,
    Refusal,
    Text,
    Thinking,
    ToolCall,
    ToolResult,
    Video,
)
from tutti.intents.documents import titled
from tutti.intents.seals import GEMINI, seal_for
from tutti.kit import sniff
from tutti.vendors.drops import Drops

# Ids of this form were made here, since most of its calls have none: it is not to be shown ids that it never gave.
MADE_ID = "call_"
# What a file is taken for that does not tell it.
_USUAL = {Image: "image/png", Audio: "audio/wav", Video: "video/mp4", File: "application/pdf"}


class Turns:
    """Writes the turns of one conversation: results of tools find the names of their calls in it."""

    def __init__(self, messages: Sequence[Message], drops: Drops) -> None:
        """Take the whole conversation."""
        self._names = {
            part.id: part.name for message in messages for part in message.parts if isinstance(part, ToolCall)
        }
        self.drops = drops

    def write(self, parts: Sequence[Part]) -> Iterator[dict[str, Any]]:
        """The parts of one turn; a seal that stands alone is put on the words before it."""
        last: dict[str, Any] | None = None
        for part in parts:
            if last is not None and "text" in last and "thoughtSignature" not in last and _is_bare_seal(part):
                last.update(self.seal(part))
                continue
            for told in _WRITERS[type(part)](self, part):
                if last is not None:
                    yield last
                last = told
        if last is not None:
            yield last

    def name_of(self, result: ToolResult) -> str:
        """The name of the function whose result this is. Raises `InvalidRequestError`."""
        name = result.name or self._names.get(result.call_id)
        if not name:
            raise InvalidRequestError(
                f"The result of the tool call {result.call_id!r} has no call before it, and this model knows calls by "
                "the names of their functions: send the assistant's message with the call too.",
                field=self.drops.word("ToolResult"),
            )
        return name

    def seal(self, part: Thinking | ToolCall) -> dict[str, Any]:
        """The field that holds the part's seal, where it is this wire's own."""
        seal = seal_for(GEMINI, part.signature)
        if seal is not None:
            return {"thoughtSignature": seal}
        if part.signature is not None:
            self.drops.add(type(part).__name__, "seal")
        return {}


def _text(turns: Turns, part: Text | Refusal) -> Iterator[dict[str, Any]]:
    if isinstance(part, Text) and part.cache is not None:
        turns.drops.add("CacheMark")
    if isinstance(part, Text) and part.citations:
        turns.drops.add("Text.citations")
    yield {"text": part.text}


def _thinking(turns: Turns, part: Thinking) -> Iterator[dict[str, Any]]:
    if part.sealed is not None:
        turns.drops.add("Thinking", "sealed")
        return
    seal = turns.seal(part)
    if part.text:
        yield {"text": part.text, "thought": True, **seal}
    elif seal:
        yield {"text": "", **seal}


def _call(turns: Turns, part: ToolCall) -> Iterator[dict[str, Any]]:
    if part.cache is not None:
        turns.drops.add("CacheMark")
    call: dict[str, Any] = {"name": part.name, "args": _arguments(part.arguments)}
    if not part.id.startswith(MADE_ID):
        call = {"id": part.id, **call}
    yield {"functionCall": call, **turns.seal(part)}


def _result(turns: Turns, part: ToolResult) -> Iterator[dict[str, Any]]:
    if part.cache is not None:
        turns.drops.add("CacheMark")
    text = "".join(told.text for told in part.parts if isinstance(told, Text))
    response: dict[str, Any] = {"name": turns.name_of(part), "response": _response(text, is_error=part.is_error)}
    if not part.call_id.startswith(MADE_ID):
        response = {"id": part.call_id, **response}
    yield {"functionResponse": response}
    # Only the newest models take files inside of results; beside them all do.
    yield from turns.write([file for file in part.parts if not isinstance(file, Text)])


def _file_part(turns: Turns, part: Image | Audio | Video | File) -> Iterator[dict[str, Any]]:
    for name, is_lost in _lost_of_file(part):
        if is_lost:
            turns.drops.add(name)
    if isinstance(part, File) and part.text is not None:
        yield {"text": titled(part.name, part.text)}
    elif part.media == Media():
        # An earlier spoken answer, which its vendor keeps.
        turns.drops.add(type(part).__name__)
    else:
        yield _file(part.media, _type_of(part), turns.drops.word(type(part).__name__))


def _foreign(turns: Turns, part: Foreign) -> Iterator[dict[str, Any]]:
    if part.wire == GEMINI:
        yield dict(part.value)
    else:
        turns.drops.add_foreign(part)


_WRITERS: dict[type[Part], Callable[[Turns, Any], Iterator[dict[str, Any]]]] = {
    Text: _text,
    Refusal: _text,
    Thinking: _thinking,
    ToolCall: _call,
    ToolResult: _result,
    Image: _file_part,
    Audio: _file_part,
    Video: _file_part,
    File: _file_part,
    Foreign: _foreign,
}


def _is_bare_seal(part: Part) -> TypeGuard[Thinking]:
    return isinstance(part, Thinking) and not part.text and seal_for(GEMINI, part.signature) is not None


def _arguments(text: str) -> dict[str, Any]:
    """The arguments of a call as an object; those that are none are kept as they stand, under a name."""
    try:
        arguments = msgspec.json.decode(text or "{}")
    except (msgspec.DecodeError, RecursionError):
        arguments = None
    return arguments if isinstance(arguments, dict) else {"arguments": text}


def _response(text: str, *, is_error: bool) -> dict[str, Any]:
    """A result as an object: one that is none goes under the names that Google gives to such."""
    if is_error:
        return {"error": text}
    try:
        value = msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError):
        value = None
    return value if isinstance(value, dict) else {"output": text}


def _lost_of_file(part: Image | Audio | Video | File) -> Iterator[tuple[str, bool]]:
    yield "CacheMark", isinstance(part, Image | File) and part.cache is not None
    if isinstance(part, Image):
        yield "Image.detail", part.detail not in {None, "auto"}
    if isinstance(part, File):
        yield "File.name", bool(part.name) and part.text is None


def _type_of(part: Image | Audio | Video | File) -> str:
    media = part.media
    if media.media_type and not media.media_type.endswith("/*"):
        return media.media_type
    sniffed = sniff.media_type(_head(media.data)) if media.data else sniff.OCTETS
    return _USUAL[type(part)] if sniffed == sniff.OCTETS else sniffed


def _head(data: str) -> bytes:
    """The first bytes of base64; nothing when it is none."""
    try:
        return b64decode(data[: 2 * sniff.HEAD_BYTES])
    except ValueError:
        return b""


def _file(media: Media, media_type: str, field: str) -> dict[str, Any]:
    if media.data is not None:
        return {"inlineData": {"mimeType": media_type, "data": media.data}}
    address = media.url or media.file_id or ""
    if media.file_id is not None and "://" not in media.file_id:
        raise InvalidRequestError(
            f"{field}: the file {media.file_id!r} lies at another vendor; send its content or its address.", field=field
        )
    file = {"fileUri": address}
    if media.media_type and not media.media_type.endswith("/*"):
        file["mimeType"] = media.media_type
    return {"fileData": file}
