"""Forms with files (multipart/form-data, RFC 7578), read as they come: bytes in, events out, no more kept than needed.

Wherever the bytes are cut into chunks, the events say the same.
"""

import re
from dataclasses import dataclass
from enum import Enum, auto

# A part's head holds two or three short lines; more is no form of a browser's.
_MOST_HEAD_BYTES = 8192
_MOST_PARTS = 100

_BOUNDARY = re.compile(r'boundary=(?:"([^"]{1,70})"|([^\s;"]{1,70}))', re.IGNORECASE)
_PARAMETER = re.compile(r'\b(name|filename)="((?:[^"\\]|\\.)*)"', re.IGNORECASE)


class MultipartError(ValueError):
    """The body is no multipart form."""


@dataclass(frozen=True, slots=True)
class PartBegan:
    """A field begins; one with a file name is a file."""

    name: str
    filename: str | None


@dataclass(frozen=True, slots=True)
class PartData:
    """Some bytes of the field that began last."""

    content: bytes


@dataclass(frozen=True, slots=True)
class PartEnded:
    """The field that began last is whole."""


Event = PartBegan | PartData | PartEnded


class _State(Enum):
    PREAMBLE = auto()  # before the first boundary
    EDGE = auto()  # behind a boundary: another part or the end
    HEAD = auto()  # the lines before a part's content
    BODY = auto()  # a part's content
    END = auto()  # behind the last boundary; the rest is ignored


def boundary_of(content_type: str) -> bytes:
    """The boundary that a Content-Type names. Raises `MultipartError`."""
    match = _BOUNDARY.search(content_type)
    if not content_type.lower().startswith("multipart/form-data") or match is None:
        raise MultipartError("The Content-Type is not multipart/form-data with a boundary.")
    return (match[1] or match[2]).encode("latin-1")


class MultipartReader:
    """Reads one body."""

    def __init__(self, boundary: bytes) -> None:
        self._delimiter = b"\r\n--" + boundary
        # The first boundary stands without a line break before it.
        self._buffer = b"\r\n"
        self._state = _State.PREAMBLE
        self._parts = 0

    @property
    def is_done(self) -> bool:
        """Whether the last boundary was seen."""
        return self._state is _State.END

    def feed(self, chunk: bytes) -> list[Event]:
        """What the next bytes say. Raises `MultipartError`."""
        self._buffer += chunk
        events: list[Event] = []
        while self._step(events):
            pass
        return events

    def _step(self, events: list[Event]) -> bool:
        """Take one thing off the buffer; False when more bytes are needed."""
        match self._state:
            case _State.PREAMBLE | _State.BODY:
                return self._content(events)
            case _State.EDGE:
                return self._edge()
            case _State.HEAD:
                return self._head(events)
            case _State.END:
                self._buffer = b""
                return False

    def _content(self, events: list[Event]) -> bool:
        """Everything up to the next boundary, or as much of it as is surely none of it."""
        at = self._buffer.find(self._delimiter)
        end = at if at >= 0 else max(len(self._buffer) - len(self._delimiter) + 1, 0)
        if self._state is _State.BODY:
            if end:
                events.append(PartData(self._buffer[:end]))
            if at >= 0:
                events.append(PartEnded())
        self._buffer = self._buffer[end:]
        if at < 0:
            return False
        self._buffer = self._buffer[len(self._delimiter) :]
        self._state = _State.EDGE
        return True

    def _edge(self) -> bool:
        if len(self._buffer) < 2:
            return False
        mark, self._buffer = self._buffer[:2], self._buffer[2:]
        if mark == b"--":
            self._state = _State.END
        elif mark == b"\r\n":
            self._state = _State.HEAD
        else:
            raise MultipartError("A boundary of the form is not followed by a line break.")
        return True

    def _head(self, events: list[Event]) -> bool:
        end = self._buffer.find(b"\r\n\r\n")
        if max(end, len(self._buffer) if end < 0 else 0) > _MOST_HEAD_BYTES:
            raise MultipartError("A field of the form has too long a head.")
        if end < 0:
            return False
        self._parts += 1
        if self._parts > _MOST_PARTS:
            raise MultipartError(f"The form has more than {_MOST_PARTS} fields.")
        events.append(_began(self._buffer[:end].decode("utf-8", "replace")))
        self._buffer = self._buffer[end + 4 :]
        self._state = _State.BODY
        return True


def _began(head: str) -> PartBegan:
    lines = [line for line in head.split("\r\n") if line.lower().startswith("content-disposition:")]
    found = {name.lower(): _unescaped(value) for name, value in _PARAMETER.findall(lines[0])} if lines else {}
    if "name" not in found:
        raise MultipartError("A field of the form has no name.")
    return PartBegan(found["name"], found.get("filename"))


def _unescaped(value: str) -> str:
    return re.sub(r"\\(.)", r"\1", value)
