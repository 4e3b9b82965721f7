"""Those who ask for the same in one group of the SQLite store are served at once, each with a verdict of its own."""

import asyncio
import threading
from collections.abc import AsyncIterator, Awaitable
from pathlib import Path
from typing import Any

import pytest
from msgspec import structs

from tests.factories import OPENING_UNITS, PRICE, new_task, seed_account
from tutti.accounts.model import NewKey
from tutti.database.check import check
from tutti.errors import ConflictError, KeyQuotaError, NotFoundError, StoreError, UserQuotaError
from tutti.kit.clock import ManualClock
from tutti.tasks.model import RefundPolicy, Submitted, Task
from tutti.tasks.sqlite import SqliteTaskStore
from tutti.tasks.states import TaskState

pytestmark = pytest.mark.anyio

LANE = "engine:song"


@pytest.fixture
async def store(database: Path, clock: ManualClock) -> AsyncIterator[SqliteTaskStore]:
    store = SqliteTaskStore(database, clock=clock, render_event=lambda _task, _parts: b"{}")
    await store.open()
    await seed_account(store)
    yield store
    await store.close()
    assert check(database) == []


async def in_one_group(store: SqliteTaskStore, *asked: Awaitable[Any]) -> list[Any]:
    """What becomes of several who ask while the writer is held, values and refusals."""
    began, gate = threading.Event(), threading.Event()
    held = asyncio.ensure_future(store._writer.run(lambda _connection: (began.set(), gate.wait())))
    await asyncio.to_thread(began.wait)
    waiting = [asyncio.ensure_future(one) for one in asked]
    await asyncio.sleep(0)
    gate.set()
    await held
    return await asyncio.gather(*waiting, return_exceptions=True)


def savepoints(store: SqliteTaskStore) -> list[str]:
    """Fills with the savepoints of groups that have to be done one by one after all."""
    seen: list[str] = []
    store._writer._connection.set_trace_callback(lambda said: seen.append(said) if "SAVEPOINT" in said else None)
    return seen


async def balances(store: SqliteTaskStore) -> list[tuple[int, int]]:
    return [(user.quota, user.used_quota) for user in await store.list_users()]


async def claimed(store: SqliteTaskStore, count: int) -> list[Task]:
    for _ in range(count):
        await store.submit(new_task())
    return await store.claim(LANE, owner="w", limit=count, lease_ms=60_000, state=TaskState.RUNNING)


async def test_a_repeated_submit_finds_its_task_in_the_same_group(store: SqliteTaskStore) -> None:
    seen = savepoints(store)
    first, again, other = await in_one_group(
        store,
        store.submit(new_task(idempotency_key="once", body_hash="a")),
        store.submit(new_task(idempotency_key="once", body_hash="a")),
        store.submit(new_task(idempotency_key="once", body_hash="b")),
    )
    assert (first.is_new, again) == (True, Submitted(task=first.task, is_new=False))
    assert isinstance(other, ConflictError)
    assert await balances(store) == [(OPENING_UNITS - PRICE, 0)]
    assert seen == []


async def test_credit_for_two_of_three_goes_to_those_who_came_first(store: SqliteTaskStore) -> None:
    await store.top_up(1, 2 * PRICE - OPENING_UNITS, ref="leave enough for two")
    outcomes = await in_one_group(store, *[store.submit(new_task()) for _ in range(3)])
    assert [type(outcome) for outcome in outcomes] == [Submitted, Submitted, UserQuotaError]
    assert await balances(store) == [(0, 0)]


async def test_keys_of_one_user_draw_on_one_balance_and_on_their_own(store: SqliteTaskStore) -> None:
    await store.create_key(NewKey(user_id=1, name="k", secret_hash="k", tail="k", quota=PRICE))
    await store.create_user("other", quota=PRICE)
    outcomes = await in_one_group(
        store,
        store.submit(new_task(key_id=2)),
        store.submit(new_task(key_id=1)),
        store.submit(new_task(key_id=2)),
        store.submit(new_task(user_id=2, key_id=2)),
    )
    assert [type(outcome) for outcome in outcomes] == [Submitted, Submitted, KeyQuotaError, NotFoundError]
    assert await balances(store) == [(OPENING_UNITS - 2 * PRICE, 0), (PRICE, 0)]
    assert [key.quota for key in await store.list_keys()] == [None, 0]


async def test_one_submit_that_cannot_be_written_spoils_no_other(store: SqliteTaskStore) -> None:
    seen = savepoints(store)
    outcomes = await in_one_group(store, *[store.submit(new_task(public_id=name)) for name in ("a", "b", "a", "c")])
    assert len(seen) == len(outcomes)
    assert [type(outcome) for outcome in outcomes] == [Submitted, Submitted, StoreError, Submitted]
    assert await balances(store) == [(OPENING_UNITS - 3 * PRICE, 0)]


async def test_a_task_completed_twice_in_one_group_is_settled_once(store: SqliteTaskStore) -> None:
    one, two = await claimed(store, 2)
    seen = savepoints(store)
    stale = structs.replace(two.lease, attempt=two.attempt - 1)
    outcomes = await in_one_group(
        store,
        store.complete(one.lease, output=b"1", cost=100),
        store.complete(stale, output=b"stale"),
        store.complete(one.lease, output=b"again"),
        store.complete(two.lease, output=b"2"),
    )
    assert outcomes == [True, False, False, True]
    found = {task.id: task for task in await store.find([one.public_id, two.public_id], user_id=1)}
    assert (found[one.id].output, found[two.id].output) == (b"1", b"2")
    assert {task.version for task in found.values()} == {one.version + 1}
    assert await balances(store) == [(OPENING_UNITS - 100 - PRICE, 100 + PRICE)]
    assert seen == []


async def test_verbs_of_one_group_happen_in_the_order_they_were_asked_for(store: SqliteTaskStore) -> None:
    new = new_task()
    submitted, cancelled, done = await in_one_group(
        store,
        store.submit(new),
        store.cancel(new.id, refund=RefundPolicy.FULL),
        store.submit(new_task()),
    )
    assert (submitted.is_new, cancelled.state, done.is_new) == (True, TaskState.CANCELLED, True)
    assert await balances(store) == [(OPENING_UNITS - PRICE, 0)]
