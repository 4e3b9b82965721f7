"""Server-sent events, read as they come: chunk borders may lie anywhere.

https://html.spec.whatwg.org/multipage/server-sent-events.html, without ids and retry times, which no wire here uses.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple


class ServerEvent(NamedTuple):
    """One event."""

    # The event line; empty without one.
    name: str
    # The data lines, joined by line feeds.
    data: bytes


class EventReader:
    """Takes bytes, gives events."""

    def __init__(self, *, longest_event_bytes: int = 64 * 1024 * 1024) -> None:
        """An event over `longest_event_bytes` raises `ValueError`."""
        self._rest = b""
        self._longest = longest_event_bytes

    def feed(self, chunk: bytes) -> Sequence[ServerEvent]:
        """The events that this chunk completes. Raises `ValueError` for one that is too long."""
        if not self._rest and _is_one_line(chunk):
            return (ServerEvent("", chunk[6:-2]),)
        # A carriage return kept back may be half of a line end that this chunk completes.
        is_half = self._rest.endswith(b"\r")
        self._rest += chunk
        if is_half or b"\r" in chunk:
            self._unify_line_ends()
        *blocks, self._rest = self._rest.split(b"\n\n")
        if len(self._rest) > self._longest:
            raise ValueError(f"an event is longer than {self._longest} bytes")
        return _events(blocks)

    def end(self) -> Sequence[ServerEvent]:
        """An event whose closing empty line never came: some upstreams leave it out."""
        rest, self._rest = self._rest, b""
        return _events([rest.replace(b"\r", b"\n")])

    def _unify_line_ends(self) -> None:
        # A carriage return at the very end may be half of a line end.
        is_half = self._rest.endswith(b"\r")
        text = self._rest[:-1] if is_half else self._rest
        self._rest = text.replace(b"\r\n", b"\n").replace(b"\r", b"\n") + (b"\r" if is_half else b"")


def _is_one_line(chunk: bytes) -> bool:
    """Whether a chunk is one whole event of one line of data, as most are."""
    return (
        chunk.startswith(b"data: ")
        and chunk.find(b"\n") == len(chunk) - 2
        and chunk.endswith(b"\n")
        and b"\r" not in chunk
    )


def _events(blocks: Iterable[bytes]) -> list[ServerEvent]:
    """Those of some blocks of lines."""
    return [event for event in map(_event, blocks) if event is not None]


def _event(block: bytes) -> ServerEvent | None:
    """The event of a block of lines, None for comments and blocks without data."""
    if block.startswith(b"data: ") and b"\n" not in block:  # by far the most
        return ServerEvent("", block[6:])
    name = ""
    data: list[bytes] = []
    for line in block.split(b"\n"):
        field, _, value = line.partition(b":")
        value = value.removeprefix(b" ")
        if field == b"data":
            data.append(value)
        elif field == b"event":
            name = value.decode("utf-8", "replace")
    return ServerEvent(name, b"\n".join(data)) if data else None
