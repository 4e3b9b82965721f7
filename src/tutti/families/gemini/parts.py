"""The parts of a content, one function for each kind; a part is known by which of its fields is there."""

import binascii
from base64 import b64decode
from collections.abc import Callable, Iterable, Iterator
from typing import Any
from urllib.parse import urlsplit

import msgspec

from tutti.errors import InvalidRequestError
from tutti.families.reading import Reading, convert
from tutti.intents.chat import File, Foreign, Media, Part, Text, Thinking, ToolCall, ToolResult
from tutti.intents.documents import by_type
from tutti.intents.seals import CLAUDE, GEMINI, RESPONSES, name_seal, owner_of
from tutti.kit.media_types import by_name
from tutti.wires import gemini

# Thoughts of another vendor that only it can read, which came to the caller as a seal; see `to_caller.py`.
SEALED = "sealed"


class Calls:
    """Gives calls without ids one, and finds the call that a result belongs to: by name and order."""

    def __init__(self) -> None:
        """Begin a conversation."""
        self._count = 0
        # Calls that wait for their result: id and name.
        self._waiting: list[tuple[str, str]] = []

    def call(self, call: gemini.FunctionCall) -> str:
        """The id of a call: no other of the conversation has it."""
        self._count += 1
        call_id = call.id or f"call_{self._count}"
        self._waiting.append((call_id, call.name))
        return call_id

    def result(self, result: gemini.FunctionResponse, at: str) -> str:
        """The id of the call that has this result. Raises `InvalidRequestError` when none waits for it."""
        for waiting in self._waiting:
            if waiting[0] == result.id or (not result.id and waiting[1] == result.name):
                self._waiting.remove(waiting)
                return waiting[0]
        if result.id:
            # The call lies in a turn that the caller no longer sends.
            return result.id
        raise InvalidRequestError(f"{at}: no call of {result.name!r} waits for a response.", field=at)


def parts_of(parts: list[dict[str, Any]] | None, at: str, calls: Calls, reading: Reading) -> tuple[Part, ...]:
    """The parts of a content that stands at a place of the body. Raises `InvalidRequestError`."""
    told = (
        part_told
        for number, part in enumerate(parts or ())
        for part_told in _part(part, f"{at}.parts[{number}]", calls, reading)
    )
    return tuple(_whole_thoughts(told))


def _whole_thoughts(parts: Iterable[Part]) -> Iterator[Part]:
    """The parts with thoughts in one piece that came in many, with another vendor's seal behind them: it is for all."""
    run: list[Thinking] = []
    for part in parts:
        if isinstance(part, Thinking) and part.text and part.signature is None:
            run.append(part)
            continue
        if run and isinstance(part, Thinking) and _is_foreign_seal(part):
            yield Thinking(text="".join(thought.text for thought in run), signature=part.signature)
        else:
            yield from run
            yield part
        run = []
    yield from run


def _is_foreign_seal(part: Thinking) -> bool:
    return not part.text and part.signature is not None and owner_of(part.signature) != GEMINI


def _part(part: dict[str, Any], at: str, calls: Calls, reading: Reading) -> Iterator[Part]:
    seal = _seal(part, at)
    for name in ("videoMetadata", "mediaResolution"):
        if name in part:
            reading.drop(f"{at}.{name}")
    kind = next((name for name in _KINDS if name in part), None)
    if kind is None:
        if not part:
            raise InvalidRequestError(f"{at} is empty.", field=at)
        yield Foreign(wire="gemini", value=part)
    elif kind == "text" and convert(gemini.TextPart, part, at).thought:
        yield _thought(part["text"], seal)
    elif kind == "functionCall":
        yield _call(convert(gemini.FunctionCall, part[kind], f"{at}.{kind}"), seal, calls)
    else:
        if not (kind == "text" and seal and part[kind] == ""):
            yield _KINDS[kind](part[kind], f"{at}.{kind}", calls)
        if seal:
            # Nothing else carries a seal: it stands by itself, behind the words that it closes.
            yield Thinking(signature=seal)


def _seal(part: dict[str, Any], at: str) -> str | None:
    """The seal of a part, with its owner's name: others' seals came to the caller in base64 once more."""
    value = part.get("thoughtSignature")
    if value is None:
        return None
    if not isinstance(value, str):
        raise InvalidRequestError(f"{at}.thoughtSignature must be a string.", field=f"{at}.thoughtSignature")
    try:
        inner = b64decode(value).decode("ascii")
    except (binascii.Error, UnicodeDecodeError, ValueError):
        return name_seal(GEMINI, value)
    wire, colon, rest = inner.partition(":")
    if colon and wire == CLAUDE:
        return rest
    return inner if colon and wire in {RESPONSES, SEALED} else name_seal(GEMINI, value)


def _thought(text: str, seal: str | None) -> Thinking:
    if seal is not None and seal.startswith(SEALED + ":"):
        return Thinking(sealed=seal.removeprefix(SEALED + ":"))
    return Thinking(text=text, signature=seal)


def _call(call: gemini.FunctionCall, seal: str | None, calls: Calls) -> ToolCall:
    arguments = msgspec.json.encode(call.args or {}).decode()
    return ToolCall(id=calls.call(call), name=call.name, arguments=arguments, signature=seal)


def _text(value: Any, _: str, __: Calls) -> Part:
    return Text(text=value)


def _inline(value: Any, at: str, _: Calls) -> Part:
    blob = convert(gemini.Blob, value, at)
    # The SDK may write base64 in the alphabet of addresses.
    data = blob.data.replace("-", "+").replace("_", "/")
    return by_type(File(media=Media(media_type=blob.mime_type, data=data)))


def _by_address(value: Any, at: str, _: Calls) -> Part:
    file = convert(gemini.FileData, value, at)
    host, path = urlsplit(file.file_uri).netloc, urlsplit(file.file_uri).path
    kind = file.mime_type or by_name(path) or ("video/*" if "youtu" in host else "")
    is_kept = not host.startswith("www.") and ("/files/" in path and host.endswith("googleapis.com"))
    if is_kept or not file.file_uri.startswith(("http://", "https://")):
        return by_type(File(media=Media(media_type=kind, file_id=file.file_uri)))
    return by_type(File(media=Media(media_type=kind, url=file.file_uri)))


def _result(value: Any, at: str, calls: Calls) -> Part:
    result = convert(gemini.FunctionResponse, value, at)
    response = result.response or {}
    text, is_error = msgspec.json.encode(response).decode(), False
    # "output" and "error" are Google's own names for results that are no objects.
    if len(response) == 1:
        name, only = next(iter(response.items()))
        if name in {"output", "error"} and isinstance(only, str):
            text, is_error = only, name == "error"
    files = parts_of(result.parts, at, calls, Reading())
    return ToolResult(
        call_id=calls.result(result, at), name=result.name, parts=(Text(text=text), *files), is_error=is_error
    )


def _own(name: str) -> Callable[[Any, str, Calls], Part]:
    """A kind that only this wire knows."""

    def kept(value: Any, _: str, __: Calls) -> Part:
        return Foreign(wire="gemini", value={name: value})

    return kept


_KINDS: dict[str, Callable[[Any, str, Calls], Part]] = {
    "text": _text,
    "inlineData": _inline,
    "fileData": _by_address,
    "functionCall": _own("functionCall"),
    "functionResponse": _result,
    "executableCode": _own("executableCode"),
    "codeExecutionResult": _own("codeExecutionResult"),
}
