"""Short words for what store tests do again and again."""

from typing import Any

from tests.factories import new_task
from tutti.tasks.model import NewTask, Task
from tutti.tasks.states import TaskState

LANE = "engine:song"
CHANNEL = "channel:1"
LEASE_MS = 30_000
HOOK = "https://receiver.example/hook"


async def submitted(store: Any, **changes: Any) -> Task:
    """A task that waits in the queue."""
    return (await store.submit(new_task(**changes))).task


async def claim(store: Any, *, lane: str = LANE, owner: str = "worker", limit: int = 10) -> list[Task]:
    """What a worker gets."""
    state = TaskState.SUBMITTING if lane.startswith("channel:") else TaskState.RUNNING
    return await store.claim(lane, owner=owner, limit=limit, lease_ms=LEASE_MS, state=state)


async def running(store: Any, **changes: Any) -> Task:
    """A task in the hands of a worker."""
    await submitted(store, **changes)
    [task] = await claim(store)
    return task


async def waiting(store: Any, *, vendor_ref: str = "ref-1", next_poll_at_ms: int = 0, **changes: Any) -> Task:
    """A task that an upstream has accepted."""
    await submitted(store, lane=CHANNEL, **changes)
    [task] = await claim(store, lane=CHANNEL)
    assert await store.accept(task.lease, vendor_ref=vendor_ref, next_poll_at_ms=next_poll_at_ms)
    return await found(store, task)


async def storing(store: Any, **changes: Any) -> Task:
    """An upstream's task whose results are being stored."""
    task = await waiting(store, **changes)
    held = await store.begin_storing(task.id, owner="poller", lease_ms=LEASE_MS)
    assert held is not None
    return held


async def found(store: Any, task: Task | NewTask) -> Task:
    """The task as it now stands."""
    [fresh] = await store.find([task.public_id], user_id=None)
    return fresh


async def balance(store: Any) -> tuple[int, int]:
    """Units left and units used of user 1."""
    user = (await store.list_users())[0]
    return user.quota, user.used_quota
