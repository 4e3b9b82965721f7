import asyncio
from contextlib import aclosing

import pytest

from tests.engines.conftest import events_of, text_of
from tests.engines.rows import row
from tests.waiting import eventually, is_alive
from tutti.errors import EngineError, InvalidRequestError, UnavailableError
from tutti.intents import Song

pytestmark = pytest.mark.anyio

SONG = frozenset({"song"})


def start(host, engine, job):
    return asyncio.create_task(text_of(host, engine, job))


@pytest.mark.parametrize(
    ("rows", "cores"),
    [
        ([row("one"), row("two")], 2),
        ([row("one", count=2)], 2),
        ([row("one", cores=2, count=2)], 4),
    ],
)
async def test_jobs_run_at_once_where_children_and_cores_allow(make_host, make_job, tmp_path, rows, cores):
    host = make_host(*rows, cores=cores)
    a, b = tmp_path / "a", tmp_path / "b"
    jobs = [start(host, rows[0].name, make_job(f"meet {a} {b}")), start(host, rows[-1].name, make_job(f"meet {b} {a}"))]
    assert await asyncio.gather(*jobs) == ["met", "met"]


@pytest.mark.parametrize(
    ("rows", "room"),
    [
        pytest.param([row("one"), row("two")], {"cores": 1, "memory_mb": 1000}, id="one core"),
        pytest.param([row("one")], {"cores": 2, "memory_mb": 1000}, id="one child"),
        pytest.param([row("one", count=2)], {"cores": 2, "memory_mb": 99}, id="memory for one child"),
        pytest.param([row("one"), row("two")], {"cores": 2, "memory_mb": 99}, id="memory for one engine"),
        pytest.param([row("one", cores=9), row("two")], {"cores": 2, "memory_mb": 1000}, id="all cores taken"),
    ],
)
async def test_job_waits_for_room(make_host, make_job, tmp_path, rows, room):
    host = make_host(*rows, **room)
    a, b = tmp_path / "a", tmp_path / "b"
    first = start(host, rows[0].name, make_job(f"meet {a} {b}"))
    await eventually(a.exists)
    second = start(host, rows[-1].name, make_job(f"meet {b} {a}"))
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(asyncio.shield(second), 0.3)
    assert not b.exists()
    b.touch()
    assert await asyncio.gather(first, second) == ["met", "met"]


async def test_idle_child_makes_room_for_another_engine(make_host, make_job):
    host = make_host(row("one"), row("two"), memory_mb=99)
    pid = int(await text_of(host, "one", make_job("pid")))
    assert await text_of(host, "two", make_job("echo hi")) == "la hi"
    await eventually(lambda: not is_alive(pid))
    assert await text_of(host, "one", make_job("echo hi")) == "la hi"


async def test_child_that_died_idle_is_replaced(make_host, make_job):
    host = make_host()
    pid = int(await text_of(host, "fake", make_job("pid")))
    child = next(host._crew.children("fake"))
    child.kill()
    await eventually(lambda: not is_alive(pid))
    assert int(await text_of(host, "fake", make_job("pid"))) != pid


async def test_cancelled_waiter_leaves_its_place(make_host, make_job, tmp_path):
    host = make_host(row("one"), row("two"), cores=1)
    a, b = tmp_path / "a", tmp_path / "b"
    first = start(host, "one", make_job(f"meet {a} {b}"))
    await eventually(a.exists)
    second = start(host, "two", make_job("echo hi"))
    await eventually(lambda: len(host._cores._waiting) == 1)
    second.cancel()
    b.touch()
    assert await first == "met"
    assert host._cores.free == 1


def asking(description):
    return Song(seats=(), description=description)


@pytest.fixture
def ask_host(make_host):
    return make_host(row("ask", "AskingEngine", kinds=SONG), row(), cores=1)


async def test_engine_asks_another_and_lends_it_its_core(ask_host, make_job):
    assert await text_of(ask_host, "ask", make_job(asking("echo hi"))) == "asked: la hi"
    assert ask_host._cores.free == 1


async def test_asked_engine_works_in_the_scratch_of_the_asker_with_its_inputs(ask_host, make_job):
    job = make_job(asking("inputs"))
    text = await text_of(ask_host, "ask", job)
    assert text == f"asked: {job.scratch / 'asked-1'} a/key given"


@pytest.mark.parametrize(
    ("wish", "error"), [("refuse it", InvalidRequestError), ("poison", EngineError), ("hang", EngineError)]
)
async def test_failure_of_the_asked_reaches_the_asker(make_host, make_job, wish, error):
    host = make_host(row("ask", "AskingEngine", kinds=SONG), row(silence_s=0.5), cores=1)
    with pytest.raises(error) as caught:
        await events_of(host, "ask", make_job(asking(wish)))
    assert type(caught.value) is error
    assert await text_of(host, "ask", make_job(asking("echo hi"))) == "asked: la hi"


async def test_asking_for_what_nobody_serves_is_unavailable(make_host, make_job):
    host = make_host(row("ask", "AskingEngine", kinds=SONG))
    with pytest.raises(UnavailableError, match="lyrics"):
        await events_of(host, "ask", make_job(asking("echo hi")))


async def test_asking_goes_two_levels_down_at_most(make_host, make_job):
    host = make_host(row("ask", "AskingEngine", kinds=SONG), row("ring", "RingEngine"), cores=1)
    with pytest.raises(EngineError, match="levels down"):
        await events_of(host, "ring", make_job("round and round"))
    assert host._cores.free == 1


async def test_cancelled_asker_cancels_the_asked(ask_host, make_job):
    pid = await text_of(ask_host, "fake", make_job("pid"))
    async with aclosing(ask_host.run("ask", make_job(asking("slow 60")))) as events:
        await anext(events)
        going_on = asyncio.ensure_future(anext(events))
        await eventually(lambda: next(ask_host._crew.children("fake")).is_at_work)
        going_on.cancel()
        with pytest.raises(asyncio.CancelledError):
            await going_on
    assert await text_of(ask_host, "fake", make_job("pid")) == pid
    assert await text_of(ask_host, "ask", make_job(asking("echo hi"))) == "asked: la hi"
