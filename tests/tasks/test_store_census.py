"""`Census` in every implementation."""

from typing import Any

import pytest

from tests.tasks.work import HOOK, LANE, LEASE_MS, running, submitted
from tutti.tasks.states import TaskState

pytestmark = pytest.mark.anyio


async def test_live_tasks_are_counted_by_lane_and_state(store: Any) -> None:
    assert await store.count_live() == {}
    done = await running(store)
    await running(store)
    await submitted(store)
    await submitted(store, lane="engine:lyrics")
    await store.complete(done.lease, output=b"{}")
    assert await store.count_live() == {
        (LANE, TaskState.RUNNING): 1,
        (LANE, TaskState.QUEUED): 1,
        ("engine:lyrics", TaskState.QUEUED): 1,
    }


async def test_events_are_counted_until_they_are_delivered(store: Any) -> None:
    task = await running(store, notify_hook=HOOK)
    await store.complete(task.lease, output=b"{}")
    before = await store.count_waiting_events()
    assert before > 0
    [event] = await store.due_events(owner="hooks", limit=1, lease_ms=LEASE_MS)
    await store.mark_delivered(event.id, status=200)
    assert await store.count_waiting_events() == before - 1
