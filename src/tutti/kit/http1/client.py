"""Sends requests over connections that are kept for the next one."""

import asyncio
import re
import ssl
from collections.abc import Callable, Mapping
from functools import cached_property, lru_cache, partial
from http import HTTPStatus

from tutti.kit.http1.address import Address, Origin, parse_address
from tutti.kit.http1.connection import Connection
from tutti.kit.http1.errors import BadRequestError, NotConnectedError, ReplyLostError
from tutti.kit.http1.proxies import Proxies
from tutti.kit.http1.reply import Reply

_CONNECT_TIMEOUT_S = 10.0
# A free connection is used no more after so long, and of each server no more are kept than this.
_IDLE_S = 60.0
_MOST_IDLE = 256
# Said unless the caller says it: compression costs more than it saves on small replies, and delays streams.
_DEFAULTS = {"accept": "*/*", "accept-encoding": "identity"}
# What frames a request is not for callers to say.
_OURS = frozenset({"host", "content-length", "transfer-encoding", "connection"})
_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")


class Http1Client:
    """Belongs to one event loop."""

    def __init__(self) -> None:
        self._free: dict[Origin, list[Connection]] = {}
        self._all: set[Connection] = set()
        self._proxies = Proxies()
        self._has_proxies = self._proxies.are_named

    async def send(self, method: str, url: str, headers: Mapping[str, str], body: bytes) -> "Exchange":
        """Send a request, whose header names are in lower case; gives its reply when the head of it is there.

        Raises `BadRequestError`, `NotConnectedError` when nobody took it, and `ReplyLostError`.
        """
        address = parse_address(url)
        peer, proxy, forwarder = address.origin, None, None
        if self._has_proxies and (proxy := self._proxies.before(peer)) is not None and not peer.is_tls:
            # What is no secret is passed on by the proxy: many refuse tunnels to other ports than that of https.
            peer, proxy, forwarder = proxy.origin, None, proxy
        request = _request(method, address, headers, body, forwarder)
        connection = self._free_connection(peer) or await self._connect(peer, proxy)
        exchange = Exchange(connection, connection.exchange(request))
        try:
            await exchange.reply.head()
        except BaseException:
            exchange.close()
            raise
        if forwarder is not None and exchange.reply.status == HTTPStatus.PROXY_AUTHENTICATION_REQUIRED:
            exchange.close()
            raise NotConnectedError(f"the proxy answered {exchange.reply.status}")
        return exchange

    async def close(self) -> None:
        """End every connection."""
        connections = list(self._all)
        for connection in connections:
            connection.abort()
        # Sockets are closed in a later turn of the loop.
        await asyncio.gather(*(connection.ended for connection in connections))

    def _free_connection(self, origin: Origin) -> Connection | None:
        """The one that was used last, so that those too many grow old."""
        free = self._free.get(origin)
        now_s = asyncio.get_running_loop().time()
        while free:
            connection = free.pop()
            if connection.is_open and now_s - connection.free_since_s < _IDLE_S:
                return connection
            if connection.is_open:
                connection.abort()
        return None

    async def _connect(self, origin: Origin, proxy: Address | None = None) -> Connection:
        """A new connection to a server, through a proxy if one is given. Raises `NotConnectedError`."""
        try:
            async with asyncio.timeout(_CONNECT_TIMEOUT_S):
                connection = await (self._straight(origin) if proxy is None else self._tunnel(origin, proxy))
        except (OSError, ssl.SSLError, ReplyLostError, TimeoutError) as error:
            raise NotConnectedError(str(error)) from error
        self._all.add(connection)
        return connection

    async def _straight(self, origin: Origin) -> Connection:
        _, connection = await self._dial(origin, partial(self._connection, origin))
        return connection

    async def _tunnel(self, origin: Origin, proxy: Address) -> Connection:
        """To a server of https through a proxy, as if it were not there."""
        transport, asking = await self._dial(proxy.origin, lambda: Connection(lambda _: None, lambda _: None))
        name = f"{origin.host}:{origin.port}"
        authorization = f"proxy-authorization: {proxy.authorization}\r\n" if proxy.authorization else ""
        reply = asking.exchange(f"CONNECT {name} HTTP/1.1\r\nhost: {name}\r\n{authorization}\r\n".encode("latin-1"))
        try:
            await reply.head()
        except BaseException:
            asking.abort()
            raise
        if not 200 <= reply.status < 300:
            asking.abort()
            raise NotConnectedError(f"the proxy answered {reply.status}")
        connection = self._connection(origin)
        tls = await asyncio.get_running_loop().start_tls(transport, connection, self._tls, server_hostname=origin.host)
        assert tls is not None
        connection.connection_made(tls)
        return connection

    async def _dial(self, origin: Origin, make: Callable[[], Connection]) -> tuple[asyncio.Transport, Connection]:
        """A connection to a server or a proxy, over TLS where its address says so."""
        return await asyncio.get_running_loop().create_connection(
            make, origin.host, origin.port, ssl=self._tls if origin.is_tls else None
        )

    def _connection(self, origin: Origin) -> Connection:
        return Connection(partial(self._take_back, origin), partial(self._forget, origin))

    def _take_back(self, origin: Origin, connection: Connection) -> None:
        free = self._free.setdefault(origin, [])
        if len(free) < _MOST_IDLE:
            connection.free_since_s = asyncio.get_running_loop().time()
            free.append(connection)
        else:
            connection.abort()

    def _forget(self, origin: Origin, connection: Connection) -> None:
        self._all.discard(connection)
        free = self._free.get(origin, [])
        if connection in free:
            free.remove(connection)

    @cached_property
    def _tls(self) -> ssl.SSLContext:
        context = ssl.create_default_context()
        context.set_alpn_protocols(["http/1.1"])
        return context


class Exchange:
    """A request that was sent, and its reply as it comes."""

    __slots__ = ("_connection", "reply")

    def __init__(self, connection: Connection, reply: Reply) -> None:
        self._connection = connection
        self.reply = reply

    def close(self) -> None:
        """Let go of the connection; what did not come is given up."""
        if not self.reply.is_complete:
            self._connection.abort()


@lru_cache(maxsize=256)
def _is_name(text: str) -> bool:
    return _NAME.fullmatch(text) is not None


def _request(
    method: str, address: Address, headers: Mapping[str, str], body: bytes, forwarder: Address | None
) -> bytes:
    """The bytes of a request to the server itself, or to a proxy that passes it on. Raises `BadRequestError`."""
    lines = [f"{method} {address.target} HTTP/1.1", f"host: {headers.get('host') or address.origin.name}"]
    if forwarder is not None:
        # RFC 9112 3.2.2: a proxy is told the whole address.
        lines[0] = f"{method} http://{address.origin.name}{address.target} HTTP/1.1"
        if forwarder.authorization:
            lines.append(f"proxy-authorization: {forwarder.authorization}")
    if address.authorization and "authorization" not in headers:
        lines.append(f"authorization: {address.authorization}")
    lines += [f"{name}: {value}" for name, value in _DEFAULTS.items() if name not in headers]
    lines += [f"{name}: {value}" for name, value in headers.items() if name not in _OURS]
    if body or method != "GET":
        lines.append(f"content-length: {len(body)}")
    head = "\r\n".join(lines)
    if head.count("\n") != len(lines) - 1 or head.count("\r") != len(lines) - 1 or "\0" in head:
        raise BadRequestError("a line break in an address or a header")
    if not all(map(_is_name, headers)):
        raise BadRequestError("a header whose name cannot be one")
    try:
        return f"{head}\r\n\r\n".encode("latin-1") + body
    except UnicodeEncodeError:
        raise BadRequestError("a header with letters that headers cannot hold") from None
