"""Callers of a server that is killed under them: they ask again until they are answered, and note what was promised."""

import asyncio
import contextlib
import random
import signal
from collections.abc import AsyncIterator
from uuid import uuid4

import httpx

from tests.crash.server import Server
from tests.waiting import eventually

CALLERS = 3
# How long a caller waits who got no answer.
RETRY_S = 0.25
SONG = {"prompt": "[Verse]\nLanterns", "title": "Lanterns", "tags": "folk"}


async def submit(client: httpx.AsyncClient, hook: str, *, key: str) -> str:
    """Submit one song as a patient caller does: again with the same key until there is an answer. Gives the id."""
    while True:
        with contextlib.suppress(httpx.TransportError):
            reply = await client.post(
                "/suno/submit/music", json={**SONG, "notify_hook": hook}, headers={"idempotency-key": key}
            )
            assert reply.status_code == 200, reply.text
            return str(reply.json()["data"])
        await asyncio.sleep(RETRY_S)


class Callers:
    """Callers who submit without end, and what they were promised."""

    def __init__(self, server: Server, hook: str) -> None:
        self._server = server
        self._hook = hook
        # Idempotency-Key -> the id it was answered with.
        self.promised: dict[str, str] = {}

    async def submit_for_ever(self) -> None:
        async with self._server.client() as client:
            while True:
                key = uuid4().hex
                self.promised[key] = await submit(client, self._hook, key=key)

    @contextlib.asynccontextmanager
    async def calling(self) -> AsyncIterator[None]:
        tasks = [asyncio.create_task(self.submit_for_ever()) for _ in range(CALLERS)]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            outcomes = await asyncio.gather(*tasks, return_exceptions=True)
        assert all(isinstance(outcome, asyncio.CancelledError) for outcome in outcomes), outcomes


async def kill_again_and_again(server: Server, callers: Callers, *, kills: int, chance: random.Random) -> None:
    """So many lives, each ended at a moment that chance chooses, after some submits of its own."""
    for _ in range(kills):
        await asyncio.to_thread(server.start)
        enough = len(callers.promised) + chance.randint(1, 12)
        await eventually(lambda enough=enough: len(callers.promised) >= enough, deadline_s=60)
        # The crash's moment, not a wait for anything.
        await asyncio.sleep(chance.uniform(0.0, 0.4))
        assert await asyncio.to_thread(server.end, signal.SIGKILL) == -signal.SIGKILL
