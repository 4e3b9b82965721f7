"""One life of a gateway's worker, as a process of its own: `python -m tests.tasks.worker.life FOLDER OWNER`.

It serves the clip engine over the database and the results in the folder and ends when no task is left to do.
"""

import asyncio
import sys
from pathlib import Path

from tests.engines.rows import row
from tutti.blobs.local import LocalBlobStore
from tutti.engines.host import EngineHost
from tutti.engines.runner import engine_runners
from tutti.kit.clock import SystemClock
from tutti.tasks.sqlite import SqliteTaskStore
from tutti.tasks.wait import wait_until_done
from tutti.tasks.worker import Worker

SONG = row("song", "ClipEngine", kinds=frozenset({"song"}))


async def live(folder, owner):
    store = SqliteTaskStore(folder / "tutti.sqlite3", clock=SystemClock(), render_event=lambda _task, _parts: b"{}")
    await store.open()
    former = (folder / "owner").read_text()
    (folder / "owner").write_text(owner)
    await store.release(former)
    host = EngineHost([SONG], cores=2, memory_bytes=10**9)
    blobs = LocalBlobStore(folder / "blobs")
    worker = Worker(store, blobs, engine_runners(host), owner=owner, scratch=folder / "scratch", lease_s=5, look_s=0.05)
    running = asyncio.create_task(worker.run())
    for task in await store.list_tasks(user_id=1, limit=10):
        assert (await wait_until_done(store, task, timeout_s=50)).is_terminal
    worker.drain(grace_s=5)
    await running
    await host.close()
    await store.close()


if __name__ == "__main__":
    asyncio.run(live(Path(sys.argv[1]), sys.argv[2]))
