"""One connection to an upstream: a request goes out, its reply comes in, then the next."""

import asyncio
import zlib
from collections.abc import Callable

import httptools

from tutti.kit.http1.errors import ReplyLostError
from tutti.kit.http1.reply import Reply


class Connection(asyncio.Protocol):
    """Serves one exchange at a time."""

    _transport: asyncio.Transport
    # Done when it has ended.
    ended: asyncio.Future[None]

    def __init__(self, on_free: Callable[["Connection"], None], on_lost: Callable[["Connection"], None]) -> None:
        """`on_free` hears when another request may be sent, `on_lost` when none ever will."""
        self._on_free = on_free
        self._on_lost = on_lost
        self._reply: Reply | None = None
        self.is_open = False
        # When it became free, by the loop's clock.
        self.free_since_s = 0.0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # uvloop's is no other
        """It stands."""
        self._transport = transport
        self.ended = asyncio.get_running_loop().create_future()
        self.is_open = True

    def exchange(self, request: bytes) -> Reply:
        """Send a request; its reply will come."""
        self._reply = Reply(self._hold_back)
        self._transport.write(request)
        return self._reply

    def data_received(self, data: bytes) -> None:
        """More of a reply."""
        reply = self._reply
        if reply is None:  # nobody asked for anything
            self.abort()
            return
        try:
            reply.feed(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade, ReplyLostError, zlib.error) as error:
            reply.fail(ReplyLostError(f"what came is no reply: {error}"))
            self.abort()
            return
        if reply.is_complete:
            self._reply = None
            if reply.may_stay_open and not self._transport.get_write_buffer_size():
                self._on_free(self)
            else:
                self.is_open = False
                self._transport.close()

    def connection_lost(self, error: Exception | None) -> None:
        """It has ended, by whichever side."""
        self.is_open = False
        if not self.ended.done():
            self.ended.set_result(None)
        if self._reply is not None:
            self._reply.end() if error is None else self._reply.fail(ReplyLostError(str(error)))
        self._on_lost(self)

    def abort(self) -> None:
        """Close it at once, whatever is under way."""
        self.is_open = False
        self._transport.abort()

    def _hold_back(self, is_held: bool) -> None:  # noqa: FBT001 - a callback
        if self.is_open:
            self._transport.pause_reading() if is_held else self._transport.resume_reading()
