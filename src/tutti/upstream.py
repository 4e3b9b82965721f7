"""The client for addresses that an operator configured: channels and engine servers, which may be private.

Addresses that callers give never pass here, see `outside.py`. Streams are handed on chunk by chunk as they come: the
library's own read buffer would hold a slow stream back until it is full.
"""

from collections.abc import Mapping
from datetime import timedelta
from types import TracebackType
from typing import Self

import msgspec
from pyreqwest.client import Client, ClientBuilder
from pyreqwest.exceptions import (
    BuilderError,
    ConnectError,
    ConnectTimeoutError,
    PoolTimeoutError,
    RequestError,
    RequestTimeoutError,
)
from pyreqwest.request import RequestBuilder, StreamRequest
from pyreqwest.response import Response

from tutti.errors import VendorBusyError, VendorError, VendorReplyLostError, VendorTimeoutError
from tutti.kit.deadlines import Deadlines

_CONNECT_TIMEOUT = timedelta(seconds=10)
_IDLE_TIMEOUT = timedelta(seconds=60)
_MOST_IDLE_PER_HOST = 256
# Silence in the midst of a reply; models that think send signs of life more often.
_SILENCE_TIMEOUT = timedelta(minutes=10)


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

    def __init__(self, client: Client | None = None) -> None:
        """`client` stands in for the one that is made when it is first needed: a server without channels needs none."""
        self._client = client
        self._deadlines = Deadlines()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._client is not None:
            await self._client.close()

    async def fetch(self, request: UpstreamRequest) -> "WholeReply":
        """The reply, read to its end.

        Raises `VendorBusyError` when nobody took the request, `VendorTimeoutError`, and `VendorReplyLostError` when
        the reply was lost on its way.
        """
        try:
            # Not the library's own timeout, which calls a missing answer a missing connection.
            with self._deadlines.within(request.timeout_s):
                reply = await self._builder(request).build().send()
                return WholeReply(reply, bytes(await reply.bytes()))
        except TimeoutError as error:
            raise _too_late(request) from error
        except (RequestError, BuilderError) as error:
            raise _as_vendor_error(error, request) from error

    async def open(self, request: UpstreamRequest) -> "OpenReply":
        """The head of a reply whose body is still to come; whoever opened it closes it. Raises as `fetch`."""
        try:
            sent = self._builder(request).streamed_read_buffer_limit(0).build_streamed()
            with self._deadlines.within(request.timeout_s):
                return OpenReply(sent, await sent.__aenter__(), request)
        except TimeoutError as error:
            raise _too_late(request) from error
        except (RequestError, BuilderError) as error:
            raise _as_vendor_error(error, request) from error

    def _builder(self, request: UpstreamRequest) -> RequestBuilder:
        if self._client is None:
            self._client = _client()
        builder = self._client.request(request.method, request.url).headers(request.headers)
        return builder.body_bytes(request.body) if request.body else builder


def _client() -> Client:
    return (
        ClientBuilder()
        .connect_timeout(_CONNECT_TIMEOUT)
        .pool_idle_timeout(_IDLE_TIMEOUT)
        .pool_max_idle_per_host(_MOST_IDLE_PER_HOST)
        .tcp_nodelay(enabled=True)
        .read_timeout(_SILENCE_TIMEOUT)
        .follow_redirects(enable=False)
        .http1_only()
        .build()
    )


class WholeReply:
    """A reply whose body is in hand."""

    __slots__ = ("_reply", "body", "status")

    def __init__(self, reply: Response, body: bytes) -> None:
        self._reply = reply
        self.status = reply.status
        self.body = body

    def header(self, name: str) -> str | None:
        """A header's first value."""
        return self._reply.get_header(name)


class OpenReply:
    """A reply whose body is read as it comes."""

    __slots__ = ("_reply", "_request", "_sent", "status")

    def __init__(self, sent: StreamRequest, reply: Response, request: UpstreamRequest) -> None:
        self._sent = sent
        self._reply = reply
        self._request = request
        self.status = reply.status

    def header(self, name: str) -> str | None:
        """A header's first value."""
        return self._reply.get_header(name)

    async def read(self) -> bytes:
        """The whole body. Raises `VendorError` when it is cut."""
        try:
            return bytes(await self._reply.body_reader.bytes())
        except RequestError as error:
            raise _as_vendor_error(error, self._request) from error

    async def chunk(self) -> bytes | None:
        """The next piece of the body, None at its end. Raises `VendorError` when it is cut."""
        try:
            piece = await self._reply.body_reader.read_chunk()
        except RequestError as error:
            raise _as_vendor_error(error, self._request) from error
        return None if piece is None else bytes(piece)

    async def close(self) -> None:
        """Let go of the connection; what was not read is given up."""
        await self._sent.__aexit__(None, None, None)


def host_of(url: str) -> str:
    """An address as it may stand in messages and logs: its host alone."""
    return url.partition("://")[2].partition("/")[0].rpartition("@")[2]


def _as_vendor_error(error: RequestError | BuilderError, request: UpstreamRequest) -> VendorError:
    """Whether the request was taken is what matters: when it was not, it may be sent elsewhere at no risk."""
    host = host_of(request.url)
    if isinstance(error, ConnectError | ConnectTimeoutError | PoolTimeoutError):
        return VendorBusyError(f"{host} cannot be reached.")
    if isinstance(error, BuilderError):
        return VendorBusyError(f"The channel's address or headers for {host} are not valid.")
    if isinstance(error, RequestTimeoutError):
        return _too_late(request)
    return VendorReplyLostError(f"The answer of {host} was cut off.")


def _too_late(request: UpstreamRequest) -> VendorTimeoutError:
    return VendorTimeoutError(f"{host_of(request.url)} did not answer within {request.timeout_s:.0f} s.")
