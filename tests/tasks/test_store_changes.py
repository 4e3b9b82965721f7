"""`Changes` in every implementation: nobody sleeps through what they wait for."""

import asyncio
from collections.abc import Awaitable
from typing import Any

import pytest

from tests.tasks.work import LANE, LEASE_MS, claim, running, submitted
from tutti.tasks.model import Pulse, RefundPolicy

pytestmark = pytest.mark.anyio

# Far longer than any test takes: a missed wake-up shows as this.
LONG_S = 60.0


async def _woken(waiting: Awaitable[None], act: Awaitable[Any]) -> None:
    """Fail unless the waiter returns soon after the act."""
    async with asyncio.timeout(10):
        waiter = asyncio.ensure_future(waiting)
        await asyncio.sleep(0)
        await act
        await waiter


async def test_a_change_wakes_those_who_wait_for_the_task(store: Any) -> None:
    held = await running(store)
    pulse = Pulse(lease=held.lease, progress=5)
    await _woken(
        store.wait_for_task(held.id, seen_version=held.version, timeout_s=LONG_S),
        store.heartbeat([pulse], lease_ms=LEASE_MS),
    )


async def test_the_end_wakes_those_who_wait_for_the_task(store: Any) -> None:
    task = await submitted(store)
    await _woken(
        store.wait_for_task(task.id, seen_version=task.version, timeout_s=LONG_S),
        store.cancel(task.id, refund=RefundPolicy.FULL),
    )


async def test_a_submit_wakes_a_worker_of_the_lane(store: Any) -> None:
    await _woken(store.wait_for_work([LANE, "engine:lyrics"], timeout_s=LONG_S), submitted(store))


async def test_waiting_ends_at_the_timeout(store: Any) -> None:
    task = await submitted(store, lane="engine:lyrics")
    async with asyncio.timeout(10):
        await store.wait_for_task(task.id, seen_version=task.version, timeout_s=0.01)
        await store.wait_for_work([LANE], timeout_s=0.01)


async def test_work_that_was_there_before_is_seen(store: Any) -> None:
    """The submit fell between an empty claim and the wait."""
    assert await claim(store) == []
    await submitted(store)
    async with asyncio.timeout(10):
        await store.wait_for_work([LANE], timeout_s=LONG_S)


async def test_a_change_that_was_there_before_is_seen(store: Any) -> None:
    """The claim fell between a caller's look and the wait."""
    task = await submitted(store)
    await claim(store)
    async with asyncio.timeout(10):
        await store.wait_for_task(task.id, seen_version=task.version, timeout_s=LONG_S)
