"""A load generator lean enough to share two cores with the server: prepared bytes out, statuses and times in."""

import asyncio
import random
import re
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field


@dataclass
class Outcome:
    """What came back."""

    # Seconds from request to whole reply, one per reply.
    times_s: list[float] = field(default_factory=list)
    # Replies by HTTP status; 0 counts connections that broke.
    statuses: dict[int, int] = field(default_factory=dict)
    elapsed_s: float = 0.0

    def count(self, status: int) -> None:
        """Note a reply's status, or 0."""
        self.statuses[status] = self.statuses.get(status, 0) + 1

    @property
    def rate(self) -> float:
        """Replies a second."""
        return len(self.times_s) / self.elapsed_s

    def percentile_ms(self, share: float) -> float:
        """The time below which a share (0..1) of the replies stayed, in milliseconds."""
        return sorted(self.times_s)[min(int(share * len(self.times_s)), len(self.times_s) - 1)] * 1000


class _Connection(asyncio.Protocol):
    """Has one request under way; `free` is called when it may send another, at its beginning too."""

    def __init__(self, outcome: Outcome, free: "Callable[[_Connection], None]") -> None:
        self.ended = asyncio.get_running_loop().create_future()
        self._outcome = outcome
        self._free = free
        self._buffer = b""
        self._due_s = 0.0
        self._is_waiting = False

    def send(self, request: bytes, *, due_s: float | None = None) -> None:
        """Ask; the reply's time counts from `due_s` of the monotonic clock, by default from now."""
        self._due_s = time.perf_counter() if due_s is None else due_s
        self._is_waiting = True
        self._transport.write(request)

    def close(self) -> None:
        self._transport.close()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport
        self._free(self)

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        head, mark, body = self._buffer.partition(b"\r\n\r\n")
        if not mark:
            return
        length = re.search(rb"(?i)\r\ncontent-length: *(\d+)", head)
        if len(body) < int(length[1]) if length else not body.endswith(b"0\r\n\r\n"):
            return
        self._buffer = b""
        self._is_waiting = False
        self._outcome.times_s.append(time.perf_counter() - self._due_s)
        self._outcome.count(int(head[9:12]))
        self._free(self)

    def connection_lost(self, error: Exception | None) -> None:
        if self._is_waiting or error is not None:
            self._outcome.count(0)
        self.ended.set_result(None)


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
    """Keep `connections` busy until `requests` gives None: each asks again as soon as it is answered."""
    outcome = Outcome()

    def ask(free: _Connection) -> None:
        request = requests()
        free.close() if request is None else free.send(request)

    started_s = time.perf_counter()
    busy = [await _connected(port, outcome, ask) for _ in range(connections)]
    await asyncio.gather(*(connection.ended for connection in busy))
    outcome.elapsed_s = time.perf_counter() - started_s
    return outcome


async def arrive(port: int, requests: Callable[[], bytes | None], *, per_second: float) -> Outcome:
    """Send each request at a moment of chance, `per_second` on average, however many others are under way.

    So do callers who know nothing of each other, where connections that are kept busy fall into step and come in
    waves. Times count from the moment a request was due: that it left late is part of what its caller waits.
    """
    outcome = Outcome()
    opened: list[_Connection] = []
    free: list[_Connection] = []
    is_over = False

    def rest(connection: _Connection) -> None:
        connection.close() if is_over else free.append(connection)

    started_s = time.perf_counter()
    for due_s in moments(per_second):
        if (request := requests()) is None:
            break
        await asyncio.sleep(started_s + due_s - time.perf_counter())
        if not free:
            opened.append(await _connected(port, outcome, rest))
        free.pop().send(request, due_s=started_s + due_s)
    is_over = True
    for connection in free:
        connection.close()
    await asyncio.gather(*(connection.ended for connection in opened))
    outcome.elapsed_s = time.perf_counter() - started_s
    return outcome


def moments(per_second: float) -> Iterator[float]:
    """Seconds at which a Poisson process happens; the same ones each time, so that all are measured on one."""
    chance = random.Random(1)
    at_s = 0.0
    while True:
        at_s += chance.expovariate(per_second)
        yield at_s


async def _connected(port: int, outcome: Outcome, free: Callable[[_Connection], None]) -> _Connection:
    _, connection = await asyncio.get_running_loop().create_connection(
        lambda: _Connection(outcome, free), "127.0.0.1", port
    )
    return connection
