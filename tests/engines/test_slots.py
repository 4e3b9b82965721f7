import asyncio
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.waiting import eventually
from tutti.engines.slots import CoreSlots

pytestmark = pytest.mark.anyio


async def _work(slots, *, cores, yields, asks, in_use):
    async with slots.hold(cores):
        in_use.append(cores)
        assert sum(min(held, slots.total) for held in in_use) <= slots.total
        for _ in range(yields):
            await asyncio.sleep(0)
        in_use.remove(cores)
        if asks:
            async with slots.lend(cores):
                await asyncio.sleep(0)


@given(
    total=st.integers(1, 4),
    jobs=st.lists(st.tuples(st.integers(1, 5), st.integers(0, 3), st.booleans()), max_size=8),
    seed=st.integers(0, 1000),
)
def test_cores_are_never_overspent_and_all_come_back(total, jobs, seed):
    async def run():
        slots, in_use, chance = CoreSlots(total), [], random.Random(seed)
        running = [
            asyncio.create_task(_work(slots, cores=cores, yields=yields, asks=asks, in_use=in_use))
            for cores, yields, asks in jobs
        ]
        for task in running:
            await asyncio.sleep(0)
            # Cancelled only while waiting: `in_use` of this test is not cleared by a cancel.
            if chance.random() < 0.3 and any(not turn.done() for _, turn in slots._waiting):
                waiting = next(turn for _, turn in slots._waiting if not turn.done())
                waiting.cancel()
            del task
        await asyncio.gather(*running, return_exceptions=True)
        assert [task.exception() for task in running if not task.cancelled() and task.exception()] == []
        assert slots.free == total

    asyncio.run(run())


async def test_wide_job_is_not_starved_by_narrow_ones():
    slots, order = CoreSlots(2), []

    async def job(name, cores):
        async with slots.hold(cores):
            order.append(name)

    async with slots.hold(1):
        wide = asyncio.create_task(job("wide", 2))
        await eventually(lambda: len(slots._waiting) == 1)
        narrow = asyncio.create_task(job("narrow", 1))
        await eventually(lambda: len(slots._waiting) == 2)
    await asyncio.gather(wide, narrow)
    assert order == ["wide", "narrow"]


async def test_cancelled_lender_gives_back_what_it_held():
    slots = CoreSlots(1)

    async def lender():
        async with slots.hold(1), slots.lend(1):
            await asyncio.sleep(60)

    async with asyncio.timeout(10):
        job = asyncio.create_task(lender())
        await eventually(lambda: slots.free == 1)
        job.cancel()
        await asyncio.gather(job, return_exceptions=True)
    assert slots.free == 1


async def test_job_that_needs_no_core_passes_those_who_wait():
    slots = CoreSlots(1)
    async with slots.hold(1):
        waiting = asyncio.create_task(slots.hold(1).__aenter__())
        await asyncio.sleep(0)
        async with asyncio.timeout(1), slots.hold(0):
            assert not waiting.done()
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
