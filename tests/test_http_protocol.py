"""Connections that send too much, or too slowly."""

import asyncio
import contextlib
import json
import socket
from collections.abc import AsyncIterator

import pytest

from tests.waiting import DEADLINE_S
from tutti.http_protocol import MOST_HEAD_BYTES, GuardedHttp
from tutti.kit.asgi import Receive, Scope, Send, send_bytes
from tutti.server import _server

pytestmark = pytest.mark.anyio

ASK = b"GET / HTTP/1.1\r\nhost: tutti\r\n"


async def app(scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG001 - as servers call it
    await send_bytes(send, status=200, body=b"{}")


@contextlib.asynccontextmanager
async def connection() -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    server = _server(app)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        serving = asyncio.create_task(server.serve(sockets=[listener]))
        reader, writer = await asyncio.open_connection(*listener.getsockname())
        async with asyncio.timeout(DEADLINE_S):
            yield reader, writer
        writer.close()
        server.should_exit = True
        await serving


async def answer(reader: asyncio.StreamReader) -> bytes:
    head = await reader.readuntil(b"\r\n\r\n")
    await reader.readexactly(2)
    return head.partition(b"\r\n")[0]


@pytest.mark.parametrize(
    "head",
    [
        ASK + b"x-large: " + b"a" * MOST_HEAD_BYTES + b"\r\n\r\n",
        ASK + b"".join(b"x-%d: %s\r\n" % (number, b"a" * 1000) for number in range(80)) + b"\r\n",
        b"GET /" + b"a" * MOST_HEAD_BYTES + b" HTTP/1.1\r\nhost: tutti\r\n\r\n",
    ],
    ids=["value", "number", "path"],
)
async def test_a_head_that_is_too_large_is_refused(head: bytes) -> None:
    async with connection() as (reader, writer):
        writer.write(head)
        reply = await reader.read()
    status, _, body = reply.partition(b"\r\n\r\n")
    assert status.startswith(b"HTTP/1.1 431 ")
    assert json.loads(body)["error"]["code"] == "head_too_large"


async def test_what_is_no_request_is_refused() -> None:
    async with connection() as (reader, writer):
        writer.write(b"\x00\x01 nonsense\r\n\r\n")
        assert (await reader.read()).startswith(b"HTTP/1.1 400 ")


@pytest.mark.parametrize("begun", [b"", ASK])
async def test_a_head_that_does_not_come_is_not_waited_for(begun: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(GuardedHttp, "head_timeout_s", 0.1)
    async with connection() as (reader, writer):
        writer.write(begun)
        assert await reader.read() == b""


async def test_between_requests_a_connection_may_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(GuardedHttp, "head_timeout_s", 0.1)
    async with connection() as (reader, writer):
        for _ in range(2):
            writer.write(ASK + b"\r\n")
            assert await answer(reader) == b"HTTP/1.1 200 OK"
            await asyncio.sleep(0.3)
        writer.write(ASK)
        assert await reader.read() == b""
