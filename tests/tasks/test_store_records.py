"""`Records` in every implementation: what operators look up, and webhooks that they send again."""

from typing import Any

import pytest

from tests.billing.calls import call
from tests.tasks.work import HOOK, found, running, submitted
from tutti.billing.store import Flush, SliceAsk, SliceChange
from tutti.tasks.model import OutboxEvent, TaskFailure

pytestmark = pytest.mark.anyio


async def _due(store: Any) -> list[OutboxEvent]:
    return await store.due_events(owner="deliverer", limit=10, lease_ms=10_000)


async def _buried(store: Any, **changes: Any) -> OutboxEvent:
    """The event of a failed task, given up."""
    held = await running(store, notify_hook=HOOK, **changes)
    await store.fail(held.lease, TaskFailure(code="c", message="m"), may_retry=False)
    [event] = await _due(store)
    await store.bury_event(event.id, status=410)
    return event


async def test_a_task_is_found_by_either_of_its_ids(store: Any) -> None:
    task = await submitted(store)
    assert await store.look_up(task.id) == await store.look_up(task.public_id) == task
    assert await store.look_up("nothing") is None


async def test_everybodys_tasks_are_listed_newest_first(store: Any) -> None:
    tasks = [await submitted(store, id=f"t-{number}", public_id=f"p-{number}") for number in range(3)]
    listed = await store.list_tasks(user_id=None, limit=2)
    assert [one.id for one in listed] == [tasks[2].id, tasks[1].id]
    assert [one.id for one in await store.list_tasks(user_id=None, limit=2, before_id="t-1")] == ["t-0"]


async def test_a_task_has_its_hold_and_its_settlement_in_the_ledger(store: Any) -> None:
    held = await running(store)
    assert [(row.kind, row.amount) for row in await store.ledger_of(held.id)] == [("hold", -held.price)]
    await store.fail(held.lease, TaskFailure(code="c", message="m"), may_retry=False)
    rows = [(row.kind, row.ref, row.user_id, row.amount) for row in await store.ledger_of(held.id)]
    assert rows == [("hold", held.id, 1, -held.price), ("settle", held.id, 1, held.price)]


async def test_a_flush_has_all_its_rows_and_no_other_s(store: Any) -> None:
    await store.draw(SliceAsk("s", "w", 1, 1, 100))
    for flush_id in ("flush-1", "flush-10"):
        await store.flush(Flush(flush_id, [SliceChange("s", 1, 1, spent=7)], [call(units=7)]))
    assert [(row.kind, row.ref, row.amount) for row in await store.ledger_of("flush-1")] == [("flush", "flush-1:0", -7)]
    assert await store.ledger_of("flush") == []


async def test_a_buried_event_is_sent_again_under_its_id(store: Any) -> None:
    event = await _buried(store)
    (shown,) = await store.buried_events(limit=10)
    assert (shown.id, shown.state, shown.tries, shown.last_status) == (event.id, "dead", 1, 410)
    (again,) = await store.redeliver([event.id, "nothing"])
    assert (again.id, again.state, again.tries) == (event.id, "pending", 0)
    assert await store.buried_events(limit=10) == []
    assert await store.redeliver([event.id]) == []
    (due,) = await _due(store)
    assert (due.id, due.body, due.tries) == (event.id, event.body, 1)


async def test_an_event_that_a_newer_one_has_replaced_is_not_sent_again(store: Any) -> None:
    held = await running(store, notify_hook=HOOK)
    [started] = await _due(store)
    await store.bury_event(started.id, status=500)
    await store.complete(held.lease, output=b"{}")
    assert await store.buried_events(limit=10) == []
    assert await store.redeliver([started.id]) == []
    told = [(one.seq, one.state) for one in await store.events_of(held.id)]
    assert told[-1] == (2, "pending")
    assert (await found(store, held)).is_terminal


async def test_the_newest_that_was_given_up_comes_first(store: Any, clock: Any) -> None:
    events = []
    for number in range(3):
        events.append(await _buried(store, id=f"t-{number}", public_id=f"p-{number}"))
        clock.advance(1)
    assert [one.id for one in await store.buried_events(limit=2)] == [events[2].id, events[1].id]
