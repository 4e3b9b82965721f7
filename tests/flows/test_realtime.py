"""OpenAI's library in a browser's place: it talks by a client secret of a running server, whatever happens to that."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from openai import AsyncOpenAI
from websockets.exceptions import InvalidStatus

from tests.flows.process import TuttiProcess
from tests.upstream.handle import RunningUpstream

pytestmark = pytest.mark.anyio

MODEL = "gpt-realtime"


@pytest.fixture
def tutti(tmp_path: Path, upstream: RunningUpstream) -> Iterator[TuttiProcess]:
    """A server with a channel that talks."""
    server = TuttiProcess(tmp_path, TUTTI_DRAIN_S="0")
    server.start()
    (server.folder / "keys").write_text("sk-upstream\n")
    address = ("--type", "openai", "--base-url", upstream.url, "--key-file", "keys")
    server.tutti("channels", "add", "talk", *address, "--models", MODEL)
    yield server
    server.kill()


def sdk(server: TuttiProcess, secret: str) -> AsyncOpenAI:
    client = AsyncOpenAI(api_key=secret, base_url=f"{server.url}/v1", max_retries=0)
    client.websocket_base_url = f"ws{server.url.removeprefix('http')}/v1"
    return client


async def talk(server: TuttiProcess, secret: str) -> list[str]:
    """The kinds of events of a session with one response."""
    kinds: list[str] = []
    async with sdk(server, secret) as client, client.realtime.connect(model=MODEL) as session, asyncio.timeout(20):
        await session.response.create()
        while "response.done" not in kinds:
            kinds.append((await session.recv()).type)
    return kinds


async def test_a_client_secret_outlives_a_crash_and_ends_with_its_key(tutti: TuttiProcess) -> None:
    async with sdk(tutti, tutti.first_key) as client:
        made = await client.realtime.client_secrets.create(
            session={"type": "realtime", "model": MODEL, "instructions": "Sing."}
        )
    assert (await talk(tutti, made.value))[:2] == ["session.created", "session.updated"]
    before = tutti.quota()
    tutti.kill()
    tutti.start()
    await talk(tutti, made.value)
    assert tutti.quota() < before
    tutti.tutti("keys", "revoke", "1")
    with pytest.raises(InvalidStatus) as refused:
        await talk(tutti, made.value)
    assert refused.value.response.status_code == 401
