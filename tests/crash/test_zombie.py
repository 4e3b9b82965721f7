"""Row 9: a worker that slept through its lease wakes up and finds that another has done its work."""

import asyncio
import os
import signal
import sys
from pathlib import Path

import msgspec
import pytest

from tests.crash.scenario import LANE
from tests.factories import OPENING_UNITS, PRICE, new_task, seed_account
from tests.processes import ROOT
from tests.waiting import eventually
from tutti.blobs.local import LocalBlobStore
from tutti.database.check import check
from tutti.kit.clock import SystemClock
from tutti.tasks.sqlite import SqliteTaskStore
from tutti.tasks.states import TaskState
from tutti.tasks.storing import blob_key

pytestmark = pytest.mark.anyio


async def test_row_9_stopped_worker_comes_too_late_and_its_result_is_ignored(database: Path, tmp_path: Path) -> None:
    store = SqliteTaskStore(database, clock=SystemClock(), render_event=lambda _task, _parts: b"{}")
    await store.open()
    await seed_account(store)
    task = (await store.submit(new_task())).task
    blobs = LocalBlobStore(tmp_path / "blobs")
    zombie = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.crash.scenario", database, "sleepwalk", tmp_path / "blobs"),
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )
    assert zombie.stdin is not None
    assert zombie.stderr is not None
    assert await zombie.stderr.readline() == f"{task.id}\n".encode()
    zombie.send_signal(signal.SIGSTOP)

    async def is_given_away() -> bool:
        return await store.reap() == 1

    await eventually(is_given_away)
    [taken] = await store.claim(LANE, owner="awake", limit=1, lease_ms=60_000, state=TaskState.RUNNING)
    key = blob_key(task.id, taken.attempt, "song.mp3")
    await blobs.put(key, b"of the one awake")
    output = msgspec.json.encode({"files": {"audio": key}})
    assert await store.complete(taken.lease, output=output)

    zombie.send_signal(signal.SIGCONT)
    zombie.stdin.write(b"go on\n")
    assert await zombie.stderr.readline() == b"stale\n"
    assert await zombie.wait() == 0
    [after] = await store.find([task.public_id], user_id=None)
    [user] = await store.list_users()
    await store.close()
    assert (after.state, after.attempt, after.output) == (TaskState.SUCCEEDED, 2, output)
    assert await blobs.get(key) == b"of the one awake"
    assert user.quota == OPENING_UNITS - PRICE
    assert check(database) == []
