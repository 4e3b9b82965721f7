"""One verb in a process that a failpoint may end: `python -m tests.crash.scenario DATABASE NAME [TASK]`.

What was acknowledged goes to stderr, each id on a line.
"""

import asyncio
import sys
import threading
from pathlib import Path

import msgspec

from tests.billing.calls import Payer
from tests.billing.calls import settle as settle_hold
from tests.factories import new_task
from tutti.billing.wallet import Wallet
from tutti.blobs.local import LocalBlobStore
from tutti.kit.clock import SystemClock
from tutti.kit.failpoint import hit
from tutti.outside import OutsideClient
from tutti.tasks.model import RefundPolicy
from tutti.tasks.sqlite import SqliteTaskStore
from tutti.tasks.states import TaskState
from tutti.tasks.storing import blob_key
from tutti.tasks.webhook import WebhookDeliverer

LANE = "engine:song"
OWNER = "life 1"
BATCH = 5
CALL_UNITS = 30


def acknowledge(*task_ids: str) -> None:
    for task_id in task_ids:
        sys.stderr.write(f"{task_id}\n")
        sys.stderr.flush()


async def submit(store: SqliteTaskStore, task_id: str) -> None:
    new = new_task(id=task_id, idempotency_key="once", body_hash="a", notify_hook="https://receiver.example")
    acknowledge((await store.submit(new)).task.id)


async def submit_batch(store: SqliteTaskStore, prefix: str) -> None:
    """Several submits that are sure to travel in one commit: they queue up while the writer is held."""
    began, gate = threading.Event(), threading.Event()
    held = asyncio.ensure_future(store._writer.run(lambda _connection: (began.set(), gate.wait())))
    await asyncio.to_thread(began.wait)
    submits = [asyncio.ensure_future(store.submit(new_task(id=f"{prefix}{number}"))) for number in range(BATCH)]
    await asyncio.sleep(0)
    gate.set()
    await held
    for submitted in asyncio.as_completed(submits):
        acknowledge((await submitted).task.id)


async def claim(store: SqliteTaskStore, _task_id: str) -> None:
    tasks = await store.claim(LANE, owner=OWNER, limit=1, lease_ms=60_000, state=TaskState.RUNNING)
    acknowledge(*[task.id for task in tasks])


async def settle(store: SqliteTaskStore, _task_id: str) -> None:
    [task] = await store.claim(LANE, owner=OWNER, limit=1, lease_ms=60_000, state=TaskState.RUNNING)
    await asyncio.gather(store.complete(task.lease, output=b"{}"), store.top_up(1, 50, ref="payment"))
    acknowledge(task.id)


async def cancel(store: SqliteTaskStore, task_id: str) -> None:
    await store.claim(LANE, owner=OWNER, limit=1, lease_ms=60_000, state=TaskState.RUNNING)
    await store.cancel(task_id, refund=RefundPolicy.NONE)
    acknowledge(task_id)


async def reap(store: SqliteTaskStore, task_id: str) -> None:
    await store.reap()
    acknowledge(task_id)


async def deliver(store: SqliteTaskStore, task_id: str) -> None:
    """Deliver what is due to a receiver on loopback."""
    async with OutsideClient(("127.0.0.0/8",)) as outside:
        deliverer = WebhookDeliverer(store, store, post=outside.post, clock=SystemClock(), owner=OWNER)
        await deliverer.deliver_due()
        await deliverer.settle()
    acknowledge(task_id)


async def spend(store: SqliteTaskStore, _task_id: str) -> None:
    """Settle two calls, flush them, and hold a third."""
    wallet = Wallet(store, owner=OWNER)
    for _ in range(2):
        settle_hold(await wallet.hold(Payer(), CALL_UNITS), CALL_UNITS)
    await wallet.flush()
    acknowledge("flushed")
    await wallet.hold(Payer(), CALL_UNITS)
    hit("held")


async def sleepwalk(store: SqliteTaskStore, blobs: str) -> None:
    """Claim, wait for a word, then store a result and settle, without a heartbeat in between."""
    [task] = await store.claim(LANE, owner=OWNER, limit=1, lease_ms=500, state=TaskState.RUNNING)
    acknowledge(task.id)
    sys.stdin.readline()
    key = blob_key(task.id, task.attempt, "song.mp3")
    await LocalBlobStore(Path(blobs)).put(key, b"of the sleepwalker")
    is_settled = await store.complete(task.lease, output=msgspec.json.encode({"files": {"audio": key}}))
    acknowledge("settled" if is_settled else "stale")


SCENARIOS = {
    "submit": submit,
    "submit_batch": submit_batch,
    "claim": claim,
    "settle": settle,
    "cancel": cancel,
    "reap": reap,
    "deliver": deliver,
    "spend": spend,
    "sleepwalk": sleepwalk,
}


async def main() -> None:
    store = await SqliteTaskStore.connect(
        Path(sys.argv[1]), clock=SystemClock(), render_event=lambda _task, _parts: b"{}"
    )
    await SCENARIOS[sys.argv[2]](store, sys.argv[3])
    await store.close()


if __name__ == "__main__":
    asyncio.run(main())
