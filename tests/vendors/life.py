"""One life of a gateway with the test channel: `python -m tests.vendors.life DATABASE BLOBS UPSTREAM POLICY WHAT`.

It drives the one task there is to its end; WHAT is "ask" or "look-up" for an upstream that can be asked about a key,
or "callback" to be called back as soon as the task waits.
"""

import asyncio
import sys
from pathlib import Path

from tests.vendors.bench import Bench, is_over
from tests.vendors.channel import HttpVendor
from tutti.blobs.local import LocalBlobStore
from tutti.kit.clock import ManualClock, SystemClock
from tutti.tasks.sqlite import SqliteTaskStore
from tutti.tasks.states import TaskState
from tutti.tasks.vendor import LostReplyPolicy

BODY = b'{"status":"done"}'


async def open_bench(database: Path, blobs: Path, upstream: str, policy: str, what: str) -> Bench:
    """What a boot does: the store opened, the former incarnation's leases given back."""
    clock = ManualClock(SystemClock().now_ms())
    store = SqliteTaskStore(database, clock=clock, render_event=lambda _task, _parts: b"{}")
    await store.open()
    for former in await store.lease_owners():
        await store.release(former)
    vendor = HttpVendor(upstream, lost_reply=LostReplyPolicy(policy), can_look_up=what == "look-up")
    return Bench(store, clock, vendor, LocalBlobStore(blobs))


async def main(database: str, blobs: str, upstream: str, policy: str, what: str) -> None:
    bench = await open_bench(Path(database), Path(blobs), upstream, policy, what)
    [task] = await bench.store.list_tasks(user_id=1, limit=2)
    if what == "callback":
        await bench.drive(task, lambda now: now.state is TaskState.WAITING)
        await bench.call_back(task, BODY)
    await bench.drive(task, is_over)
    await bench.store.close()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
