"""`TaskStore` in every implementation: submit, find, list, cancel."""

import asyncio
from typing import Any

import pytest

from tests.factories import OPENING_UNITS, PRICE, new_task
from tests.tasks.work import balance, claim, found, running, storing, submitted, waiting
from tutti.accounts.model import NewKey
from tutti.errors import ConflictError, KeyQuotaError, UserQuotaError
from tutti.kit.clock import ManualClock
from tutti.tasks.model import RefundPolicy
from tutti.tasks.states import TaskState

pytestmark = pytest.mark.anyio


async def test_submit_gives_the_row_as_it_is_read(store: Any, clock: ManualClock) -> None:
    new = new_task()
    answer = await store.submit(new)
    assert answer.is_new
    assert answer.task == await found(store, new)
    assert answer.task.state is TaskState.QUEUED
    assert answer.task.created_at_ms == clock.now_ms()


async def test_submit_holds_the_price(store: Any) -> None:
    await submitted(store)
    assert await balance(store) == (OPENING_UNITS - PRICE, 0)


async def test_submit_with_a_seen_key_gives_the_old_task_and_holds_nothing(store: Any) -> None:
    first = await submitted(store, idempotency_key="once", body_hash="a")
    again = await store.submit(new_task(idempotency_key="once", body_hash="a"))
    assert (again.is_new, again.task.id) == (False, first.id)
    assert await balance(store) == (OPENING_UNITS - PRICE, 0)


async def test_submit_with_a_seen_key_and_another_body_conflicts(store: Any) -> None:
    await submitted(store, idempotency_key="once", body_hash="a")
    with pytest.raises(ConflictError):
        await store.submit(new_task(idempotency_key="once", body_hash="b"))
    assert await balance(store) == (OPENING_UNITS - PRICE, 0)


async def test_submit_beyond_the_credit_is_refused_and_writes_nothing(store: Any) -> None:
    new = new_task(price=OPENING_UNITS + 1)
    with pytest.raises(UserQuotaError):
        await store.submit(new)
    assert await store.find([new.public_id], user_id=None) == []
    assert await balance(store) == (OPENING_UNITS, 0)


async def test_submit_beyond_the_keys_quota_is_refused_and_writes_nothing(store: Any) -> None:
    key = await store.create_key(NewKey(user_id=1, name="small", secret_hash="h", tail="t", quota=PRICE))
    await submitted(store, key_id=key.id)
    with pytest.raises(KeyQuotaError):
        await store.submit(new_task(key_id=key.id))
    assert await balance(store) == (OPENING_UNITS - PRICE, 0)
    assert (await store.list_keys())[1].quota == 0


async def test_row_19_credit_for_one_of_two_concurrent_submits_accepts_exactly_one(store: Any) -> None:
    await store.top_up(1, PRICE - OPENING_UNITS, ref="leave enough for one")
    answers = await asyncio.gather(*[store.submit(new_task()) for _ in range(2)], return_exceptions=True)
    assert sorted(type(answer).__name__ for answer in answers) == ["Submitted", "UserQuotaError"]
    assert await balance(store) == (0, 0)


async def test_a_refused_submit_does_not_sink_those_beside_it(store: Any) -> None:
    news = [new_task(price=OPENING_UNITS * 2 if number % 3 == 0 else 1) for number in range(30)]
    answers = await asyncio.gather(*[store.submit(new) for new in news], return_exceptions=True)
    assert [isinstance(answer, UserQuotaError) for answer in answers] == [number % 3 == 0 for number in range(30)]
    assert await balance(store) == (OPENING_UNITS - 20, 0)


async def test_find_passes_over_unknown_and_foreign_tasks(store: Any) -> None:
    task = await submitted(store)
    assert await store.find([task.public_id, "unknown"], user_id=1) == [task]
    assert await store.find([task.public_id], user_id=2) == []
    assert await store.find([], user_id=1) == []


async def test_list_is_newest_first_in_pages_and_by_state(store: Any) -> None:
    tasks = [await submitted(store, id=f"task-{number}") for number in range(5)]
    await store.cancel(tasks[0].id, refund=RefundPolicy.FULL)
    first = await store.list_tasks(user_id=1, limit=2)
    assert [task.id for task in first] == ["task-4", "task-3"]
    rest = await store.list_tasks(user_id=1, limit=9, before_id=first[-1].id)
    assert [task.id for task in rest] == ["task-2", "task-1", "task-0"]
    assert [task.id for task in await store.list_tasks(user_id=1, limit=9, state=TaskState.CANCELLED)] == ["task-0"]
    assert await store.list_tasks(user_id=2, limit=9) == []


async def test_the_user_with_few_tasks_is_served_between_those_of_one_with_many(store: Any) -> None:
    other = await store.create_user("noor", quota=OPENING_UNITS)
    key = await store.create_key(NewKey(user_id=other.id, name="n", secret_hash="n", tail="n"))
    for _ in range(20):
        await submitted(store)
    await submitted(store, user_id=other.id, key_id=key.id)
    owners = [task.user_id for task in await claim(store, limit=3)]
    assert other.id in owners


async def test_a_smaller_priority_goes_first(store: Any) -> None:
    await submitted(store, priority=5)
    urgent = await submitted(store, priority=1)
    assert [task.id for task in await claim(store, limit=1)] == [urgent.id]


@pytest.mark.parametrize("refund", RefundPolicy)
async def test_cancel_of_a_queued_task_always_refunds_in_full(store: Any, refund: RefundPolicy) -> None:
    task = await submitted(store)
    ended = await store.cancel(task.id, refund=refund)
    assert (ended.state, ended.final_cost) == (TaskState.CANCELLED, 0)
    assert await balance(store) == (OPENING_UNITS, 0)


@pytest.mark.parametrize(("refund", "charged"), [(RefundPolicy.FULL, 0), (RefundPolicy.NONE, PRICE)])
async def test_cancel_of_a_waiting_task_ends_it_by_policy(store: Any, refund: RefundPolicy, charged: int) -> None:
    task = await waiting(store)
    ended = await store.cancel(task.id, refund=refund)
    assert (ended.state, ended.final_cost) == (TaskState.CANCELLED, charged)
    assert await balance(store) == (OPENING_UNITS - charged, charged)


@pytest.mark.parametrize(("refund", "charged"), [(RefundPolicy.FULL, 0), (RefundPolicy.NONE, PRICE)])
@pytest.mark.parametrize("begin", [running, storing])
async def test_cancel_of_a_leased_task_ends_when_its_worker_reports(
    store: Any, begin: Any, refund: RefundPolicy, charged: int
) -> None:
    held = await begin(store)
    asked = await store.cancel(held.id, refund=refund)
    assert (asked.state, asked.is_cancel_requested) == (held.state, True)
    assert await store.finish_cancel(held.lease)
    assert not await store.finish_cancel(held.lease)
    assert (await found(store, held)).state is TaskState.CANCELLED
    assert await balance(store) == (OPENING_UNITS - charged, charged)


async def test_row_15_the_first_refund_policy_asked_for_stands(store: Any) -> None:
    held = await running(store)
    await store.cancel(held.id, refund=RefundPolicy.FULL)
    await store.cancel(held.id, refund=RefundPolicy.NONE)
    await store.finish_cancel(held.lease)
    assert await balance(store) == (OPENING_UNITS, 0)


async def test_row_15_a_completion_that_comes_first_wins_over_a_cancellation(store: Any) -> None:
    held = await running(store)
    await store.cancel(held.id, refund=RefundPolicy.FULL)
    assert await store.complete(held.lease, output=b"{}")
    assert not await store.finish_cancel(held.lease)
    ended = await store.cancel(held.id, refund=RefundPolicy.FULL)
    assert ended.state is TaskState.SUCCEEDED
    assert await balance(store) == (OPENING_UNITS - PRICE, PRICE)


async def test_cancel_of_an_unknown_task_is_none(store: Any) -> None:
    assert await store.cancel("nobody", refund=RefundPolicy.FULL) is None


async def test_tasks_are_found_by_the_parts_they_promised(store: Any) -> None:
    song = await submitted(store, part_ids=("clip-1", "clip-2"))
    other = await submitted(store, part_ids=("clip-3",))
    await submitted(store)
    assert await store.find_by_parts(["clip-2"], user_id=1) == [song]
    assert await store.find_by_parts(["clip-1", "clip-2"], user_id=None) == [song]
    both = await store.find_by_parts(["clip-3", "nothing", "clip-1"], user_id=1)
    assert {task.id for task in both} == {song.id, other.id}
    assert await store.find_by_parts([], user_id=1) == []


async def test_parts_of_others_are_not_found(store: Any) -> None:
    await submitted(store, part_ids=("clip-1",))
    assert await store.find_by_parts(["clip-1"], user_id=2) == []


async def test_a_refused_submit_promises_nothing(store: Any) -> None:
    with pytest.raises(UserQuotaError):
        await store.submit(new_task(price=OPENING_UNITS + 1, part_ids=("clip-1",)))
    assert await store.find_by_parts(["clip-1"], user_id=None) == []


async def test_a_repeated_submit_keeps_the_first_promise(store: Any) -> None:
    first = await submitted(store, idempotency_key="once", body_hash="a", part_ids=("clip-1",))
    await store.submit(new_task(idempotency_key="once", body_hash="a", part_ids=("clip-2",)))
    assert await store.find_by_parts(["clip-1", "clip-2"], user_id=1) == [first]
