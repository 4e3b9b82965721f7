"""The client for addresses that an operator configured: channels and engine servers, which may be private.

Addresses that callers give never pass here, see `outside.py`. Streams are handed on chunk by chunk as they come.
"""

from collections.abc import Mapping
from types import TracebackType
from typing import Self

import msgspec

from tutti.errors import VendorBusyError, VendorError, VendorReplyLostError, VendorTimeoutError
from tutti.kit.deadlines import Deadlines
from tutti.kit.http1.client import Exchange, Http1Client
from tutti.kit.http1.errors import BadRequestError, Http1Error, NotConnectedError
from tutti.kit.http1.reply import Reply

# Silence in the midst of a reply; models that think send signs of life more often.
_SILENCE_S = 600.0


class UpstreamRequest(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """What is sent; header names in lower case."""

    url: str
    headers: Mapping[str, str]
    body: bytes = b""
    method: str = "POST"
    # For the whole exchange, or, of a stream, until its head.
    timeout_s: float = 600.0


class UpstreamClient:
    """Speaks to upstreams; an async context manager."""

    def __init__(self) -> None:
        self._http = Http1Client()
        self._deadlines = Deadlines()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._http.close()

    async def fetch(self, request: UpstreamRequest) -> "WholeReply":
        """The reply, read to its end.

        Raises `VendorBusyError` when nobody took the request, `VendorTimeoutError`, and `VendorReplyLostError` when
        the reply was lost on its way.
        """
        try:
            with self._deadlines.within(request.timeout_s):
                exchange = await self._send(request)
                try:
                    return WholeReply(exchange.reply, await exchange.reply.read())
                finally:
                    exchange.close()
        except (TimeoutError, Http1Error) as error:
            raise _as_vendor_error(error, request) from error

    async def open(self, request: UpstreamRequest) -> "OpenReply":
        """The head of a reply whose body is still to come; whoever opened it closes it. Raises as `fetch`."""
        try:
            with self._deadlines.within(request.timeout_s):
                return OpenReply(await self._send(request), request, self._deadlines)
        except (TimeoutError, Http1Error) as error:
            raise _as_vendor_error(error, request) from error

    async def _send(self, request: UpstreamRequest) -> Exchange:
        return await self._http.send(request.method, request.url, request.headers, request.body)


class WholeReply:
    """A reply whose body is in hand."""

    __slots__ = ("_reply", "body", "status")

    def __init__(self, reply: Reply, body: bytes) -> None:
        self._reply = reply
        self.status = reply.status
        self.body = body

    def header(self, name: str) -> str | None:
        """A header's first value."""
        return self._reply.header(name)


class OpenReply:
    """A reply whose body is read as it comes."""

    __slots__ = ("_deadlines", "_exchange", "_reply", "_request", "status")

    def __init__(self, exchange: Exchange, request: UpstreamRequest, deadlines: Deadlines) -> None:
        self._exchange = exchange
        self._reply = exchange.reply
        self._request = request
        self._deadlines = deadlines
        self.status = self._reply.status

    def header(self, name: str) -> str | None:
        """A header's first value."""
        return self._reply.header(name)

    async def read(self) -> bytes:
        """The whole body. Raises `VendorError` when it is cut, or does not come."""
        pieces = []
        while (piece := await self.chunk()) is not None:
            pieces.append(piece)
        return b"".join(pieces)

    async def chunk(self) -> bytes | None:
        """The next piece of the body, None at its end. Raises `VendorError` when it is cut, or does not come."""
        try:
            if self._reply.has_more:
                return await self._reply.chunk()
            with self._deadlines.within(_SILENCE_S):
                return await self._reply.chunk()
        except TimeoutError as error:
            raise VendorReplyLostError(f"The answer of {host_of(self._request.url)} fell silent.") from error
        except Http1Error as error:
            raise _as_vendor_error(error, self._request) from error

    async def close(self) -> None:
        """Let go of the connection; what was not read is given up."""
        self._exchange.close()


def host_of(url: str) -> str:
    """An address as it may stand in messages and logs: its host alone."""
    return url.partition("://")[2].partition("/")[0].rpartition("@")[2]


def _as_vendor_error(error: TimeoutError | Http1Error, request: UpstreamRequest) -> VendorError:
    """Whether the request was taken is what matters: when it was not, it may be sent elsewhere at no risk."""
    host = host_of(request.url)
    match error:
        case NotConnectedError():
            return VendorBusyError(f"{host} cannot be reached.")
        case TimeoutError():
            return VendorTimeoutError(f"{host} did not answer within {request.timeout_s:.0f} s.")
        case BadRequestError():
            return VendorBusyError(f"The channel's address or headers for {host} are not valid.")
        case _:
            return VendorReplyLostError(f"The answer of {host} was cut off.")
