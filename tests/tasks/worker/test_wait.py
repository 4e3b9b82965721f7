import asyncio

import pytest

from tests.factories import OPENING_UNITS, new_task
from tests.tasks.worker.conftest import LANE
from tests.waiting import eventually
from tutti.tasks.model import Pulse
from tutti.tasks.states import TaskState
from tutti.tasks.wait import CallerGoneError, refunded_if_unheard, snapshots, wait_until_done

pytestmark = pytest.mark.anyio


@pytest.fixture
def claim(store):
    """Claims the next task as a worker would."""

    async def claim():
        (task,) = await store.claim(LANE, owner="w", limit=1, lease_ms=60_000, state=TaskState.RUNNING)
        return task

    return claim


async def test_waiter_hears_of_the_end_at_once(store, submit, claim):
    task = await submit()
    waiting = asyncio.create_task(wait_until_done(store, task, timeout_s=60, every_s=60))
    held = await claim()
    await store.complete(held.lease, output=b"{}")
    async with asyncio.timeout(10):
        assert (await waiting).state is TaskState.SUCCEEDED


async def test_waiter_of_an_ended_task_does_not_wait(store, submit, claim):
    task = await submit()
    await store.complete((await claim()).lease, output=b"{}")
    assert (await wait_until_done(store, task, timeout_s=60)).is_terminal


async def test_wait_ends_with_its_time(store, submit):
    task = await submit()
    assert (await wait_until_done(store, task, timeout_s=0.05, every_s=0.01)).state is TaskState.QUEUED


async def test_lost_wake_up_costs_only_latency(store, submit, claim, monkeypatch):
    task = await submit()
    monkeypatch.setattr(store._tables.bus, "task_changed", lambda *_: None)
    waiting = asyncio.create_task(wait_until_done(store, task, timeout_s=60, every_s=0.02))
    await store.complete((await claim()).lease, output=b"{}")
    async with asyncio.timeout(10):
        assert (await waiting).is_terminal


async def test_heartbeats_are_sent_while_nothing_changes(store, submit, claim):
    beats = []

    async def beat(task):
        beats.append(task.version)

    task = await submit()
    waiting = asyncio.create_task(wait_until_done(store, task, timeout_s=60, heartbeat=beat, every_s=0.01))
    await eventually(lambda: len(beats) >= 3)
    assert set(beats) == {task.version}
    await store.complete((await claim()).lease, output=b"{}")
    await waiting


async def test_snapshots_show_each_step_up_to_the_end(store, submit, claim):
    task, seen = await submit(), []

    async def watch():
        seen.extend([(state.state, state.progress) async for state in snapshots(store, task, timeout_s=60)])

    watching = asyncio.create_task(watch())
    await asyncio.sleep(0)
    held = await claim()
    for progress in (10, 60):
        await store.heartbeat([Pulse(lease=held.lease, progress=progress)], lease_ms=60_000)
        # Steps that come faster than a watcher looks may be seen as one.
        await asyncio.sleep(0.01)
    await store.complete(held.lease, output=b"{}")
    await watching
    assert seen == [
        (TaskState.QUEUED, 0),
        (TaskState.RUNNING, 10),
        (TaskState.RUNNING, 60),
        (TaskState.SUCCEEDED, 100),
    ]


async def test_gone_caller_ends_the_wait(store, submit):
    gone = False

    async def is_gone():
        return gone

    task = await submit()
    waiting = asyncio.create_task(wait_until_done(store, task, timeout_s=60, every_s=0.01, is_gone=is_gone))
    await asyncio.sleep(0)
    assert not waiting.done()
    gone = True
    with pytest.raises(CallerGoneError):
        await waiting


@pytest.mark.parametrize(
    ("has_heard", "idempotency_key", "is_cancelled"),
    [(False, None, True), (True, None, False), (False, "key-1", False)],
)
@pytest.mark.parametrize("leave", [CallerGoneError, asyncio.CancelledError])
async def test_task_of_a_caller_who_left_without_an_id_is_refunded(
    store, leave, has_heard, idempotency_key, is_cancelled
):
    hash_ = "hash" if idempotency_key else None
    submitted = await store.submit(new_task(idempotency_key=idempotency_key, body_hash=hash_))

    async def leave_early():
        async with refunded_if_unheard(store, submitted, has_idempotency_key=idempotency_key is not None) as hearing:
            hearing.has_heard = has_heard
            raise leave

    with pytest.raises(leave):
        await leave_early()
    (task,) = await store.find([submitted.task.public_id], user_id=None)
    assert (task.state is TaskState.CANCELLED) == is_cancelled
    (user,) = await store.list_users()
    assert (user.quota == OPENING_UNITS) == is_cancelled


async def test_task_goes_on_when_the_caller_was_answered(store):
    submitted = await store.submit(new_task())
    async with refunded_if_unheard(store, submitted, has_idempotency_key=False):
        pass
    (task,) = await store.find([submitted.task.public_id], user_id=None)
    assert task.state is TaskState.QUEUED
