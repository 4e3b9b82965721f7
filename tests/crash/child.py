"""A server's worth of store traffic that is killed again and again.

What the store has acknowledged goes into the file ACKS at once, one line a verb, so that the parent can hold the store
to its word.
"""

import asyncio
import os
import random
from itertools import count
from pathlib import Path

from tests.billing.calls import Payer, call
from tests.factories import new_task
from tutti.billing.wallet import Wallet
from tutti.errors import QuotaError
from tutti.kit.clock import SystemClock
from tutti.tasks.model import RefundPolicy, Task, TaskFailure
from tutti.tasks.sqlite import SqliteTaskStore
from tutti.tasks.states import TaskState

LANE = "engine:song"
USERS = 8
SUBMITTERS = 4
WORKERS = 3


class Acks:
    """The file of what was acknowledged; a line is written whole or not at all."""

    def __init__(self, path: Path) -> None:
        self._fd = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT)

    def note(self, verb: str, task_id: str) -> None:
        os.write(self._fd, f"{verb} {task_id}\n".encode())


async def submit(store: SqliteTaskStore, acks: Acks, chance: random.Random) -> None:
    """Submit without end, some with a hook, some cancelled at once."""
    while True:
        user = chance.randint(1, USERS)
        hook = "https://receiver.example" if chance.random() < 0.3 else None
        task = (await store.submit(new_task(user_id=user, key_id=user, lane=LANE, notify_hook=hook))).task
        acks.note("submitted", task.id)
        if chance.random() < 0.05:
            await store.cancel(task.id, refund=RefundPolicy.FULL)


async def work(store: SqliteTaskStore, acks: Acks, chance: random.Random, owner: str) -> None:
    """Claim and end tasks without end, in all the ways there are."""
    while True:
        for task in await store.claim(LANE, owner=owner, limit=8, lease_ms=60_000, state=TaskState.RUNNING):
            await end(store, acks, chance, task)
        await store.wait_for_work([LANE], timeout_s=0.1)


async def end(store: SqliteTaskStore, acks: Acks, chance: random.Random, task: Task) -> None:
    if chance.random() < 0.2:
        await store.publish_part(task.lease, index=0, result=b"{}")
    if chance.random() < 0.1:
        await store.fail(task.lease, TaskFailure(code="broke", message="It broke."), may_retry=chance.random() < 0.5)
    elif await store.complete(task.lease, output=b"{}", cost=chance.randint(0, task.price)):
        acks.note("succeeded", task.id)


async def spend(wallet: Wallet, acks: Acks, chance: random.Random, owner: str) -> None:
    """Hold and settle without end, from balances that are plenty and from one that is near zero; flush now and then."""
    for number in count():
        settled = []
        for _ in range(chance.randint(1, 20)):
            user = chance.randint(1, USERS + 1)
            try:
                hold = await wallet.hold(Payer(user, user), chance.randint(0, 100))
            except QuotaError:
                continue
            name = f"{owner}/{number}/{len(settled)}".replace(" ", "-")
            hold.settle(chance.randint(0, 120), call(request_id=name, user_id=user, key_id=user))
            settled.append(name)
        await wallet.flush()
        for name in settled:
            acks.note("charged", name)


async def deliver(store: SqliteTaskStore, owner: str) -> None:
    """Deliver some webhooks, slowly enough that others are replaced."""
    while True:
        for event in await store.due_events(owner=owner, limit=20, lease_ms=60_000):
            await store.mark_delivered(event.id, status=200)
        await asyncio.sleep(0.02)


async def live(database: Path, acks_path: Path, owner: str) -> None:
    """One life of the server: take up what the former left, then work until killed."""
    acks = Acks(acks_path)
    chance = random.Random(owner)
    store = await SqliteTaskStore.connect(database, clock=SystemClock(), render_event=lambda _task, _parts: b"{}")
    for former in await store.lease_owners():
        await store.release(former)
    for former in await store.slice_owners():
        await store.return_slices(former)
    wallet = Wallet(store, owner=owner)
    async with asyncio.TaskGroup() as group:
        group.create_task(wallet.run())
        group.create_task(spend(wallet, acks, chance, owner))
        for _ in range(SUBMITTERS):
            group.create_task(submit(store, acks, chance))
        for _ in range(WORKERS):
            group.create_task(work(store, acks, chance, owner))
        group.create_task(deliver(store, owner))


def run(database: Path, acks_path: Path, owner: str) -> None:
    """The entry of the process."""
    asyncio.run(live(database, acks_path, owner))
