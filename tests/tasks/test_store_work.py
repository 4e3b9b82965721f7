"""`WorkStore` in every implementation: leases, fences and the ends of work."""

from typing import Any

import pytest
from msgspec import structs

from tests.factories import OPENING_UNITS, PRICE, new_task
from tests.tasks.work import LANE, LEASE_MS, balance, claim, found, running, storing, submitted
from tutti.accounts.model import NewKey
from tutti.kit.clock import ManualClock
from tutti.tasks.model import Pulse, RefundPolicy, Task, TaskFailure
from tutti.tasks.states import TaskState

pytestmark = pytest.mark.anyio

BROKEN = TaskFailure(code="engine_failed", message="It broke.")


async def _write_all(store: Any, held: Task) -> list[bool]:
    """Every fenced write of a worker, each answering whether it did anything."""
    verdicts = await store.heartbeat([Pulse(lease=held.lease, progress=99)], lease_ms=LEASE_MS)
    return [
        held.id not in verdicts.lost,
        await store.publish_part(held.lease, index=0, result=b"{}"),
        await store.fail(held.lease, BROKEN, may_retry=True) is not None,
        await store.finish_cancel(held.lease),
        await store.complete(held.lease, output=b"{}"),
    ]


async def test_claim_leases_each_task_once(store: Any, clock: ManualClock) -> None:
    await submitted(store)
    [task] = await claim(store)
    assert (task.state, task.attempt, task.lease_owner) == (TaskState.RUNNING, 1, "worker")
    assert task.started_at_ms == clock.now_ms()
    assert await claim(store) == []


async def test_claim_takes_from_its_lane_only(store: Any) -> None:
    await submitted(store, lane="engine:lyrics")
    assert await claim(store) == []


async def test_complete_settles_the_price_once(store: Any) -> None:
    held = await running(store)
    assert await store.complete(held.lease, output=b'{"done":1}')
    assert not await store.complete(held.lease, output=b"{}")
    task = await found(store, held)
    assert (task.state, task.final_cost, task.output, task.progress) == (TaskState.SUCCEEDED, PRICE, b'{"done":1}', 100)
    assert task.lease_owner is None
    assert await balance(store) == (OPENING_UNITS - PRICE, PRICE)


@pytest.mark.parametrize(("cost", "charged"), [(0, 0), (100, 100), (PRICE + 1, PRICE)])
async def test_complete_charges_no_more_than_was_held(store: Any, cost: int, charged: int) -> None:
    held = await running(store)
    await store.complete(held.lease, output=b"{}", cost=cost)
    assert await balance(store) == (OPENING_UNITS - charged, charged)


async def test_settling_gives_the_key_what_it_did_not_use(store: Any) -> None:
    key = await store.create_key(NewKey(user_id=1, name="k", secret_hash="k", tail="k", quota=1000))
    held = await running(store, key_id=key.id)
    await store.complete(held.lease, output=b"{}", cost=100)
    key = (await store.list_keys())[1]
    assert (key.quota, key.used_quota) == (900, 100)


async def test_fail_queues_again_while_attempts_remain(store: Any, clock: ManualClock) -> None:
    held = await running(store, max_attempts=2)
    assert await store.fail(held.lease, BROKEN, may_retry=True, backoff_ms=5000) is TaskState.QUEUED
    assert await claim(store) == []
    clock.advance(5000)
    [again] = await claim(store)
    assert again.attempt == 2
    assert await store.fail(again.lease, BROKEN, may_retry=True) is TaskState.FAILED
    task = await found(store, held)
    assert (task.error, task.final_cost) == (BROKEN, 0)
    assert await balance(store) == (OPENING_UNITS, 0)


async def test_fail_without_retry_ends_at_once(store: Any) -> None:
    held = await running(store)
    assert await store.fail(held.lease, BROKEN, may_retry=False) is TaskState.FAILED
    assert await balance(store) == (OPENING_UNITS, 0)


async def test_fail_of_a_cancelled_task_cancels_it(store: Any) -> None:
    held = await running(store)
    await store.cancel(held.id, refund=RefundPolicy.NONE)
    assert await store.fail(held.lease, BROKEN, may_retry=True) is TaskState.CANCELLED
    assert await balance(store) == (OPENING_UNITS - PRICE, PRICE)


@pytest.mark.parametrize("change", [{"owner": "other"}, {"attempt": 2}, {"task_id": "unknown"}])
async def test_row_9_a_stale_lease_writes_nothing(store: Any, change: dict[str, Any]) -> None:
    held = await running(store)
    stale = structs.replace(held.lease, **change)
    verdicts = await store.heartbeat([Pulse(lease=stale, progress=99)], lease_ms=LEASE_MS)
    assert verdicts.lost == {stale.task_id}
    assert not await store.publish_part(stale, index=0, result=b"{}")
    assert await store.fail(stale, BROKEN, may_retry=True) is None
    assert not await store.finish_cancel(stale)
    assert not await store.complete(stale, output=b"{}")
    assert await found(store, held) == held


async def test_row_4_a_lost_worker_is_replaced_and_fenced_off(store: Any, clock: ManualClock) -> None:
    lost = await running(store)
    clock.advance(LEASE_MS)
    assert await store.reap() == 1
    [again] = await claim(store)
    assert again.attempt == 2
    assert not any(await _write_all(store, lost))
    assert await store.complete(again.lease, output=b"{}")
    assert await balance(store) == (OPENING_UNITS - PRICE, PRICE)


async def test_row_23_a_task_that_kills_its_workers_fails_and_is_refunded(store: Any, clock: ManualClock) -> None:
    task = await submitted(store, max_attempts=3)
    innocent = await submitted(store, lane="engine:lyrics")
    for _ in range(3):
        assert len(await claim(store)) == 1
        clock.advance(LEASE_MS)
        await store.reap()
    ended = await found(store, task)
    assert (ended.state, ended.error.code) == (TaskState.FAILED, "worker_lost")
    assert "3 times" in ended.error.message
    assert await found(store, innocent) == innocent
    assert await balance(store) == (OPENING_UNITS - PRICE, 0)


async def test_heartbeat_keeps_the_lease_and_never_goes_back(store: Any, clock: ManualClock) -> None:
    held = await running(store)
    for progress in (40, 20):
        clock.advance(LEASE_MS - 1)
        verdicts = await store.heartbeat([Pulse(lease=held.lease, progress=progress, note="mix")], lease_ms=LEASE_MS)
        assert (verdicts.lost, verdicts.cancelled) == (frozenset(), frozenset())
        assert await store.reap() == 0
    task = await found(store, held)
    assert (task.progress, task.progress_note) == (40, "mix")
    assert task.version > held.version


async def test_heartbeat_tells_of_a_cancellation(store: Any) -> None:
    held = await running(store)
    await store.cancel(held.id, refund=RefundPolicy.FULL)
    verdicts = await store.heartbeat([Pulse(lease=held.lease, progress=1)], lease_ms=LEASE_MS)
    assert verdicts.cancelled == {held.id}


async def test_parts_are_visible_before_the_end_and_replaced_by_index(store: Any) -> None:
    held = await running(store)
    for index, result in ((1, b"late"), (0, b"early"), (1, b"later")):
        assert await store.publish_part(held.lease, index=index, result=result)
    parts = await store.parts([held.id, "unknown"])
    assert [(part.index, part.result) for part in parts[held.id]] == [(0, b"early"), (1, b"later")]
    assert list(parts) == [held.id]
    assert await store.parts([]) == {}


async def test_parts_survive_a_failure(store: Any) -> None:
    held = await running(store)
    await store.publish_part(held.lease, index=0, result=b"first")
    await store.fail(held.lease, BROKEN, may_retry=False)
    assert len((await store.parts([held.id]))[held.id]) == 1


async def test_release_gives_leases_back_without_burning_attempts(store: Any) -> None:
    held = await running(store)
    assert await store.release("somebody else") == 0
    assert await store.release("worker") == 1
    assert not await store.complete(held.lease, output=b"{}")
    [again] = await claim(store, owner="next worker")
    assert again.attempt == 1
    assert await store.complete(again.lease, output=b"{}")


async def test_release_carries_out_a_cancellation(store: Any) -> None:
    held = await running(store)
    await store.cancel(held.id, refund=RefundPolicy.FULL)
    await store.release("worker")
    assert (await found(store, held)).state is TaskState.CANCELLED


async def test_row_16_an_overdue_task_expires_and_its_worker_comes_too_late(store: Any, clock: ManualClock) -> None:
    held = await running(store, deadline_at_ms=clock.now_ms() + 1000)
    clock.advance(1000)
    assert await store.reap() == 1
    assert not await store.complete(held.lease, output=b"{}")
    ended = await found(store, held)
    assert (ended.state, ended.error.code) == (TaskState.EXPIRED, "deadline_exceeded")
    assert await balance(store) == (OPENING_UNITS, 0)


async def test_overdue_task_whose_cancellation_pends_is_settled_by_its_policy(store: Any, clock: ManualClock) -> None:
    held = await running(store, deadline_at_ms=clock.now_ms() + 1000)
    await store.cancel(held.id, refund=RefundPolicy.NONE)
    clock.advance(1000)
    assert await store.reap() == 1
    assert (await found(store, held)).state is TaskState.CANCELLED
    assert await balance(store) == (OPENING_UNITS - PRICE, PRICE)


async def test_row_16_a_completion_before_the_deadline_stands(store: Any, clock: ManualClock) -> None:
    held = await running(store, deadline_at_ms=clock.now_ms() + 1000)
    assert await store.complete(held.lease, output=b"{}")
    clock.advance(2000)
    assert await store.reap() == 0
    assert (await found(store, held)).state is TaskState.SUCCEEDED


async def test_row_24_storing_of_a_vendors_result_goes_back_to_waiting_however_often(
    store: Any, clock: ManualClock
) -> None:
    held = await storing(store, max_attempts=1)
    for _ in range(3):
        clock.advance(LEASE_MS)
        assert await store.reap() == 1
        assert (await found(store, held)).state is TaskState.WAITING
        held = await store.begin_storing(held.id, owner="poller", lease_ms=LEASE_MS)
    assert await store.fail(held.lease, BROKEN, may_retry=True) is TaskState.WAITING
    assert await store.claim(LANE, owner="w", limit=9, lease_ms=LEASE_MS, state=TaskState.RUNNING) == []
    held = await store.begin_storing(held.id, owner="poller", lease_ms=LEASE_MS)
    assert await store.complete(held.lease, output=b"{}")
    assert await balance(store) == (OPENING_UNITS - PRICE, PRICE)


async def test_row_21_clock_set_back_holds_up_neither_queued_work_nor_webhooks(store: Any, clock: Any) -> None:
    await store.submit(new_task(notify_hook="https://hooks.example.org/a"))
    await store.submit(new_task())
    (first,) = await store.claim(LANE, owner="a", limit=1, lease_ms=1000, state=TaskState.RUNNING)
    await store.release("a")
    clock.advance(-3_600_000)
    again = await store.claim(LANE, owner="b", limit=5, lease_ms=1000, state=TaskState.RUNNING)
    assert {task.id for task in again} >= {first.id}
    assert len(again) == 2
    assert len(await store.due_events(owner="b", limit=5, lease_ms=1000)) == 1
