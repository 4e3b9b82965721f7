"""How the chunks of a stream are put on the line: as server-sent events, or as the items of one JSON array.

The SDK's reader of events takes lines that begin with "data: " and nothing else: no names, no comments, no [DONE]; an
empty line is the only thing that keeps a connection alive. Without alt=sse Google tells one array, item by item.
"""

from typing import Protocol


class Frames(Protocol):
    """Puts chunks on the line."""

    def chunk(self, data: bytes) -> bytes:
        """One more chunk; `data` is JSON."""
        ...

    def end(self) -> bytes:
        """What closes the stream."""
        ...


class EventFrames:
    """Server-sent events."""

    def chunk(self, data: bytes) -> bytes:
        """One event."""
        return b"data: " + data + b"\r\n\r\n"

    def end(self) -> bytes:
        """Nothing: the end of the body is the end."""
        return b""


class ArrayFrames:
    """One JSON array."""

    def __init__(self) -> None:
        """Begin an array."""
        self._is_open = False

    def chunk(self, data: bytes) -> bytes:
        """One item."""
        head, self._is_open = (b",\r\n" if self._is_open else b"["), True
        return head + data

    def end(self) -> bytes:
        """The closing bracket."""
        return b"]" if self._is_open else b"[]"
