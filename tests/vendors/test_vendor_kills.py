"""A gateway killed around each call between it and an upstream: the next goes on, the user is billed at most once."""

import contextlib
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest

from tests.factories import OPENING_UNITS, PRICE, seed_account
from tests.processes import spawn
from tests.upstream.handle import RunningUpstream
from tests.vendors.bench import Bench, is_over, new_song
from tests.vendors.life import BODY, open_bench
from tutti.database.check import check
from tutti.kit.clock import SystemClock
from tutti.tasks.model import Task
from tutti.tasks.sqlite import SqliteTaskStore
from tutti.tasks.states import TaskState

pytestmark = pytest.mark.anyio

KILLED = 137


class Case:
    """One task for the upstream, and the lives that see to it."""

    def __init__(self, database: Path, folder: Path, upstream: RunningUpstream, *, policy: str, what: str) -> None:
        self.database = database
        self.arguments = (database, folder / "blobs", upstream.url, policy, what)
        self.upstream = upstream

    async def submit(self, mode: str) -> None:
        store = SqliteTaskStore(self.database, clock=SystemClock(), render_event=lambda _task, _parts: b"{}")
        await store.open()
        await seed_account(store)
        await store.submit(new_song(mode))
        await store.close()

    def die_at(self, failpoint: str) -> None:
        assert spawn("tests.vendors.life", *self.arguments, TUTTI_FAILPOINT=failpoint).wait(60) == KILLED

    @contextlib.asynccontextmanager
    async def open(self) -> AsyncIterator[tuple[Bench, Task]]:
        async with open_bench(*self.arguments) as bench:
            [task] = await bench.store.list_tasks(user_id=1, limit=2)
            yield bench, task

    async def finish(self) -> tuple[Task, int]:
        """The next life; gives the ended task and how many jobs the upstream was given."""
        async with self.open() as (bench, task):
            done = await bench.drive(task, is_over)
            balance = await bench.balance()
        assert check(self.database) == []
        assert balance == OPENING_UNITS - (PRICE if done.state is TaskState.SUCCEEDED else 0)
        return done, len(self.upstream.jobs())


@pytest.mark.parametrize(
    ("failpoint", "policy", "what", "mode", "state", "jobs"),
    [
        # Never asked; who may not ask again must take it for lost.
        ("vendor-before-call", "fail_and_refund", "ask", "la", TaskState.FAILED, 0),
        ("vendor-before-call", "same_key", "ask", "la", TaskState.SUCCEEDED, 1),
        ("vendor-before-call", "resubmit", "ask", "keyless", TaskState.SUCCEEDED, 1),
        # Taken, and we do not know.
        ("vendor-accepted", "fail_and_refund", "ask", "la", TaskState.FAILED, 1),
        ("vendor-accepted", "fail_and_refund", "look-up", "la", TaskState.SUCCEEDED, 1),
        ("vendor-accepted", "same_key", "ask", "la", TaskState.SUCCEEDED, 1),
        # The operator pays twice, the user once.
        ("vendor-accepted", "resubmit", "ask", "keyless", TaskState.SUCCEEDED, 2),
        # Taken, and noted.
        ("vendor-saved", "fail_and_refund", "ask", "la", TaskState.SUCCEEDED, 1),
    ],
)
async def test_row_10_killed_around_a_submission_the_policy_decides_and_the_user_pays_once(
    database: Path,
    tmp_path: Path,
    upstream: RunningUpstream,
    failpoint: str,
    policy: str,
    what: str,
    mode: str,
    state: TaskState,
    jobs: int,
) -> None:
    case = Case(database, tmp_path, upstream, policy=policy, what=what)
    await case.submit(mode)
    case.die_at(failpoint)
    done, given = await case.finish()
    assert (done.state, given) == (state, jobs)


async def test_row_6_killed_between_storing_and_settling_the_upstreams_result_is_fetched_again(
    database: Path, tmp_path: Path, upstream: RunningUpstream
) -> None:
    case = Case(database, tmp_path, upstream, policy="fail_and_refund", what="ask")
    await case.submit("la")
    case.die_at("vendor-stored")
    done, given = await case.finish()
    assert (done.state, given) == (TaskState.SUCCEEDED, 1)
    # No blob is left that nothing names: the next life gave the attempt's number out again.
    clips = msgspec.json.decode(done.output or b"")["clips"]
    blobs = tmp_path / "blobs"
    kept = {path.relative_to(blobs).as_posix() for path in blobs.rglob("*") if path.is_file()}
    assert kept == {key for clip in clips for key in clip["files"].values()}


@pytest.mark.parametrize(("failpoint", "noted"), [("callback-written", 0), ("callback-committed", 1)])
async def test_row_11_killed_while_called_back_the_repeated_callback_counts_once(
    database: Path, tmp_path: Path, upstream: str, failpoint: str, noted: int
) -> None:
    case = Case(database, tmp_path, upstream, policy="fail_and_refund", what="callback")
    await case.submit("la")
    case.die_at(failpoint)
    assert _inbox(database) == noted
    async with case.open() as (bench, task):
        # The upstream got no answer, so it calls again.
        assert await bench.call_back(task, BODY) == 200
        # Due either way, by the first or by the second.
        assert await bench.poller.poll_due() == 1
    assert _inbox(database) == 1
    done, given = await case.finish()
    assert (done.state, given) == (TaskState.SUCCEEDED, 1)


def _inbox(database: Path) -> int:
    connection = sqlite3.connect(database)
    [count] = connection.execute("SELECT count(*) FROM inbox").fetchone()
    connection.close()
    return int(count)
