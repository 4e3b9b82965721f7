"""The client against servers that say, byte by byte, what a reply is."""

import asyncio
import gzip
import ipaddress
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.waiting import eventually
from tutti.kit.http1.client import Http1Client
from tutti.kit.http1.errors import BadRequestError, NotConnectedError, ReplyLostError

pytestmark = pytest.mark.anyio


@pytest.fixture(params=[False, True], ids=["asyncio", "uvloop"])
def anyio_backend(request: pytest.FixtureRequest) -> tuple[str, dict[str, bool]]:
    """The loop that servers run on, and the one that the library is written for."""
    return "asyncio", {"use_uvloop": request.param}


OK = b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\ncontent-type: text/plain\r\n\r\nhello"
Say = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


class Server:
    """One that says the same to every request, and remembers what it was asked."""

    def __init__(self) -> None:
        self.url = ""
        self.heads: list[bytes] = []
        self.bodies: list[bytes] = []
        self.connections = 0

    async def request(self, reader: asyncio.StreamReader) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        self.heads.append(head)
        length = head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0]
        self.bodies.append(await reader.readexactly(int(length or 0)))


@asynccontextmanager
async def serving(*pieces: bytes, closes: bool = False, tls: ssl.SSLContext | None = None) -> AsyncIterator[Server]:
    """A server of these bytes, a moment between the pieces."""
    server = Server()
    serves: set[asyncio.Task[None] | None] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        server.connections += 1
        serves.add(asyncio.current_task())
        with suppress(asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            while True:
                await server.request(reader)
                for piece in pieces:
                    writer.write(piece)
                    await writer.drain()
                    await asyncio.sleep(0.01 if len(pieces) > 1 else 0)
                if closes:
                    break
        writer.close()
        with suppress(ConnectionError, ssl.SSLError):
            await writer.wait_closed()

    listener = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=tls)
    async with listener:
        port = listener.sockets[0].getsockname()[1]
        server.url = f"{'https' if tls else 'http'}://127.0.0.1:{port}"
        yield server
        for task in serves:
            task.cancel()
        await asyncio.gather(*serves, return_exceptions=True)


@pytest.fixture
async def client() -> AsyncIterator[Http1Client]:
    client = Http1Client()
    yield client
    await client.close()


async def read(client: Http1Client, url: str, body: bytes = b"") -> bytes:
    exchange = await client.send("POST", url, {"x-a": "b"}, body)
    try:
        return await exchange.reply.read()
    finally:
        exchange.close()


async def test_a_request_says_what_it_must(client: Http1Client) -> None:
    async with serving(OK) as server:
        exchange = await client.send("POST", f"{server.url}/a b?c=d#e", {"content-type": "x"}, b"body")
        assert (exchange.reply.status, exchange.reply.header("content-type")) == (200, "text/plain")
        assert exchange.reply.header("x-none") is None
        assert await exchange.reply.read() == b"hello"
        await client.send("GET", server.url, {}, b"")
    first, second = (head.split(b"\r\n") for head in server.heads)
    assert first[0] == b"POST /a%20b?c=d HTTP/1.1"
    assert set(first[1:-2]) == {
        f"host: {server.url[7:]}".encode(),
        b"accept: */*",
        b"accept-encoding: identity",
        b"content-type: x",
        b"content-length: 4",
    }
    assert second[0] == b"GET / HTTP/1.1"
    assert not any(line.startswith(b"content-length") for line in second)
    assert server.bodies == [b"body", b""]


async def test_a_connection_serves_one_request_after_the_other(client: Http1Client) -> None:
    async with serving(OK) as server:
        for _ in range(5):
            assert await read(client, server.url) == b"hello"
        assert server.connections == 1
        await asyncio.gather(*(read(client, server.url) for _ in range(5)))
        assert server.connections <= 5


@pytest.mark.parametrize("reply", [OK.replace(b"\r\n\r\n", b"\r\nconnection: close\r\n\r\n"), OK])
async def test_a_connection_that_was_closed_is_not_used_again(client: Http1Client, reply: bytes) -> None:
    async with serving(reply, closes=True) as server:
        for _ in range(3):
            assert await read(client, server.url) == b"hello"
            await eventually(lambda: not any(client._free.values()))
        assert server.connections == 3


@pytest.mark.parametrize(
    ("pieces", "body"),
    [
        ((b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nab\r\n", b"1\r\nc\r\n0\r\n\r\n"), b"abc"),
        ((b"HTTP/1.1 100 Continue\r\n\r\n", OK), b"hello"),
        ((b"HTTP/1.1 103 Early Hints\r\nlink: a\r\n\r\n" + OK,), b"hello"),
        ((b"HTTP/1.1 204 No Content\r\n\r\n",), b""),
        ((b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n",), b""),
        ((b"HTTP/1.0 200 OK\r\n\r\nall", b" of it"), b"all of it"),
        ((b"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\n\r\n" + gzip.compress(b"packed"),), b"packed"),
    ],
)
async def test_each_way_of_framing_a_reply(client: Http1Client, pieces: tuple[bytes, ...], body: bytes) -> None:
    async with serving(*pieces, closes=True) as server:
        assert await read(client, server.url) == body


async def test_pieces_are_handed_on_as_they_come(client: Http1Client) -> None:
    head = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"
    async with serving(head, b"1\r\na\r\n", b"1\r\nb\r\n", b"0\r\n\r\n") as server:
        exchange = await client.send("POST", server.url, {}, b"")
        pieces = [await exchange.reply.chunk() for _ in range(3)]
    assert pieces == [b"a", b"b", None]


@pytest.mark.parametrize(
    "said",
    [
        b"",
        b"HTTP/1.1 200",
        OK[:-2],
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nab",
        b"what is this\r\n\r\n",
        b"HTTP/1.1 200 OK\r\ncontent-length: x\r\n\r\n",
        b"HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n",
        b"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 3\r\n\r\nabc",
        b"HTTP/1.1 200 OK\r\nx: " + b"a" * 300_000 + b"\r\n\r\n",
    ],
)
async def test_what_is_no_whole_reply_is_lost(client: Http1Client, said: bytes) -> None:
    async with serving(said, closes=True) as server:
        with pytest.raises(ReplyLostError):
            await read(client, server.url)


async def test_what_came_before_a_cut_is_read(client: Http1Client) -> None:
    async with serving(OK[:-2], closes=True) as server:
        exchange = await client.send("POST", server.url, {}, b"")
        assert await exchange.reply.chunk() == b"hel"
        with pytest.raises(ReplyLostError):
            await exchange.reply.chunk()


async def test_words_out_of_turn_end_a_connection(client: Http1Client) -> None:
    async with serving(OK, b"HTTP/1.1 500 Unasked\r\n\r\n") as server:
        assert await read(client, server.url) == b"hello"
        await eventually(lambda: not any(client._free.values()))
        assert await read(client, server.url) == b"hello"
        assert server.connections == 2


async def test_an_exchange_that_is_left_ends_its_connection(client: Http1Client) -> None:
    async with serving(b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nab") as server:
        exchange = await client.send("POST", server.url, {}, b"")
        exchange.close()
        reading = asyncio.create_task(read(client, server.url))
        await eventually(lambda: server.connections == 2)
        reading.cancel()
        with pytest.raises(asyncio.CancelledError):
            await reading
        assert not any(client._free.values())


async def test_whoever_reads_slowly_holds_the_upstream_back(client: Http1Client) -> None:
    head = b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n" % (64 << 20)
    async with serving(head, b"a" * (64 << 20)) as server:
        exchange = await client.send("POST", server.url, {}, b"")
        assert await exchange.reply.chunk()
        await asyncio.sleep(0.2)
        assert exchange.reply._waiting_bytes < 2 << 20
        total = 0
        while (piece := await exchange.reply.chunk()) is not None:
            total += len(piece)
        assert total > 60 << 20


async def test_a_reply_that_is_whole_holds_nobody_back(client: Http1Client) -> None:
    body = b"a" * 300_000
    async with serving(b"HTTP/1.1 200 OK\r\ncontent-length: 300000\r\n\r\n" + body) as server:
        exchange = await client.send("POST", server.url, {}, b"")
        # What came before it was held back is let go, so that the rest comes with nobody reading.
        while not exchange.reply.is_complete:
            exchange.reply._hold_back(False)
            await asyncio.sleep(0.001)
        exchange.close()
        async with asyncio.timeout(5):
            assert await read(client, server.url) == body
        assert server.connections == 1


async def test_long_bodies_go_out_whole(client: Http1Client) -> None:
    body = b"b" * (8 << 20)
    async with serving(OK) as server:
        assert await read(client, server.url, body) == b"hello"
        assert server.bodies == [body]


@pytest.mark.parametrize(
    "url", ["ftp://a.example", "ftp://a.example:21", "http://", "a.example", "http://a.example:99999", "http://[::1"]
)
async def test_what_is_no_address_is_refused(client: Http1Client, url: str) -> None:
    with pytest.raises(BadRequestError):
        await client.send("GET", url, {}, b"")


@pytest.mark.parametrize("headers", [{"a": "b\r\nc: d"}, {"a\n": "b"}, {"a b": "c"}, {"a": "灯"}, {"a": "b\0"}])
async def test_headers_that_would_say_something_else_are_refused(client: Http1Client, headers: dict[str, str]) -> None:
    async with serving(OK) as server:
        with pytest.raises(BadRequestError):
            await client.send("POST", server.url, headers, b"")
        assert server.connections == 0


async def test_nobody_there_is_not_connected(client: Http1Client) -> None:
    async with serving(OK) as server:
        url = server.url
    with pytest.raises(NotConnectedError):
        await read(client, url)


async def test_user_and_password_of_an_address_are_said(client: Http1Client) -> None:
    async with serving(OK) as server:
        await read(client, server.url.replace("//", "//mira:a%40b@"))
    assert b"\r\nauthorization: Basic bWlyYTphQGI=\r\n" in server.heads[0]


@given(noise=st.binary(max_size=300), is_body=st.booleans())
@settings(max_examples=60, deadline=None)
def test_no_bytes_break_it(noise: bytes, *, is_body: bool) -> None:
    async def ask() -> None:
        client = Http1Client()
        said = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n" + noise if is_body else noise
        async with serving(said, closes=True) as server:
            with suppress(ReplyLostError):
                await read(client, server.url)
        await client.close()

    asyncio.run(ask())


def certificate(folder: Path) -> Path:
    """One that 127.0.0.1 signed for itself, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "tests")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    path = folder / "both.pem"
    path.write_bytes(
        made.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return path


@pytest.fixture
def secured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ssl.SSLContext:
    path = certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(path))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    return context


async def test_tls_serves_whom_it_knows(secured: ssl.SSLContext) -> None:
    client = Http1Client()
    async with serving(OK, tls=secured) as server:
        assert await read(client, server.url) == b"hello"
        assert await read(client, server.url) == b"hello"
        assert server.connections == 1
        await client.close()


async def test_a_certificate_that_nobody_knows_is_not_connected(
    secured: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch, client: Http1Client
) -> None:
    monkeypatch.delenv("SSL_CERT_FILE")
    async with serving(OK, tls=secured) as server:
        with pytest.raises(NotConnectedError):
            await read(client, server.url)
        assert server.heads == []


@pytest.fixture
def by_proxy(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Names a proxy for every server in the environment."""
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    return lambda url: monkeypatch.setenv("ALL_PROXY", url)


@pytest.mark.parametrize("scheme", ["http", "https"])
async def test_https_goes_through_a_tunnel_of_the_environments_proxy(
    secured: ssl.SSLContext, by_proxy: Callable[[str], None], scheme: str
) -> None:
    asked: list[bytes] = []

    async def tunnel(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append(await reader.readuntil(b"\r\n\r\n"))
        there = await asyncio.open_connection("127.0.0.1", int(asked[-1].split()[1].rpartition(b":")[2]))
        writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")

        async def copy(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
            with suppress(ConnectionError):
                while data := await source.read(65_536):
                    sink.write(data)
            sink.close()

        await asyncio.gather(copy(reader, there[1]), copy(there[0], writer))

    of_proxy = secured if scheme == "https" else None
    async with (
        await asyncio.start_server(tunnel, "127.0.0.1", 0, ssl=of_proxy) as proxy,
        serving(OK, tls=secured) as server,
    ):
        by_proxy(f"{scheme}://a:b@127.0.0.1:{proxy.sockets[0].getsockname()[1]}")
        client = Http1Client()
        assert await read(client, server.url) == b"hello"
        assert await read(client, server.url) == b"hello"
        await client.close()
    assert len(asked) == 1
    assert asked[0].startswith(b"CONNECT 127.0.0.1:")
    assert b"\r\nproxy-authorization: Basic YTpi\r\n" in asked[0]
    assert not any(b"proxy-authorization" in head for head in server.heads)


@pytest.mark.parametrize("has_tls", [False, True])
async def test_http_is_passed_on_by_the_environments_proxy(
    secured: ssl.SSLContext, by_proxy: Callable[[str], None], *, has_tls: bool
) -> None:
    async with serving(OK, tls=secured if has_tls else None) as proxy:
        by_proxy(proxy.url.replace("//", "//a:b@"))
        client = Http1Client()
        for url in ("http://u:p@a.example:8080/v1?x=y", "http://b.example", "http://[2001:db8::1]/v1"):
            assert await read(client, url, b"body") == b"hello"
        await client.close()
    lines = [head.split(b"\r\n") for head in proxy.heads]
    assert [line[0] for line in lines] == [
        b"POST http://a.example:8080/v1?x=y HTTP/1.1",
        b"POST http://b.example/ HTTP/1.1",
        b"POST http://[2001:db8::1]/v1 HTTP/1.1",
    ]
    assert [line[1] for line in lines] == [b"host: a.example:8080", b"host: b.example", b"host: [2001:db8::1]"]
    assert all(b"proxy-authorization: Basic YTpi" in line for line in lines)
    # The login of the address is for its server.
    assert [b"authorization: Basic dTpw" in line for line in lines] == [True, False, False]
    assert proxy.bodies == [b"body"] * 3
    assert proxy.connections == 1


async def test_a_server_that_needs_no_proxy_is_asked_itself(
    by_proxy: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    async with serving(OK) as proxy, serving(OK) as server:
        by_proxy(proxy.url)
        monkeypatch.setenv("NO_PROXY", "127.0.0.1")
        client = Http1Client()
        assert await read(client, server.url) == b"hello"
        await client.close()
    assert server.heads[0].startswith(b"POST / HTTP/1.1\r\n")
    assert proxy.heads == []


@pytest.mark.parametrize("url", ["http://a.example/", "https://a.example/"])
async def test_a_proxy_that_refuses_is_not_connected(by_proxy: Callable[[str], None], url: str) -> None:
    async with serving(b"HTTP/1.1 407 Who are you\r\ncontent-length: 0\r\n\r\n") as proxy:
        by_proxy(proxy.url)
        client = Http1Client()
        with pytest.raises(NotConnectedError, match="407"):
            await read(client, url)
        await client.close()


@pytest.mark.parametrize("url", ["http://a.example/", "https://a.example/"])
async def test_a_proxy_of_another_kind_is_not_connected(by_proxy: Callable[[str], None], url: str) -> None:
    by_proxy("socks5://127.0.0.1:1080")
    client = Http1Client()
    with pytest.raises(NotConnectedError, match="not one of http"):
        await read(client, url)
    await client.close()
