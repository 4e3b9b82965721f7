"""`Outbox` in every implementation: what is told of a task, and how often."""

from typing import Any

import msgspec
import pytest

from tests.tasks.work import HOOK, claim, running, submitted, waiting
from tutti.kit.clock import ManualClock
from tutti.tasks.model import OutboxEvent, RefundPolicy, TaskFailure

pytestmark = pytest.mark.anyio

LEASE_MS = 10_000


async def _due(store: Any, limit: int = 10) -> list[OutboxEvent]:
    return await store.due_events(owner="deliverer", limit=limit, lease_ms=LEASE_MS)


async def _deliver_all(store: Any) -> list[dict[str, Any]]:
    """Deliver what is due; what the receiver learnt."""
    events = await _due(store)
    for event in events:
        await store.mark_delivered(event.id, status=200)
    return [msgspec.json.decode(event.body) for event in events]


async def test_every_visible_change_is_told_in_order(store: Any) -> None:
    await submitted(store, notify_hook=HOOK)
    assert await _deliver_all(store) == []
    [held] = await claim(store)
    heard = await _deliver_all(store)
    await store.publish_part(held.lease, index=0, result=b"{}")
    heard += await _deliver_all(store)
    await store.complete(held.lease, output=b"{}")
    heard += await _deliver_all(store)
    assert heard == [
        {"state": "running", "parts": 0},
        {"state": "running", "parts": 1},
        {"state": "succeeded", "parts": 1},
    ]
    assert await _deliver_all(store) == []


async def test_a_task_without_a_hook_tells_nothing(store: Any) -> None:
    held = await running(store)
    await store.complete(held.lease, output=b"{}")
    assert await _due(store) == []


async def test_an_undelivered_event_is_replaced_by_a_newer_one(store: Any) -> None:
    held = await running(store, notify_hook=HOOK)
    await store.publish_part(held.lease, index=0, result=b"{}")
    await store.complete(held.lease, output=b"{}")
    assert await _deliver_all(store) == [{"state": "succeeded", "parts": 1}]


async def test_a_second_attempt_is_no_news(store: Any) -> None:
    held = await running(store, notify_hook=HOOK)
    await _deliver_all(store)
    await store.fail(held.lease, TaskFailure(code="c", message="m"), may_retry=True)
    assert len(await claim(store)) == 1
    assert await _deliver_all(store) == []


async def test_acceptance_by_an_upstream_is_no_news(store: Any) -> None:
    task = await waiting(store, notify_hook=HOOK)
    assert await _deliver_all(store) == [{"state": "submitting", "parts": 0}]
    await store.cancel(task.id, refund=RefundPolicy.FULL)
    assert await _deliver_all(store) == [{"state": "cancelled", "parts": 0}]


async def test_row_17_an_event_comes_again_under_its_id_until_it_is_marked(store: Any, clock: ManualClock) -> None:
    await running(store, notify_hook=HOOK)
    [first] = await _due(store)
    assert await _due(store) == []
    clock.advance(LEASE_MS)
    [second] = await _due(store)
    assert (second.id, second.body, first.tries, second.tries) == (first.id, first.body, 1, 2)
    await store.mark_delivered(second.id, status=200)
    clock.advance(LEASE_MS)
    assert await _due(store) == []


async def test_retry_waits_for_its_time(store: Any, clock: ManualClock) -> None:
    await running(store, notify_hook=HOOK)
    [event] = await _due(store)
    await store.retry_event(event.id, next_at_ms=clock.now_ms() + 60_000, status=500)
    clock.advance(59_999)
    assert await _due(store) == []
    clock.advance(1)
    assert [again.id for again in await _due(store)] == [event.id]


async def test_a_buried_event_is_not_sent_again(store: Any, clock: ManualClock) -> None:
    await running(store, notify_hook=HOOK)
    [event] = await _due(store)
    await store.bury_event(event.id, status=410)
    clock.advance(LEASE_MS)
    assert await _due(store) == []


async def test_nothing_is_sent_after_the_last_event(store: Any, clock: ManualClock) -> None:
    held = await running(store, notify_hook=HOOK)
    [started] = await _due(store)
    await store.complete(held.lease, output=b"{}")
    await store.retry_event(started.id, next_at_ms=clock.now_ms(), status=500)
    assert await _deliver_all(store) == [{"state": "succeeded", "parts": 0}]
    clock.advance(LEASE_MS)
    assert await _due(store) == []


async def test_the_last_event_waits_for_one_under_way(store: Any) -> None:
    held = await running(store, notify_hook=HOOK)
    [started] = await _due(store)
    await store.complete(held.lease, output=b"{}")
    assert await _due(store) == []
    await store.mark_delivered(started.id, status=200)
    assert await _deliver_all(store) == [{"state": "succeeded", "parts": 0}]


async def test_the_last_event_overtakes_one_whose_deliverer_died(store: Any, clock: ManualClock) -> None:
    held = await running(store, notify_hook=HOOK)
    assert len(await _due(store)) == 1
    await store.complete(held.lease, output=b"{}")
    clock.advance(LEASE_MS)
    assert await _deliver_all(store) == [{"state": "succeeded", "parts": 0}]
