"""Rows 4, 6 and 7 of the crash matrix: a worker process that dies at a named point, and its next life."""

import asyncio
import os
import sys
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec
import pytest

from tests.databases import database, empty_database
from tests.factories import OPENING_UNITS, PRICE, new_task, seed_account
from tutti.kit.clock import SystemClock
from tutti.tasks.sqlite import SqliteTaskStore
from tutti.tasks.states import TaskState

__all__ = ["database", "empty_database"]

pytestmark = pytest.mark.anyio

ROOT = Path(__file__).parents[3]
INTENT = {"kind": "song", "seats": [{"clip_id": "a", "seed": 1}, {"clip_id": "b", "seed": 2}]}
KILLED = 137


@asynccontextmanager
async def opened(database):
    store = SqliteTaskStore(database, clock=SystemClock(), render_event=lambda _task, _parts: b"{}")
    await store.open()
    yield store
    await store.close()


async def live(folder, owner, failpoint=""):
    """Run one life to its end; gives the exit code."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.tasks.worker.life", str(folder), owner),
        env={**os.environ, "PYTHONPATH": str(ROOT), "TUTTI_FAILPOINT": failpoint},
        stdout=asyncio.subprocess.DEVNULL,
    )
    async with asyncio.timeout(60):
        return await process.wait()


@pytest.mark.parametrize("failpoint", ["worker-claimed", "worker-part-stored", "worker-stored"])
async def test_row_6_next_life_finishes_what_a_killed_one_began(database, tmp_path, failpoint):
    async with opened(database) as store:
        await seed_account(store)
        await store.submit(new_task(intent=msgspec.json.encode(INTENT)))
    (tmp_path / "owner").touch()

    assert await live(tmp_path, "life-1", failpoint) == KILLED
    assert await live(tmp_path, "life-2") == 0

    async with opened(database) as store:
        (task,) = await store.list_tasks(user_id=1, limit=10)
        (user,) = await store.list_users()
    assert (task.state, task.final_cost) == (TaskState.SUCCEEDED, PRICE)
    assert user.quota == OPENING_UNITS - PRICE
    stored = {clip["clip_id"]: clip["files"]["audio"] for clip in msgspec.json.decode(task.output)["clips"]}
    contents = {clip_id: (tmp_path / "blobs" / key).read_text() for clip_id, key in stored.items()}
    assert contents == {"a": "audio of a", "b": "audio of b"}
    assert list((tmp_path / "scratch").glob("*")) == []
