"""Sync wires over durable work: submit, wait here until the task has ended, answer.

The task does not depend on the wait. Only a caller who leaves before hearing an id, and who sent no Idempotency-Key to
come back with, could never get the result: that task is cancelled and refunded.
"""

import asyncio
import time
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass
from typing import Protocol

from tutti.tasks.model import RefundPolicy, Submitted, Task
from tutti.tasks.store import Changes, TaskStore

# Wake-ups may be lost; so late at most a change is seen.
_LOOK_S = 5.0


class WaitStore(TaskStore, Changes, Protocol):
    """The ports that waiting uses."""


class CallerGoneError(Exception):
    """The caller has hung up; there is nobody to answer."""


@dataclass(slots=True)
class Hearing:
    """Whether the caller has been told an id of the task, or was told all there is to tell."""

    has_heard: bool = False


async def snapshots(
    store: WaitStore, task: Task, *, timeout_s: float, every_s: float = _LOOK_S
) -> AsyncGenerator[Task, None]:
    """The task as it stands now, then at each change, and at least every `every_s` seconds, up to its end.

    Ends too, with an unfinished task last, when `timeout_s` has passed. Equal `version`s are heartbeats.
    """
    until_s = time.monotonic() + timeout_s
    while True:
        found = await store.find([task.public_id], user_id=None)
        if not found:
            return  # pruned: whoever waits has the last one seen
        task = found[0]
        yield task
        left_s = until_s - time.monotonic()
        if task.is_terminal or left_s <= 0:
            return
        await store.wait_for_task(task.id, seen_version=task.version, timeout_s=min(every_s, left_s))


async def wait_until_done(
    store: WaitStore,
    task: Task,
    *,
    timeout_s: float,
    heartbeat: Callable[[Task], Awaitable[None]] | None = None,
    every_s: float = _LOOK_S,
    is_gone: Callable[[], Awaitable[bool]] | None = None,
) -> Task:
    """The task once it has ended, or as it stands after `timeout_s`.

    `heartbeat` is called with the task at each change and every `every_s` seconds, to keep a wire warm; `is_gone` is
    asked as often whether the caller has hung up. Raises `CallerGoneError` then.
    """
    async with aclosing(snapshots(store, task, timeout_s=timeout_s, every_s=every_s)) as states:
        async for state in states:
            task = state
            if task.is_terminal:
                break
            if is_gone is not None and await is_gone():
                raise CallerGoneError
            if heartbeat is not None:
                await heartbeat(task)
    return task


@asynccontextmanager
async def refunded_if_unheard(
    store: TaskStore, submitted: Submitted, *, has_idempotency_key: bool
) -> AsyncIterator[Hearing]:
    """Cancel and refund the task when the block is left by an exception before `has_heard` was set.

    A task that an earlier call submitted, or that an Idempotency-Key leads back to, goes on.
    """
    hearing = Hearing()
    try:
        yield hearing
    except BaseException:  # a caller who hangs up shows as a cancelled request
        if submitted.is_new and not hearing.has_heard and not has_idempotency_key:
            await asyncio.shield(store.cancel(submitted.task.id, refund=RefundPolicy.FULL))
        raise
