"""The rows of the crash matrix that need a real engine child under a real worker."""

import os
import signal
from pathlib import Path

import msgspec
import pytest

from tests.engines.rows import row
from tests.factories import OPENING_UNITS, PRICE
from tests.waiting import eventually, is_alive
from tutti.engines.host import EngineHost
from tutti.engines.runner import engine_runners
from tutti.tasks.model import RefundPolicy
from tutti.tasks.states import TaskState

pytestmark = pytest.mark.anyio

OTHER = row("other")
FAKE_LANE, OTHER_LANE = row().lane, OTHER.lane


@pytest.fixture(autouse=True)
def _importable_fakes(monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[3]))


@pytest.fixture
async def runners():
    """Runners of two engines with one child each."""
    host = EngineHost([row(silence_s=1.0), OTHER], cores=2, memory_bytes=10**9, cancel_grace_s=2.0)
    yield engine_runners(host)
    await host.close()


@pytest.fixture
def wish(submit):
    """Submits words in the manner of `FakeEngine`."""

    async def wish(prompt, *, lane=FAKE_LANE, **changes):
        intent = msgspec.json.encode({"kind": "lyrics", "prompt": prompt, "seed": 1})
        return await submit(kind="lyrics", intent=intent, lane=lane, **changes)

    return wish


@pytest.fixture
def settle(clock, now):
    """Waits for a task's end, moving the store's clock past backoffs."""

    async def settle(task, expected):
        async def is_over():
            clock.advance(500)
            return (await now(task)).is_terminal

        await eventually(is_over)
        ended = await now(task)
        assert ended.state is expected
        return ended

    return settle


async def balance(store):
    (user,) = await store.list_users()
    return user.quota


async def child_of(task, now):
    """The process id that the task's engine has told as its note."""
    pids = []

    async def is_told():
        note = (await now(task)).progress_note
        pids.extend(int(word) for word in note.split()[1:])
        return bool(pids)

    await eventually(is_told)
    return pids[0]


async def test_task_goes_through_an_engine(runners, wish, settle, work):
    task = await wish("echo hi")
    async with work(runners[FAKE_LANE], **runners):
        done = await settle(task, TaskState.SUCCEEDED)
    assert msgspec.json.decode(done.output)["text"] == "la hi"


async def test_row_4_engine_killed_at_work_costs_one_attempt(store, tmp_path, runners, wish, settle, work):
    """Row 4."""
    task = await wish(f"once {tmp_path / 'marker'}")
    async with work(runners[FAKE_LANE], lease_s=1000, **runners):
        done = await settle(task, TaskState.SUCCEEDED)
    assert done.attempt == 2
    assert await balance(store) == OPENING_UNITS - PRICE


@pytest.mark.parametrize(("wishes", "words"), [("poison", "SIGKILL"), ("hang", "no sign of life")])
async def test_row_23_poison_ends_its_own_task_only(store, runners, wish, settle, work, wishes, words):
    """Row 23, and the same for a task that hangs its child each time."""
    task = await wish(wishes)
    beside = [await wish("slow 0.3", lane=OTHER_LANE) for _ in range(2)]
    behind = await wish("echo hi")
    async with work(runners[FAKE_LANE], lease_s=1000, **runners):
        failed = await settle(task, TaskState.FAILED)
        for other in (*beside, behind):
            assert (await settle(other, TaskState.SUCCEEDED)).attempt == 1
    assert (failed.attempt, failed.error.code) == (3, "engine_failed")
    assert words in failed.error.message
    assert await balance(store) == OPENING_UNITS - 3 * PRICE


async def test_cancelled_task_frees_its_child(store, runners, wish, now, settle, work):
    task = await wish("slow 60")
    async with work(runners[FAKE_LANE], lease_s=0.3, reap_s=1000, **runners):
        pid = await child_of(task, now)
        await store.cancel(task.id, refund=RefundPolicy.FULL)
        await settle(task, TaskState.CANCELLED)
        second = await wish("pid")
        assert msgspec.json.decode((await settle(second, TaskState.SUCCEEDED)).output)["text"] == str(pid)
    assert await balance(store) == OPENING_UNITS - PRICE


async def test_row_22_drain_stops_the_engine_before_the_lease_is_given_up(runners, wish, now, work):
    """Row 22 with an engine in the midst of computing that does not heed a cancel."""
    task = await wish("hang")
    async with work(runners[FAKE_LANE], lease_s=0.3, reap_s=1000, **runners):
        pid = await child_of(task, now)
    assert not is_alive(pid)
    left = await now(task)
    assert (left.state, left.attempt, left.lease_owner) == (TaskState.QUEUED, 0, None)


async def test_row_9_stopped_engine_is_found_out_and_its_task_done_by_another_child(runners, wish, now, settle, work):
    """Row 9 for a child: a SIGSTOP looks like a hang."""
    task = await wish("slow 0.5")
    async with work(runners[FAKE_LANE], lease_s=0.3, reap_s=1000, **runners):
        pid = await child_of(task, now)
        os.kill(pid, signal.SIGSTOP)
        assert (await settle(task, TaskState.SUCCEEDED)).attempt == 2
        assert not is_alive(pid)


async def test_intent_that_nobody_knows_fails_at_once(runners, submit, settle, work):
    task = await submit(intent=b'{"kind":"opera"}', lane=FAKE_LANE)
    async with work(runners[FAKE_LANE], lease_s=1000, **runners):
        assert (await settle(task, TaskState.FAILED)).attempt == 1


async def test_engines_that_can_not_run_here_get_no_runner():
    host = EngineHost([row(), row("huge", peak_memory_mb=5000)], cores=1, memory_bytes=10**9)
    assert list(engine_runners(host)) == [FAKE_LANE]
