"""`VendorStore` in every implementation: work that waits for an upstream."""

import asyncio
from typing import Any

import pytest

from tests.factories import OPENING_UNITS, PRICE
from tests.tasks.work import CHANNEL, LEASE_MS, balance, claim, found, storing, submitted, waiting
from tutti.kit.clock import ManualClock
from tutti.tasks.model import RefundPolicy, TaskFailure
from tutti.tasks.states import TaskState

pytestmark = pytest.mark.anyio

REFUSED = TaskFailure(code="upstream_error", message="It said no.")


async def test_a_submission_noted_survives_a_lost_worker(store: Any, clock: ManualClock) -> None:
    await submitted(store, lane=CHANNEL)
    [held] = await claim(store, lane=CHANNEL)
    assert await store.note_submission(held.lease, vendor_idempotency_key="ours")
    clock.advance(LEASE_MS)
    await store.reap()
    [again] = await claim(store, lane=CHANNEL)
    assert again.vendor_idempotency_key == "ours"
    assert not await store.note_submission(held.lease, vendor_idempotency_key="another")


async def test_accept_gives_the_lease_up_and_waits(store: Any) -> None:
    await submitted(store, lane=CHANNEL)
    [held] = await claim(store, lane=CHANNEL)
    assert await store.accept(held.lease, vendor_ref="theirs", next_poll_at_ms=0)
    assert not await store.accept(held.lease, vendor_ref="theirs", next_poll_at_ms=0)
    task = await found(store, held)
    assert (task.state, task.vendor_ref, task.lease_owner) == (TaskState.WAITING, "theirs", None)
    assert await store.find_by_vendor_ref(CHANNEL, "theirs") == task
    assert await store.find_by_vendor_ref("channel:2", "theirs") is None


async def test_due_polls_are_out_of_sight_while_held(store: Any, clock: ManualClock) -> None:
    task = await waiting(store, next_poll_at_ms=clock.now_ms() + 100)
    assert await store.due_polls(limit=9, hold_ms=1000) == []
    clock.advance(100)
    assert [due.id for due in await store.due_polls(limit=9, hold_ms=1000)] == [task.id]
    assert await store.due_polls(limit=9, hold_ms=1000) == []
    clock.advance(1000)
    assert len(await store.due_polls(limit=9, hold_ms=1000)) == 1


async def test_row_11_progress_of_an_upstream_never_goes_back(store: Any, clock: ManualClock) -> None:
    task = await waiting(store)
    for progress, expected in ((50, 50), (30, 50), (70, 70)):
        await store.reschedule({task.id: (clock.now_ms(), progress), "unknown": (0, 9)})
        assert (await found(store, task)).progress == expected
    assert len(await store.due_polls(limit=9, hold_ms=1000)) == 1


async def test_row_12_of_poll_and_callback_one_wins(store: Any) -> None:
    task = await waiting(store)
    both = await asyncio.gather(
        *[store.begin_storing(task.id, owner=owner, lease_ms=LEASE_MS) for owner in ("poll", "callback")]
    )
    [held] = [one for one in both if one is not None]
    assert held.state is TaskState.STORING
    assert await store.complete(held.lease, output=b"{}")
    assert await store.begin_storing(task.id, owner="late", lease_ms=LEASE_MS) is None
    assert await balance(store) == (OPENING_UNITS - PRICE, PRICE)


async def test_a_failed_upstream_refunds_once(store: Any) -> None:
    task = await waiting(store)
    assert await store.fail_waiting(task.id, REFUSED)
    assert not await store.fail_waiting(task.id, REFUSED)
    assert not await store.fail_waiting("unknown", REFUSED)
    assert (await found(store, task)).error == REFUSED
    assert await balance(store) == (OPENING_UNITS, 0)


async def test_fail_waiting_leaves_a_task_alone_whose_result_is_being_stored(store: Any) -> None:
    held = await storing(store)
    assert not await store.fail_waiting(held.id, REFUSED)


async def test_release_of_storing_goes_back_to_waiting_and_is_due_at_once(store: Any) -> None:
    held = await storing(store)
    assert await store.release("poller") == 1
    assert [task.id for task in await store.due_polls(limit=9, hold_ms=1000)] == [held.id]


async def test_row_11_a_callback_is_noted_once_for_each_task_and_makes_it_due(store: Any, clock: ManualClock) -> None:
    task = await waiting(store, next_poll_at_ms=clock.now_ms() + 60_000)
    for is_new in (True, False):
        assert await store.receive(task.id, event_id="e", body=b"1") is is_new
        assert [due.id for due in await store.due_polls(limit=9, hold_ms=60_000)] == [task.id] * is_new
    assert await store.receive("unknown", event_id="e", body=b"1")


@pytest.mark.parametrize(("refund", "charged"), [(RefundPolicy.FULL, 0), (RefundPolicy.NONE, PRICE)])
async def test_row_15_cancel_while_an_upstream_is_asked_ends_when_it_answers(
    store: Any, refund: RefundPolicy, charged: int
) -> None:
    await submitted(store, lane=CHANNEL)
    [task] = await claim(store, lane=CHANNEL)
    await store.cancel(task.id, refund=refund)
    assert await store.accept(task.lease, vendor_ref="ref-1", next_poll_at_ms=0)
    assert (await found(store, task)).state is TaskState.CANCELLED
    assert await balance(store) == (OPENING_UNITS - charged, charged)


async def test_work_handed_on_is_queued_in_the_other_lane_as_if_untried(store: Any, clock: ManualClock) -> None:
    task = await submitted(store, lane=CHANNEL)
    [held] = await claim(store, lane=CHANNEL)
    assert await store.note_submission(held.lease, vendor_idempotency_key="ours")
    assert await store.hand_on(held.lease, lane="channel:2", backoff_ms=0)
    assert not await store.hand_on(held.lease, lane="channel:3", backoff_ms=0)
    assert await claim(store, lane=CHANNEL) == []
    [again] = await claim(store, lane="channel:2")
    assert (again.id, again.attempt, again.vendor_idempotency_key) == (task.id, 1, None)
    assert await store.hand_on(again.lease, lane="channel:2", backoff_ms=1000)
    assert await claim(store, lane="channel:2") == []
    clock.advance(1000)
    assert len(await claim(store, lane="channel:2")) == 1


async def test_row_15_work_handed_on_after_a_cancellation_ends(store: Any) -> None:
    task = await submitted(store, lane=CHANNEL)
    [held] = await claim(store, lane=CHANNEL)
    await store.cancel(task.id, refund=RefundPolicy.FULL)
    assert await store.hand_on(held.lease, lane=CHANNEL, backoff_ms=0)
    assert (await found(store, task)).state is TaskState.CANCELLED
    assert await balance(store) == (OPENING_UNITS, 0)


async def test_waiting_tasks_are_counted(store: Any) -> None:
    assert await store.count_waiting() == 0
    await waiting(store)
    assert await store.count_waiting() == 1
    await storing(store, vendor_ref="ref-2")
    assert await store.count_waiting() == 1
