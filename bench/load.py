"""A load generator lean enough to share two cores with the server: prepared bytes out, statuses and times in."""

import asyncio
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field


@dataclass
class Outcome:
    """What came back."""

    # Seconds from request to whole reply, one per reply.
    times_s: list[float] = field(default_factory=list)
    # Replies by HTTP status; 0 counts connections that broke.
    statuses: dict[int, int] = field(default_factory=dict)
    elapsed_s: float = 0.0

    @property
    def rate(self) -> float:
        """Replies a second."""
        return len(self.times_s) / self.elapsed_s

    def percentile_ms(self, share: float) -> float:
        """The time below which a share (0..1) of the replies stayed, in milliseconds."""
        return sorted(self.times_s)[min(int(share * len(self.times_s)), len(self.times_s) - 1)] * 1000


class _Connection(asyncio.Protocol):
    """Sends the next request as soon as a reply is whole."""

    def __init__(self, next_request: Callable[[], bytes | None], outcome: Outcome, finished: asyncio.Future) -> None:
        self._next_request = next_request
        self._outcome = outcome
        self._finished = finished
        self._buffer = b""
        self._sent_at = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport
        self._send()

    def _send(self) -> None:
        request = self._next_request()
        if request is None:
            self._transport.close()
            return
        self._sent_at = time.perf_counter()
        self._transport.write(request)

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        head, mark, body = self._buffer.partition(b"\r\n\r\n")
        if not mark:
            return
        length = re.search(rb"(?i)\r\ncontent-length: *(\d+)", head)
        if len(body) < int(length[1]) if length else not body.endswith(b"0\r\n\r\n"):
            return
        self._buffer = b""
        status = int(head[9:12])
        self._outcome.times_s.append(time.perf_counter() - self._sent_at)
        self._outcome.statuses[status] = self._outcome.statuses.get(status, 0) + 1
        self._send()

    def connection_lost(self, error: Exception | None) -> None:
        if error is not None:
            self._outcome.statuses[0] = self._outcome.statuses.get(0, 0) + 1
        if not self._finished.done():
            self._finished.set_result(None)


def request_bytes(
    method: str, path: str, *, key: str, body: bytes = b"", headers: Mapping[str, str] | None = None
) -> bytes:
    """One HTTP/1.1 request on a kept connection."""
    head = f"{method} {path} HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {key}\r\n"
    head += "".join(f"{name}: {value}\r\n" for name, value in (headers or {}).items())
    if body:
        head += f"content-type: application/json\r\ncontent-length: {len(body)}\r\n"
    return head.encode() + b"\r\n" + body


def repeat(request: bytes, count: int) -> Callable[[], bytes | None]:
    """The same request so many times."""
    left = iter(range(count))
    return lambda: None if next(left, None) is None else request


async def fire(port: int, requests: Callable[[], bytes | None], *, connections: int) -> Outcome:
    """Keep `connections` busy until `requests` gives None."""
    loop = asyncio.get_running_loop()
    outcome = Outcome()
    finished = [loop.create_future() for _ in range(connections)]
    started = time.perf_counter()
    for future in finished:
        await loop.create_connection(lambda done=future: _Connection(requests, outcome, done), "127.0.0.1", port)
    await asyncio.gather(*finished)
    outcome.elapsed_s = time.perf_counter() - started
    return outcome
