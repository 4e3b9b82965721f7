"""Forty kill -9 at random moments: nothing acknowledged is lost, nothing is paid twice."""

import random
import sqlite3
from collections import defaultdict
from pathlib import Path

import pytest

from tests.crash.child import LANE, USERS, run
from tests.factories import PRICE
from tests.processes import forking
from tutti.accounts.model import NewKey
from tutti.database.check import check
from tutti.kit.clock import SystemClock
from tutti.tasks.sqlite import SqliteTaskStore
from tutti.tasks.states import TaskState

pytestmark = pytest.mark.anyio

KILLS = 40
SEED = 20_260
# Of one more user, who only makes calls and soon has nothing left.
POOR_UNITS = 5000


async def _open(database: Path) -> SqliteTaskStore:
    return await SqliteTaskStore.connect(database, clock=SystemClock(), render_event=lambda _task, _parts: b"{}")


async def _seed(database: Path) -> None:
    store = await _open(database)
    for number in range(USERS):
        user = await store.create_user(f"user {number}", quota=10**12)
        await store.create_key(NewKey(user_id=user.id, name="k", secret_hash=str(number), tail="k", quota=10**11))
    poor = await store.create_user("poor", quota=POOR_UNITS)
    await store.create_key(NewKey(user_id=poor.id, name="k", secret_hash="poor", tail="k"))
    await store.close()


def _kill_again_and_again(database: Path, acks: Path) -> None:
    chance = random.Random(SEED)
    context = forking()
    for number in range(KILLS):
        process = context.Process(target=run, args=(database, acks, f"life {number}"))
        process.start()
        # The crash's moment, not a wait for anything.
        process.join(chance.uniform(0.1, 0.8))
        assert process.is_alive(), "the child ended by itself"
        process.kill()
        process.join()


async def _drain(database: Path) -> None:
    """Do what is left to do, as the next server would."""
    store = await _open(database)
    for former in await store.lease_owners():
        await store.release(former)
    for former in await store.slice_owners():
        await store.return_slices(former)
    while tasks := await store.claim(LANE, owner="drain", limit=200, lease_ms=60_000, state=TaskState.RUNNING):
        for task in tasks:
            assert await store.complete(task.lease, output=b"{}")
    while events := await store.due_events(owner="drain", limit=200, lease_ms=60_000):
        for event in events:
            await store.mark_delivered(event.id, status=200)
    await store.close()


def _acknowledged(acks: Path) -> dict[str, set[str]]:
    found: defaultdict[str, set[str]] = defaultdict(set)
    for line in acks.read_text().splitlines():
        verb, task_id = line.split(" ")
        found[verb].add(task_id)
    return found


async def test_forty_random_kills_lose_nothing_and_pay_nothing_twice(database: Path, tmp_path: Path) -> None:
    acks = tmp_path / "acks"
    await _seed(database)
    _kill_again_and_again(database, acks)
    await _drain(database)
    assert check(database) == []

    acknowledged = _acknowledged(acks)
    assert len(acknowledged["submitted"]) > 10 * KILLS
    assert len(acknowledged["succeeded"]) > KILLS
    connection = sqlite3.connect(database)
    states = dict(connection.execute("SELECT id, state FROM tasks"))
    assert acknowledged["submitted"] <= states.keys()
    assert {states[task_id] for task_id in acknowledged["succeeded"]} <= {"succeeded"}
    assert not set(states.values()) & {"queued", "running"}

    [holds] = connection.execute("SELECT count(*) FROM ledger WHERE kind = 'hold'").fetchone()
    [settles] = connection.execute("SELECT count(*) FROM ledger WHERE kind = 'settle'").fetchone()
    assert holds == settles == len(states)
    calls = dict(connection.execute("SELECT request_id, units FROM usage_log"))
    assert acknowledged["charged"] <= calls.keys()
    assert len(acknowledged["charged"]) > KILLS
    assert connection.execute("SELECT count(*) FROM wallet_leases").fetchone() == (0,)
    assert connection.execute("SELECT quota, used_quota FROM users WHERE name = 'poor'").fetchone() == (0, POOR_UNITS)
    [written_off] = connection.execute(
        "SELECT coalesce(sum(amount), 0) FROM ledger WHERE kind = 'shortfall'"
    ).fetchone()
    [spent] = connection.execute("SELECT sum(used_quota) FROM users").fetchone()
    spent -= sum(calls.values()) - written_off
    [charged] = connection.execute("SELECT sum(final_cost) FROM tasks WHERE state = 'succeeded'").fetchone()
    assert spent == charged <= PRICE * len(states)
    [undelivered] = connection.execute("SELECT count(*) FROM outbox WHERE state <> 'delivered'").fetchone()
    [ended, told] = connection.execute(
        "SELECT (SELECT count(*) FROM tasks WHERE notify_hook IS NOT NULL),"
        " (SELECT count(DISTINCT task_id) FROM outbox WHERE is_terminal)"
    ).fetchone()
    connection.close()
    assert undelivered == 0
    assert ended == told > 0
