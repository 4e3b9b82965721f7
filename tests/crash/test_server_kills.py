"""A whole server, killed again and again while callers submit over HTTP: what it promised, it keeps and pays once."""

import asyncio
import contextlib
import random
import signal
from collections import Counter, defaultdict
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import uuid4

import httpx
import msgspec
import pytest

from tests.crash.server import OPENING_UNITS, Server
from tests.waiting import eventually

pytestmark = pytest.mark.anyio

KILLS = 10
CALLERS = 3
# How long a caller waits who got no answer.
RETRY_S = 0.25
SEED = 20_261
SONG = {"prompt": "[Verse]\nLanterns", "title": "Lanterns", "tags": "folk"}


async def _submit(client: httpx.AsyncClient, hook: str, *, key: str) -> str:
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
                self.promised[key] = await _submit(client, self._hook, key=key)

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


async def _kill_again_and_again(server: Server, callers: Callers) -> None:
    chance = random.Random(SEED)
    for _ in range(KILLS):
        await asyncio.to_thread(server.start)
        enough = len(callers.promised) + chance.randint(1, 12)
        await eventually(lambda enough=enough: len(callers.promised) >= enough, deadline_s=60)
        # The crash's moment, not a wait for anything.
        await asyncio.sleep(chance.uniform(0.0, 0.4))
        assert await asyncio.to_thread(server.end, signal.SIGKILL) == -signal.SIGKILL


def _events(told: Path) -> list[dict]:
    return [msgspec.json.decode(line) for line in told.read_bytes().splitlines()]


async def test_ten_kills_of_a_whole_server_lose_nothing_and_pay_nothing_twice(
    server: Server, receiver: str, told: Path
) -> None:
    callers = Callers(server, f"{receiver}/taken")
    async with callers.calling():
        await _kill_again_and_again(server, callers)
    await asyncio.to_thread(server.start)
    async with server.client() as client:
        for key, public_id in random.Random(SEED).sample(sorted(callers.promised.items()), 5):
            assert await _submit(client, f"{receiver}/taken", key=key) == public_id
    await server.is_done()
    assert await asyncio.to_thread(server.end, signal.SIGTERM) == 0

    tasks = dict(server.rows("SELECT public_id, state FROM tasks"))
    assert set(callers.promised.values()) <= tasks.keys()
    assert len(callers.promised) == len(set(callers.promised.values())) > KILLS
    assert set(tasks.values()) == {"succeeded"}
    assert server.findings() == []
    _check_money(server, len(tasks))
    _check_webhooks(server, _events(told), tasks)


def _check_money(server: Server, tasks: int) -> None:
    counts = dict(server.rows("SELECT kind, count(*) FROM ledger GROUP BY kind"))
    assert counts["hold"] == counts["settle"] == tasks
    [(quota, used, prices)] = server.rows(
        "SELECT quota, used_quota, (SELECT sum(price) FROM tasks) FROM users WHERE name = 'mira'"
    )
    assert (quota, used) == (OPENING_UNITS - prices, prices)


def _check_webhooks(server: Server, events: list[dict], tasks: dict[str, str]) -> None:
    """Every end was told, always under the id that the outbox has for it, and always in the same words."""
    rows = server.rows(
        "SELECT tasks.public_id, outbox.id FROM outbox JOIN tasks ON tasks.id = task_id WHERE is_terminal"
    )
    assert Counter(public_id for public_id, _ in rows) == Counter(tasks.keys())
    last_event = dict(rows)
    ends: defaultdict[str, set[str]] = defaultdict(set)
    words: defaultdict[str, set[bytes]] = defaultdict(set)
    for event in events:
        words[event["event"]].add(msgspec.json.encode(event["told"]))
        if event["told"]["status"] == "SUCCESS":
            ends[event["told"]["task_id"]].add(event["event"])
    assert ends == {public_id: {last_event[public_id]} for public_id in tasks}
    assert {len(told) for told in words.values()} == {1}
