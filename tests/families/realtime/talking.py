"""Sessions of the published client library through a server's socket, and what they cost."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator
from typing import Any

import openai

from tests.gateway import OPENING_QUOTA, Gateway
from tests.upstream.handle import RunningUpstream
from tests.upstream.realtime import USAGE
from tests.waiting import eventually
from tutti.routing.channels import Channel
from tutti.server import _server

MODEL = "gpt-realtime"
# Two units for a token of sound that comes out, one for all others, and none for those from the cache.
PRICE = '{"input": 2, "output": 2, "audio_output": 4, "cached": 0}'
COST = USAGE["input_tokens"] - 8 + 5 + 2 * 15
# Who writes down: a token of sound costs three units, one of words in one and out two.
SCRIBE = "gpt-4o-transcribe"
SCRIBE_PRICE = '{"input": 2, "output": 4, "audio_input": 6}'
SCRIBE_COST = 2 + 3 * 48 + 2 * 5
WRITTEN = "conversation.item.input_audio_transcription.completed"
HELLO = {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "Hello"}]}


def channel(upstream: RunningUpstream, number: int = 1, **changes: Any) -> Channel:
    given: dict[str, Any] = {"id": number, "name": f"up{number}", "type": "openai", "base_url": upstream.url}
    return Channel(**given | {"keys": (f"sk-up-{number}",), "models": frozenset({MODEL})} | changes)


@contextlib.asynccontextmanager
async def served(gateway: Gateway) -> AsyncIterator[str]:
    """The address, as host and port, at which the gateway is reached."""
    server = _server(gateway.app)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        # Connections wait in the listener until they are taken.
        serving = asyncio.create_task(server.serve(sockets=[listener]))
        yield f"127.0.0.1:{listener.getsockname()[1]}"
        server.should_exit = True
        await serving


@contextlib.asynccontextmanager
async def sdk(gateway: Gateway, **options: Any) -> AsyncIterator[Any]:
    """A session of OpenAI's library."""
    async with served(gateway) as host, client_of(host, gateway.secret).realtime.connect(model=MODEL, **options) as one:
        yield one


def client_of(host: str, secret: str) -> openai.AsyncOpenAI:
    """OpenAI's library with a key or what stands for one."""
    client = openai.AsyncOpenAI(api_key=secret, base_url=f"http://{host}/v1")
    client.websocket_base_url = f"ws://{host}/v1"
    return client


async def until(session: Any, kind: str) -> list[Any]:
    """The events up to the first of a kind."""
    events = []
    async with asyncio.timeout(20):
        async for event in session:
            events.append(event)
            if event.type == kind:
                return events
    raise AssertionError([event.type for event in events])


async def calls(gateway: Gateway) -> list[Any]:
    await gateway.services.wallet.close()
    return [one.call for one in await gateway.store.list_calls(limit=99)]


async def settled(gateway: Gateway, count: int) -> list[Any]:
    """The calls in the log, once there are so many."""

    async def are_there() -> bool:
        return len(await calls(gateway)) >= count

    await eventually(are_there)
    return await calls(gateway)


async def spent(gateway: Gateway) -> int:
    await gateway.services.wallet.close()
    return OPENING_QUOTA - await gateway.balance()
