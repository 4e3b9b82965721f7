import asyncio

import pytest

from tutti.kit import deadlines as module
from tutti.kit.deadlines import Deadlines

pytestmark = pytest.mark.anyio


@pytest.fixture(autouse=True)
def _looks_often(monkeypatch):
    monkeypatch.setattr(module, "LOOK_S", 0.01)


async def test_what_ends_in_time_is_left_alone():
    with Deadlines().within(60):
        await asyncio.sleep(0)


async def test_what_takes_too_long_is_ended_and_others_go_on():
    deadlines = Deadlines()

    async def rest(limit_s):
        try:
            with deadlines.within(limit_s):
                await asyncio.sleep(0.1)
        except TimeoutError:
            return "late"
        return "rested"

    assert await asyncio.gather(rest(0.02), rest(60), rest(0)) == ["late", "rested", "late"]


async def test_a_timeout_leaves_its_task_as_it_was():
    with pytest.raises(TimeoutError), Deadlines().within(0):
        await asyncio.sleep(60)
    assert asyncio.current_task().cancelling() == 0
    await asyncio.sleep(0)


@pytest.mark.parametrize("limit_s", [0, 60])
async def test_whoever_cancels_a_task_is_heard(limit_s):
    deadlines = Deadlines()

    async def rest():
        with deadlines.within(limit_s):
            await asyncio.sleep(60)

    task = asyncio.create_task(rest())
    await asyncio.sleep(0)
    deadlines._look()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_it_looks_again_for_those_who_come_later():
    deadlines = Deadlines()
    for _ in range(2):
        with pytest.raises(TimeoutError), deadlines.within(0):
            await asyncio.sleep(60)
        await asyncio.sleep(0.05)
        assert deadlines._timer is None
