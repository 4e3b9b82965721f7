"""One life of a gateway with the test channel: `python -m tests.vendors.life DATABASE BLOBS UPSTREAM POLICY WHAT`.

It drives the one task there is to its end; WHAT is "ask" or "look-up" for an upstream that can be asked about a key,
or "callback" to be called back as soon as the task waits.
"""

import asyncio
import contextlib
import sys
from collections.abc import AsyncIterator
from pathlib import Path

from tests.vendors.bench import Bench, is_over
from tests.vendors.channel import AskableVendor, channel, channelled, options
from tutti.blobs.local import LocalBlobStore
from tutti.kit.clock import ManualClock, SystemClock
from tutti.tasks.sqlite import SqliteTaskStore
from tutti.tasks.states import TaskState
from tutti.vendors.gateway.suno import GatewaySuno

BODY = b'{"status":"done"}'


@contextlib.asynccontextmanager
async def open_bench(database: Path, blobs: Path, upstream: str, policy: str, what: str) -> AsyncIterator[Bench]:
    """What a boot does: the store opened, the former incarnation's leases given back."""
    clock = ManualClock(SystemClock().now_ms())
    store = SqliteTaskStore(database, clock=clock, render_event=lambda _task, _parts: b"{}")
    await store.open()
    for former in await store.lease_owners():
        await store.release(former)
    async with channelled(channel(upstream, options=options(policy)), clock=clock) as ours:
        vendor = ours.vendor(AskableVendor if what == "look-up" else GatewaySuno)
        yield Bench(store, clock, vendor, LocalBlobStore(blobs))
    await store.close()


async def main(database: str, blobs: str, upstream: str, policy: str, what: str) -> None:
    async with open_bench(Path(database), Path(blobs), upstream, policy, what) as bench:
        [task] = await bench.store.list_tasks(user_id=1, limit=2)
        if what == "callback":
            await bench.drive(task, lambda now: now.state is TaskState.WAITING)
            await bench.call_back(task, BODY)
        await bench.drive(task, is_over)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
