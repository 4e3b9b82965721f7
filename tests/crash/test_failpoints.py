"""Crashes at chosen points, one test for each row of the crash matrix that the store alone answers for."""

import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from tests.crash.scenario import BATCH, CALL_UNITS, LANE
from tests.factories import OPENING_UNITS, PRICE, new_task, seed_account
from tutti.database.check import check
from tutti.kit.clock import SystemClock
from tutti.tasks.sqlite import SqliteTaskStore
from tutti.tasks.states import TaskState

pytestmark = pytest.mark.anyio

KILLED = 137
TASK = "task-1"
TOPPED_UP = 50


async def _open(database: Path) -> SqliteTaskStore:
    store = await SqliteTaskStore.connect(database, clock=SystemClock(), render_event=lambda _task, _parts: b"{}")
    for former in await store.lease_owners():
        await store.release(former)
    for former in await store.slice_owners():
        await store.return_slices(former)
    return store


@pytest.fixture
async def seeded(database: Path) -> Path:
    """A database with an account and nothing else."""
    store = await _open(database)
    await seed_account(store)
    await store.close()
    return database


@pytest.fixture
async def queued(seeded: Path) -> Path:
    """A database with one queued task."""
    store = await _open(seeded)
    await store.submit(new_task(id=TASK, notify_hook="https://receiver.example"))
    await store.close()
    return seeded


def _crash(database: Path, scenario: str, failpoint: str, task_id: str = TASK) -> list[str]:
    """Run a scenario until it dies at the failpoint; what it had acknowledged."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.crash.scenario", database, scenario, task_id],
        env=os.environ | {"TUTTI_FAILPOINT": failpoint},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    assert done.returncode == KILLED
    return done.stderr.splitlines()


def _rows(database: Path, query: str) -> list[tuple[object, ...]]:
    connection = sqlite3.connect(database)
    try:
        return connection.execute(query).fetchall()
    finally:
        connection.close()


def _ledger(database: Path) -> list[tuple[object, ...]]:
    return _rows(database, "SELECT kind, ref, amount FROM ledger WHERE kind IN ('hold', 'settle') ORDER BY kind, ref")


async def _finish(database: Path) -> None:
    """What the next server does: take up what was left and do it."""
    store = await _open(database)
    for task in await store.claim(LANE, owner="life 2", limit=9, lease_ms=60_000, state=TaskState.RUNNING):
        assert await store.complete(task.lease, output=b"{}")
    await store.close()


async def test_row_1_killed_before_the_commit_of_a_submit_leaves_no_task_and_no_hold(seeded: Path) -> None:
    assert _crash(seeded, "submit", "submit-written") == []
    assert _rows(seeded, "SELECT * FROM tasks") == []
    assert _rows(seeded, "SELECT quota FROM users") == [(OPENING_UNITS,)]
    assert check(seeded) == []


async def test_row_2_killed_before_the_answer_the_same_key_finds_the_task_again(seeded: Path) -> None:
    assert _crash(seeded, "submit", "submit-committed") == []
    store = await _open(seeded)
    again = await store.submit(new_task(idempotency_key="once", body_hash="a"))
    await store.close()
    assert (again.is_new, again.task.id) == (False, TASK)
    await _finish(seeded)
    assert _ledger(seeded) == [("hold", TASK, -PRICE), ("settle", TASK, 0)]
    assert check(seeded) == []


async def test_row_3_killed_in_the_middle_of_a_group_none_of_it_is_stored(seeded: Path) -> None:
    assert _crash(seeded, "submit_batch", "submit-written:3") == []
    assert _rows(seeded, "SELECT * FROM tasks") == []
    assert check(seeded) == []


async def test_row_3_killed_after_a_groups_commit_all_of_it_is_stored(seeded: Path) -> None:
    # The first commit is that of the operation which holds the writer.
    assert _crash(seeded, "submit_batch", "writer-committed:2") == []
    assert _rows(seeded, "SELECT count(*) FROM tasks") == [(BATCH,)]
    assert check(seeded) == []


async def test_row_4_killed_after_a_claim_the_task_runs_again_and_no_attempt_is_burned(queued: Path) -> None:
    assert _crash(queued, "claim", "claim-committed") == []
    assert _rows(queued, "SELECT state, attempt FROM tasks") == [("running", 1)]
    await _finish(queued)
    assert _rows(queued, "SELECT state, attempt FROM tasks") == [("succeeded", 1)]
    assert _ledger(queued) == [("hold", TASK, -PRICE), ("settle", TASK, 0)]
    assert check(queued) == []


@pytest.mark.parametrize("failpoint", ["settle-written", "settle-committed"])
async def test_row_8_killed_around_a_settlement_it_is_settled_once_and_told_once(queued: Path, failpoint: str) -> None:
    assert _crash(queued, "settle", failpoint) == []
    is_settled = failpoint == "settle-committed"
    assert _rows(queued, "SELECT state FROM tasks") == [("succeeded" if is_settled else "running",)]
    await _finish(queued)
    assert _ledger(queued) == [("hold", TASK, -PRICE), ("settle", TASK, 0)]
    assert _rows(queued, "SELECT count(*) FROM outbox WHERE is_terminal") == [(1,)]
    assert check(queued) == []


@pytest.mark.parametrize("failpoint", ["settle-written", "settle-committed"])
async def test_row_18_a_payment_beside_a_settlement_counts_once_whatever_was_lost(queued: Path, failpoint: str) -> None:
    _crash(queued, "settle", failpoint)
    await _finish(queued)
    store = await _open(queued)
    for _ in range(2):
        user = await store.top_up(1, TOPPED_UP, ref="payment")
    await store.close()
    assert (user.quota, user.used_quota) == (OPENING_UNITS + TOPPED_UP - PRICE, PRICE)
    assert check(queued) == []


async def test_row_15_killed_after_a_cancellation_it_is_carried_out_under_its_policy(queued: Path) -> None:
    assert _crash(queued, "cancel", "cancel-committed") == []
    assert _rows(queued, "SELECT state, cancel_refund FROM tasks") == [("running", "none")]
    await _finish(queued)
    assert _rows(queued, "SELECT state, final_cost FROM tasks") == [("cancelled", PRICE)]
    assert check(queued) == []


async def test_row_16_killed_while_a_deadline_is_enforced_it_is_enforced_once(seeded: Path) -> None:
    store = await _open(seeded)
    await store.submit(new_task(id=TASK, deadline_at_ms=1))
    await store.close()
    assert _crash(seeded, "reap", "settle-written") == []
    store = await _open(seeded)
    assert [await store.reap(), await store.reap()] == [1, 0]
    await store.close()
    assert _rows(seeded, "SELECT state FROM tasks") == [("expired",)]
    assert _rows(seeded, "SELECT quota, used_quota FROM users") == [(OPENING_UNITS, 0)]
    assert check(seeded) == []


async def test_row_19_credit_for_one_of_two_is_given_to_one_even_across_a_crash(seeded: Path) -> None:
    store = await _open(seeded)
    await store.top_up(1, PRICE - OPENING_UNITS, ref="leave enough for one")
    await store.close()
    # The second commit is that of the group, in which one submit was accepted and the others refused.
    _crash(seeded, "submit_batch", "writer-committed:2")
    assert _rows(seeded, "SELECT count(*) FROM tasks") == [(1,)]
    assert _rows(seeded, "SELECT quota FROM users") == [(0,)]
    assert check(seeded) == []


async def test_row_21_a_log_left_by_a_kill_is_taken_up(seeded: Path) -> None:
    assert _crash(seeded, "submit", "submit-committed") == []
    assert os.stat(f"{seeded}-wal").st_size > 0  # noqa: PTH116 - a look at the log before anyone opens it
    assert _rows(seeded, "SELECT id FROM tasks") == [(TASK,)]
    assert check(seeded) == []


@pytest.mark.parametrize(
    ("failpoint", "acknowledged", "calls"),
    [("flush-written", [], 0), ("flush-committed", [], 2), ("held", ["flushed"], 2)],
)
async def test_row_26_killed_with_slices_out_the_flushed_is_charged_and_the_rest_comes_home(
    seeded: Path, failpoint: str, acknowledged: list[str], calls: int
) -> None:
    assert _crash(seeded, "spend", failpoint) == acknowledged
    assert _rows(seeded, "SELECT count(*) FROM wallet_leases") == [(1,)]
    assert check(seeded) == []
    await (await _open(seeded)).close()
    assert _rows(seeded, "SELECT count(*) FROM wallet_leases") == [(0,)]
    charged = calls * CALL_UNITS
    assert _rows(seeded, "SELECT quota, used_quota FROM users") == [(OPENING_UNITS - charged, charged)]
    assert _rows(seeded, "SELECT coalesce(sum(units), 0) FROM usage_log") == [(charged,)]
    assert check(seeded) == []
