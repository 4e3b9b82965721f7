"""A whole server, killed again and again while callers submit over HTTP: what it promised, it keeps and pays once."""

import asyncio
import random
import signal
from collections import Counter, defaultdict
from pathlib import Path

import msgspec
import pytest

from tests.crash.callers import Callers, kill_again_and_again, submit
from tests.crash.server import OPENING_UNITS, Server

pytestmark = pytest.mark.anyio

KILLS = 10
SEED = 20_261


def _events(told: Path) -> list[dict]:
    return [msgspec.json.decode(line) for line in told.read_bytes().splitlines()]


async def test_ten_kills_of_a_whole_server_lose_nothing_and_pay_nothing_twice(
    server: Server, receiver: str, told: Path
) -> None:
    callers = Callers(server, f"{receiver}/taken")
    async with callers.calling():
        await kill_again_and_again(server, callers, kills=KILLS, chance=random.Random(SEED))
    await asyncio.to_thread(server.start)
    async with server.client() as client:
        for key, public_id in random.Random(SEED).sample(sorted(callers.promised.items()), 5):
            assert await submit(client, f"{receiver}/taken", key=key) == public_id
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
