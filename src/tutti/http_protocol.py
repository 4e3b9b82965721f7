"""HTTP connections with bounds that the server library does not set: on the size of a request's head, and on its time.

Bodies have their bounds where they are read; a client that does not read is left by the kernel, see `server.py`.
"""

import asyncio
from asyncio import TimerHandle
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

# Keys, cookies of proxies and traces fit well; proxies before us take 8 to 32 KiB.
MOST_HEAD_BYTES = 65_536
# From the connection, or the first byte of a further request, to the end of its head.
HEAD_TIMEOUT_S = 30.0

_take_header = HttpToolsProtocol.on_header

_TOO_LARGE = (
    b'{"error":{"message":"The head of the request is longer than 65536 bytes.","type":"invalid_request_error",'
    b'"param":"","code":"head_too_large"}}'
)


class HeadTooLargeError(Exception):
    """More than a head may have."""


class GuardedHttp(HttpToolsProtocol):
    """One connection."""

    head_timeout_s = HEAD_TIMEOUT_S

    _head_bytes = 0
    _head_timer: TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as the library's own
        """Wait for the first head, but not for ever."""
        super().connection_made(transport)
        self._await_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """Nothing is waited for any more."""
        self._stop_waiting()
        super().connection_lost(exc)

    def on_message_begin(self) -> None:
        """A head begins."""
        super().on_message_begin()
        self._head_bytes = 0
        if self._head_timer is None:
            self._await_head()

    def on_url(self, url: bytes) -> None:
        """A part of the address."""
        self._head_bytes += len(url)
        if self._head_bytes > MOST_HEAD_BYTES:
            raise HeadTooLargeError
        super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        """A header. The most frequent call of all, hence without a call more than it needs."""
        self._head_bytes += len(name) + len(value)
        if self._head_bytes > MOST_HEAD_BYTES:
            raise HeadTooLargeError
        _take_header(self, name, value)

    def on_headers_complete(self) -> None:
        """The head is there."""
        self._stop_waiting()
        super().on_headers_complete()

    def send_400_response(self, msg: str) -> None:
        """What is no request is refused; what is too large, with its own status."""
        if self._head_bytes <= MOST_HEAD_BYTES:
            super().send_400_response(msg)
            return
        head = (
            b"HTTP/1.1 431 Request Header Fields Too Large\r\ncontent-type: application/json\r\nconnection: close\r\n"
        )
        self.transport.write(head + b"content-length: %d\r\n\r\n" % len(_TOO_LARGE) + _TOO_LARGE)
        self.transport.close()

    def _await_head(self) -> None:
        self._head_timer = self.loop.call_later(self.head_timeout_s, self._give_up)

    def _stop_waiting(self) -> None:
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None

    def _give_up(self) -> None:
        self._head_timer = None
        cycle: Any = self.cycle
        # A request before this one may still be answered.
        if cycle is None or cycle.response_complete:
            self.transport.close()
