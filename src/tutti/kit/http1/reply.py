"""One reply, filled by the connection that it comes over and read by whoever sent the request."""

import asyncio
import zlib
from collections import deque
from collections.abc import Callable

import httptools

from tutti.kit.http1.errors import Http1Error, ReplyLostError

# Bytes of a head.
_MOST_HEAD = 262_144
# Bytes of a body that wait to be read, over which the upstream is made to wait.
_HIGH_WATER = 262_144
# zlib reads either container by itself.
_ZLIB_ANY = 47
_INFORMATIONAL = 200


class Reply:
    """Head and body; the methods that begin with `on_` are for the parser."""

    def __init__(self, hold_back: Callable[[bool], None]) -> None:
        """`hold_back` stops and lets go the flow of further bytes."""
        self._hold_back = hold_back
        self._is_held_back = False
        self._parser = httptools.HttpResponseParser(self)
        self._headers: list[tuple[bytes, bytes]] = []
        self._head_bytes = 0
        self._pieces: deque[bytes] = deque()
        self._waiting_bytes = 0
        self._waiter: asyncio.Future[None] | None = None
        self._wants_all = False
        self._error: Http1Error | None = None
        self._unpack: Callable[[bytes], bytes] | None = None
        # Whether the head says where the body ends; if not, it ends with the connection.
        self._has_end = False
        self.status = 0
        self.is_complete = False
        self.may_stay_open = False

    @property
    def has_more(self) -> bool:
        """Whether `chunk` has an answer at once."""
        return bool(self._pieces) or self.is_complete

    def header(self, name: str) -> str | None:
        """The first value of a header, its name in lower case."""
        wanted = name.encode("latin-1")
        return next((value.decode("latin-1") for key, value in self._headers if key == wanted), None)

    async def head(self) -> None:
        """Wait for the head. Raises `ReplyLostError`."""
        while not self.status:
            await self._wait()

    async def read(self) -> bytes:
        """All of the body that was not read. Raises `ReplyLostError` when it is cut."""
        self._wants_all = True
        self._let_go()
        while not self.is_complete:
            await self._wait()
        body = b"".join(self._pieces)
        self._pieces.clear()
        return body

    async def chunk(self) -> bytes | None:
        """The next piece of the body, None at its end. Raises `ReplyLostError` when it is cut."""
        while not self._pieces:
            if self.is_complete:
                return None
            await self._wait()
        piece = self._pieces.popleft()
        self._waiting_bytes -= len(piece)
        self._let_go()
        return piece

    def feed(self, data: bytes) -> None:
        """Bytes from the connection. Raises `httptools.HttpParserError` for what is no reply."""
        self._parser.feed_data(data)
        if self.is_complete:
            del self._parser  # it holds us as we hold it
            self._let_go()  # what comes next over the connection is not ours
        if self._waiter is not None and (self.is_complete or not self._wants_all):
            self._wake()

    def end(self) -> None:
        """The connection has ended."""
        if self.status and not self._has_end:
            self.is_complete = True
            self._wake()
        else:
            self.fail(ReplyLostError("the connection was closed"))

    def fail(self, error: Http1Error) -> None:
        """Nothing more will come; what did is still read."""
        if not self.is_complete and self._error is None:
            self._error = error
            self._wake()

    def on_header(self, name: bytes, value: bytes) -> None:
        """A header of the reply, or one behind its body."""
        self._head_bytes += len(name) + len(value)
        if self._head_bytes > _MOST_HEAD:
            raise ReplyLostError("the head of the reply is too long")
        name = name.lower()
        self._headers.append((name, value))
        if name in {b"content-length", b"transfer-encoding"}:
            self._has_end = True
        elif name == b"content-encoding" and value.lower() in {b"gzip", b"deflate"}:
            self._unpack = zlib.decompressobj(_ZLIB_ANY).decompress

    def on_headers_complete(self) -> None:
        """The head is there."""
        status = self._parser.get_status_code()
        if status >= _INFORMATIONAL:
            self.status = status
        else:  # what follows is the reply
            self._headers.clear()

    def on_body(self, body: bytes) -> None:
        """A piece of the body."""
        if self._unpack is not None:
            body = self._unpack(body)
        self._pieces.append(body)
        self._waiting_bytes += len(body)
        if self._waiting_bytes > _HIGH_WATER and not self._wants_all and not self._is_held_back:
            self._is_held_back = True
            self._hold_back(True)

    def on_message_complete(self) -> None:
        """The reply ends here, unless it was only said that one will come."""
        if self.status:
            self.is_complete = True
            self.may_stay_open = self._parser.should_keep_alive()

    def _let_go(self) -> None:
        is_wanted = self._wants_all or self.is_complete or self._waiting_bytes <= _HIGH_WATER // 2
        if self._is_held_back and is_wanted:
            self._is_held_back = False
            self._hold_back(False)

    async def _wait(self) -> None:
        if self._error is not None:
            raise self._error
        self._waiter = asyncio.get_running_loop().create_future()
        try:
            await self._waiter
        finally:
            self._waiter = None

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)
