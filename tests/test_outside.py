"""The guarded client against real sockets: 127.0.0.2 stands for the internet, all else of loopback is inside."""

import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from aiohttp import web
from aiohttp.abc import AbstractResolver, ResolveResult

from tutti.errors import BodyTooLargeError, InvalidRequestError, UnsafeAddressError
from tutti.outside import OutsideClient

pytestmark = [
    pytest.mark.anyio,
    pytest.mark.skipif(socket.gethostbyname("127.0.0.2") != "127.0.0.2", reason="needs the whole loopback network"),
]

PUBLIC = ["127.0.0.2/32"]


class FakeResolver(AbstractResolver):
    """Answers every name with the next list of addresses; the last one stays."""

    def __init__(self, *answers: list[str]) -> None:
        self.answers = list(answers)

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        addresses = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        return [
            ResolveResult(hostname=host, host=address, port=port, family=family, proto=0, flags=0)
            for address in addresses
        ]

    async def close(self) -> None:
        """Nothing is open."""


@asynccontextmanager
async def serving(address: str, seen: list[str]) -> AsyncIterator[int]:
    """A server on one address of loopback that knows a few tricks; its port."""

    async def answer(request: web.Request) -> web.Response:
        seen.append(f"{request.method} {request.path} {(await request.read()).decode()}".strip())
        if "to" in request.query:
            return web.Response(status=302, headers={"location": request.query["to"]})
        if request.path == "/zipped":
            return web.Response(body=b"x", headers={"content-encoding": "gzip"})
        if request.path == "/long":
            reply = web.StreamResponse()
            await reply.prepare(request)
            for _ in range(100):
                await reply.write(bytes(1000))
            return reply  # type: ignore[return-value] - a stream is a response too
        return web.Response(status=404 if request.path == "/no" else 200, body=b"hello")

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    try:
        site = web.TCPSite(runner, address, 0)
        await site.start()
        yield runner.addresses[0][1]
    finally:
        await runner.cleanup()


@pytest.fixture
async def seen() -> list[str]:
    return []


@pytest.fixture
async def port(seen: list[str]) -> AsyncIterator[int]:
    async with serving("127.0.0.2", seen) as port:
        yield port


async def test_fetch_gives_the_content(port: int) -> None:
    async with OutsideClient(PUBLIC) as client:
        assert await client.fetch(f"http://127.0.0.2:{port}/a?to=/b", 5) == b"hello"


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]", "0.0.0.0", "2130706433", "0x7f.1", "127.1"],  # noqa: S104 - nothing is bound
)
async def test_inside_is_never_connected_to(host: str) -> None:
    inside: list[str] = []
    async with serving("127.0.0.1", inside) as port, OutsideClient(PUBLIC) as client:
        with pytest.raises(InvalidRequestError):
            await client.fetch(f"http://{host}:{port}/", 100)
        # "localhost" may be tried at ::1 first, where nobody listens; both are refused before a packet is sent.
    assert inside == []


async def test_refusal_says_where_the_address_leads() -> None:
    async with OutsideClient(resolver=FakeResolver(["10.0.0.7", "169.254.169.254"])) as client:
        with pytest.raises(UnsafeAddressError, match=r"http://metadata\.example/key leads to 10\.0\.0\.7"):
            await client.fetch("http://metadata.example/key?token=secret", 100)
        with pytest.raises(UnsafeAddressError, match=r"leads to 10\.0\.0\.7"):
            await client.post("https://metadata.example/", body=b"", headers={}, timeout_s=5)


async def test_redirect_to_the_inside_is_refused(port: int, seen: list[str]) -> None:
    inside: list[str] = []
    async with serving("127.0.0.1", inside) as inside_port, OutsideClient(PUBLIC) as client:
        with pytest.raises(UnsafeAddressError, match=r"127\.0\.0\.1"):
            await client.fetch(f"http://127.0.0.2:{port}/?to=http://127.0.0.1:{inside_port}/admin", 100)
    assert (len(seen), inside) == (1, [])


async def test_name_that_turns_inside_is_refused(seen: list[str]) -> None:
    inside: list[str] = []
    resolver = FakeResolver(["127.0.0.2"], ["127.0.0.1"])
    async with (
        serving("127.0.0.2", seen) as port,
        serving("127.0.0.1", inside) as inside_port,
        OutsideClient(PUBLIC, resolver=resolver) as client,
    ):
        with pytest.raises(UnsafeAddressError, match=r"rebind\.example"):
            await client.fetch(f"http://rebind.example:{port}/?to=http://rebind.example:{inside_port}/", 100)
    assert (len(seen), inside) == (1, [])


async def test_name_with_both_kinds_reaches_only_the_outside(port: int) -> None:
    async with OutsideClient(PUBLIC, resolver=FakeResolver(["127.0.0.1", "127.0.0.2"])) as client:
        assert await client.fetch(f"http://both.example:{port}/", 100) == b"hello"


@pytest.mark.parametrize(
    "url", ["ftp://a/b", "file:///etc/passwd", "http://", "//a/b", "http://u:p@1.1.1.1/", "http://[::1", "x", ""]
)
async def test_form_of_the_address_is_checked(url: str) -> None:
    async with OutsideClient() as client:
        with pytest.raises(UnsafeAddressError):
            await client.fetch(url, 100)


@pytest.mark.parametrize("target", ["file:///etc/passwd", "gopher://127.0.0.2/", "http://u@127.0.0.2/"])
async def test_form_of_a_redirect_is_checked(port: int, target: str) -> None:
    async with OutsideClient(PUBLIC) as client:
        with pytest.raises(UnsafeAddressError):
            await client.fetch(f"http://127.0.0.2:{port}/?to={target}", 100)


async def test_redirects_end_after_five(port: int, seen: list[str]) -> None:
    async with OutsideClient(PUBLIC) as client:
        with pytest.raises(InvalidRequestError, match="more than 5 times"):
            await client.fetch(f"http://127.0.0.2:{port}/loop?to=", 100)
    assert len(seen) == 6


@pytest.mark.parametrize(
    ("path", "error", "words"),
    [
        ("/", BodyTooLargeError, "more than the 4 bytes"),
        ("/long", BodyTooLargeError, "more than the 4 bytes"),
        ("/no", InvalidRequestError, "status 404"),
        ("/zipped", InvalidRequestError, "compressed"),
    ],
)
async def test_unwanted_answers_are_named(port: int, path: str, error: type[Exception], words: str) -> None:
    async with OutsideClient(PUBLIC) as client:
        with pytest.raises(error, match=words):
            await client.fetch(f"http://127.0.0.2:{port}{path}", 4)


async def test_silent_server_is_given_up() -> None:
    with socket.create_server(("127.0.0.2", 0)) as listening:
        url = f"http://127.0.0.2:{listening.getsockname()[1]}/"
        async with OutsideClient(PUBLIC) as client:
            with pytest.raises(InvalidRequestError, match="did not answer within"):
                await client.fetch(url, 100, timeout_s=0.2)
            with pytest.raises(TimeoutError):
                await client.post(url, body=b"", headers={}, timeout_s=0.2)


async def test_post_tells_status_and_headers_and_follows_nothing(port: int, seen: list[str]) -> None:
    async with OutsideClient(PUBLIC) as client:
        status, headers = await client.post(
            f"http://127.0.0.2:{port}/hook?to=/other", body=b"{}", headers={"webhook-id": "1"}, timeout_s=5
        )
    assert (status, headers["location"]) == (302, "/other")
    assert seen == ["POST /hook {}"]


async def test_post_to_nobody_is_an_os_error() -> None:
    with socket.create_server(("127.0.0.2", 0)) as taken:
        free = taken.getsockname()[1]
    async with OutsideClient(PUBLIC) as client:
        with pytest.raises(OSError, match="did not answer"):
            await client.post(f"http://127.0.0.2:{free}/", body=b"", headers={}, timeout_s=5)


@pytest.mark.parametrize(
    "url", ["http://a..b/", f"http://{'a' * 70}.com/", "http://.a/", "http://[::1", "ftp://a/", "http://u@a/", "x", ""]
)
async def test_what_is_no_address_is_refused_as_such(url: str) -> None:
    async with OutsideClient(PUBLIC) as client:
        with pytest.raises(UnsafeAddressError, match="is not an address"):
            await client.fetch(url, 100)


async def test_copy_hands_over_what_fetch_gives() -> None:
    written: list[bytes] = []

    async def write(chunk: bytes) -> None:
        written.append(chunk)

    async with serving("127.0.0.2", []) as port, OutsideClient(PUBLIC) as client:
        await client.copy(f"http://127.0.0.2:{port}/long", write, 100_000)
        assert b"".join(written) == await client.fetch(f"http://127.0.0.2:{port}/long", 100_000) == bytes(100_000)
        written.clear()
        with pytest.raises(BodyTooLargeError):
            await client.copy(f"http://127.0.0.2:{port}/long", write, 99_999)
    assert len(b"".join(written)) <= 99_999
