import asyncio
import os
from contextlib import aclosing

import pytest
from structlog.testing import capture_logs

from tests.engines.conftest import events_of, text_of
from tests.engines.rows import row
from tests.waiting import eventually, is_alive
from tutti.errors import EngineError, InvalidRequestError, UnavailableError
from tutti.intents import ClipSeat, Song
from tutti.tasks.runner import Done, Part, Progress

pytestmark = pytest.mark.anyio

SONG = frozenset({"song"})


async def test_job_gives_progress_then_result(make_host, make_job):
    assert await events_of(make_host(), "fake", make_job("echo hi")) == [
        Progress(fraction=0.5, note="half"),
        Done(result={"title": "t", "text": "la hi", "tags": []}),
    ]


async def test_options_of_the_row_reach_the_engine(make_host, make_job):
    host = make_host(row(options={"greeting": "oh"}))
    assert await text_of(host, "fake", make_job("echo hi")) == "oh hi"


async def test_part_comes_before_the_whole(make_host, make_job):
    song = Song(seats=(ClipSeat(clip_id="a", seed=1), ClipSeat(clip_id="b", seed=2)))
    events = await events_of(make_host(row("clips", "ClipEngine", kinds=SONG)), "clips", make_job(song))
    assert [type(event) for event in events] == [Progress, Part, Progress, Part, Done]
    assert events[-1].result["clips"] == [events[1].result, events[3].result]


async def test_child_is_kept_warm(make_host, make_job):
    host = make_host()
    first = await text_of(host, "fake", make_job("pid"))
    assert await text_of(host, "fake", make_job("pid")) == first
    assert int(first) != os.getpid()


async def test_child_is_niced_and_told_its_threads(make_host, make_job):
    host = make_host(row(cores=2))
    assert await text_of(host, "fake", make_job("threads")) == f"2 {min(os.nice(0) + 10, 19)}"


async def test_peak_memory_of_a_child_is_readable(make_host, make_job):
    host = make_host()
    assert host.peak_rss_bytes("fake") is None
    await text_of(host, "fake", make_job("pid"))
    assert 5_000_000 < host.peak_rss_bytes("fake") < 500_000_000


async def test_output_is_logged_with_the_task(make_host, make_job):
    host = make_host()
    with capture_logs() as logs:
        await text_of(host, "fake", make_job("echo hi", task_id="task-7"))
        await eventually(lambda: any(entry["event"] == "engine_printed" for entry in logs))
    printed = next(entry for entry in logs if entry["event"] == "engine_printed")
    assert (printed["line"], printed["task_id"], printed["engine"]) == ("singing hi", "task-7", "fake")


@pytest.mark.parametrize(
    ("wish", "error", "words"),
    [
        ("fail no voice", EngineError, "no voice"),
        ("refuse too long", InvalidRequestError, "too long"),
        ("crash", EngineError, "ZeroDivisionError"),
        ("unsendable", EngineError, "TypeError"),
        ("poison", EngineError, "SIGKILL"),
        ("rubbish", EngineError, "no message"),
    ],
)
async def test_failure_is_typed_and_the_next_job_runs(make_host, make_job, wish, error, words):
    host = make_host()
    with pytest.raises(error, match=words) as caught:
        await text_of(host, "fake", make_job(wish))
    assert type(caught.value) is error
    assert await text_of(host, "fake", make_job("echo again")) == "la again"


async def test_engine_that_does_not_come_up_is_an_engine_error(make_host, make_job):
    host = make_host(row(factory="BrokenEngine"))
    with pytest.raises(EngineError, match="exit code 1"):
        await text_of(host, "fake", make_job("echo hi"))


@pytest.mark.parametrize("wish", ["hang", "freeze", "helper"])
async def test_hung_child_is_killed_with_its_programs_and_replaced(make_host, make_job, wish):
    host = make_host(row(silence_s=1.0))
    async with aclosing(host.run("fake", make_job(wish))) as events:
        pids = [int(pid) for pid in (await anext(events)).note.split()[1:]]
        with pytest.raises(EngineError, match="no sign of life"):
            await anext(events)
    await eventually(lambda: not any(is_alive(pid) for pid in pids))
    assert await text_of(host, "fake", make_job("echo hi")) == "la hi"


async def test_printing_is_no_sign_of_life(make_host, make_job):
    host = make_host(row(silence_s=0.5))
    with pytest.raises(EngineError, match="no sign of life"):
        await text_of(host, "fake", make_job("chatter"))


async def test_closed_job_is_cancelled_and_its_child_goes_on(make_host, make_job):
    host = make_host()
    pid = await text_of(host, "fake", make_job("pid"))
    async with aclosing(host.run("fake", make_job("slow 60"))) as events:
        await anext(events)
    assert await text_of(host, "fake", make_job("pid")) == pid


@pytest.mark.parametrize("wish", ["hang", "swallow"])
async def test_closed_job_that_does_not_heed_is_killed(make_host, make_job, wish):
    host = make_host(cancel_grace_s=0.2)
    async with aclosing(host.run("fake", make_job(wish))) as events:
        pid = int((await anext(events)).note.split()[1])
    await eventually(lambda: not is_alive(pid))
    assert await text_of(host, "fake", make_job("echo hi")) == "la hi"


async def test_cancelled_waiter_stops_the_job(make_host, make_job):
    host = make_host()
    pid = await text_of(host, "fake", make_job("pid"))
    job = asyncio.create_task(text_of(host, "fake", make_job("slow 60")))
    await eventually(lambda: host._cores.free == 1)
    job.cancel()
    with pytest.raises(asyncio.CancelledError):
        await job
    assert host._cores.free == 2
    assert await text_of(host, "fake", make_job("pid")) == pid


@pytest.mark.parametrize(
    ("engine", "words"),
    [
        (row(peak_memory_mb=1001), "needs 1001 MB"),
        (row(needs=("json", "no_such_package")), r"\(no_such_package\): run `tutti engines install`"),
    ],
)
async def test_engine_that_can_not_run_here_says_why(make_host, make_job, engine, words):
    host = make_host(engine)
    assert isinstance(host.why_not("fake"), UnavailableError)
    with pytest.raises(UnavailableError, match=words):
        await text_of(host, "fake", make_job("echo hi"))


async def test_unknown_engine_and_kind_are_unavailable(make_host):
    host = make_host()
    assert isinstance(host.why_not("nobody"), UnavailableError)
    with pytest.raises(UnavailableError, match="video"):
        host.engine_for("video")
