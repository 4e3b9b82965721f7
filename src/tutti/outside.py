"""The guarded client: every connection to an address that a caller gave goes through here.

What is checked is the very address that the socket is about to connect to, after the name was resolved, so that a name
which resolves differently the second time gains nothing. Redirects are followed by hand and checked the same way.
Addresses that an operator configured (channels, engine servers) do not pass here: they may be private.
"""

import asyncio
import socket
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextvars import ContextVar
from types import TracebackType
from typing import Any, Self
from urllib.parse import urljoin, urlsplit

import aiohttp
from aiohttp.abc import AbstractResolver

from tutti.errors import BodyTooLargeError, InvalidRequestError, UnsafeAddressError
from tutti.kit.addresses import is_reachable, parse_networks

MOST_REDIRECTS = 5

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_CHUNK_BYTES = 64 * 1024
_CONNECT_TIMEOUT_S = 10.0
# Addresses that were refused while the present request connected; its tries run in tasks of their own.
_refused: ContextVar[list[str]] = ContextVar("refused")


class OutsideClient:
    """Fetches from and posts to addresses of callers; an async context manager."""

    def __init__(self, allow_private: Sequence[str] = (), *, resolver: AbstractResolver | None = None) -> None:
        """`allow_private` is the setting `allow_private_addresses`: networks in CIDR form that may be reached too."""
        self._allowed = parse_networks(allow_private)
        self._resolver = resolver
        self._opened: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        connector = aiohttp.TCPConnector(
            socket_factory=self._make_socket, resolver=self._resolver, ttl_dns_cache=10, limit=200, limit_per_host=16
        )
        self._opened = aiohttp.ClientSession(
            connector=connector,
            cookie_jar=aiohttp.DummyCookieJar(),
            # A proxy would connect in our stead, past the check.
            trust_env=False,
            # What is not decompressed cannot explode; we ask for plain bodies.
            auto_decompress=False,
            headers={"accept-encoding": "identity", "user-agent": "tutti"},
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._opened:
            await self._opened.close()

    async def fetch(self, url: str, max_bytes: int, *, timeout_s: float = 60.0) -> bytes:
        """The content at an address, redirects followed, for at most `timeout_s` altogether.

        Raises `UnsafeAddressError`, `BodyTooLargeError`, and `InvalidRequestError` when nothing could be fetched.
        """
        content = bytearray()

        async def keep(chunk: bytes) -> None:
            content.extend(chunk)

        await self.copy(url, keep, max_bytes, timeout_s=timeout_s)
        return bytes(content)

    async def copy(
        self, url: str, write: Callable[[bytes], Awaitable[None]], max_bytes: int, *, timeout_s: float = 60.0
    ) -> None:
        """As `fetch`, but the content is handed to `write` in chunks as it comes; what was written may be cut short."""
        try:
            async with asyncio.timeout(timeout_s):
                await self._follow(url, max_bytes, write)
        except TimeoutError as error:
            raise InvalidRequestError(f"{_short(url)} did not answer within {timeout_s:.0f} s.") from error
        except aiohttp.ClientError as error:
            raise InvalidRequestError(f"{_short(url)} could not be fetched: {error}.") from error

    async def post(
        self, url: str, *, body: bytes, headers: Mapping[str, str], timeout_s: float
    ) -> tuple[int, Mapping[str, str]]:
        """Status and headers (names in lower case) of the answer to a POST; no redirect is followed, no body read.

        Raises `UnsafeAddressError`, and `OSError` (`TimeoutError` too) when nobody answered.
        """
        try:
            async with asyncio.timeout(timeout_s), self._request("POST", url, data=body, headers=headers) as reply:
                return reply.status, {name.lower(): value for name, value in reply.headers.items()}
        except aiohttp.ClientError as error:
            raise ConnectionError(f"{_short(url)} did not answer: {error}") from error

    async def _follow(self, url: str, max_bytes: int, write: Callable[[bytes], Awaitable[None]]) -> None:
        for _ in range(MOST_REDIRECTS + 1):
            async with self._request("GET", url) as reply:
                target = reply.headers.get("location") if reply.status in _REDIRECTS else None
                if target is None:
                    await _read(reply, max_bytes, write)
                    return
                url = urljoin(url, target)
        raise InvalidRequestError(f"{_short(url)} redirects more than {MOST_REDIRECTS} times.")

    def _request(self, method: str, url: str, **options: Any) -> "_Request":
        if self._opened is None:
            raise RuntimeError("the client is used outside of its `async with`")
        _check_form(url)
        timeout = aiohttp.ClientTimeout(total=None, connect=_CONNECT_TIMEOUT_S)
        return _Request(
            self._opened.request(method, url, allow_redirects=False, timeout=timeout, **options), _short(url)
        )

    def _make_socket(self, about: aiohttp.AddrInfoType) -> socket.socket:
        family, kind, protocol, _, address = about
        if not is_reachable(str(address[0]), self._allowed):
            _refused.get([]).append(str(address[0]))
            raise PermissionError(f"{address[0]} is not a public address")
        return socket.socket(family, kind, protocol)


class _Request:
    """A request whose failure to connect is told apart: refused by us, or not to be had."""

    def __init__(self, pending: Any, name: str) -> None:
        self._pending = pending
        self._name = name

    async def __aenter__(self) -> aiohttp.ClientResponse:
        refused: list[str] = []
        token = _refused.set(refused)
        try:
            reply: aiohttp.ClientResponse = await self._pending.__aenter__()
        except aiohttp.ClientConnectorError as error:
            if refused:
                raise UnsafeAddressError(
                    f"{self._name} leads to {refused[0]}, which is not a public address; an operator can allow its "
                    "network with TUTTI_ALLOW_PRIVATE_ADDRESSES."
                ) from error
            raise
        finally:
            _refused.reset(token)
        return reply

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._pending.__aexit__(kind, error, trace)


def _check_form(url: str) -> None:
    """Only http and https, with a host and without a login, which could hide where an address leads."""
    try:
        parts = urlsplit(url)
        # The look-up of a name with an empty or endless part fails in ways of its own.
        (parts.hostname or "").encode("idna")
        is_fine = parts.scheme in {"http", "https"} and bool(parts.hostname) and "@" not in parts.netloc
    except ValueError:
        is_fine = False
    if not is_fine:
        raise UnsafeAddressError(f"{_short(url)} is not an address like https://host/path.")


async def _read(reply: aiohttp.ClientResponse, max_bytes: int, write: Callable[[bytes], Awaitable[None]]) -> None:
    if reply.status != 200:
        raise InvalidRequestError(f"{_short(str(reply.url))} answered with status {reply.status}.")
    if reply.headers.get("content-encoding", "identity") != "identity":
        raise InvalidRequestError(f"{_short(str(reply.url))} sent a compressed body, which was not asked for.")
    size = 0
    if (reply.content_length or 0) <= max_bytes:
        async for chunk in reply.content.iter_chunked(_CHUNK_BYTES):
            size += len(chunk)
            if size > max_bytes:
                break
            await write(chunk)
        else:
            return
    raise BodyTooLargeError(f"{_short(str(reply.url))} gives more than the {max_bytes} bytes that are taken.")


def _short(url: str) -> str:
    """An address for messages: without its query, which may hold secrets, and not endless."""
    return url.partition("?")[0][:200]
