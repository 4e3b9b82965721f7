"""Wake-ups inside one process: who waits for a task or for work hears of it at once.

Stores call `task_changed` and `work_queued` after their commit, on the event loop. A lost wake-up costs only latency,
for every waiter also looks by the clock.
"""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable

# Asked once the waiter is listening: whether there is nothing to wait for any more.
Look = Callable[[], Awaitable[bool]]


class ChangeBus:
    """Fulfils `Changes` for the stores of this process."""

    def __init__(self) -> None:
        self._task_waiters: defaultdict[str, set[asyncio.Future[None]]] = defaultdict(set)
        self._lane_waiters: defaultdict[str, set[asyncio.Future[None]]] = defaultdict(set)
        # The newest version told of each task that somebody waits for, so that a change between read and wait is seen.
        self._told: dict[str, int] = {}

    def task_changed(self, task_id: str, version: int) -> None:
        """Wake those who wait for this task."""
        waiters = self._task_waiters.get(task_id)
        if waiters is not None:
            self._told[task_id] = version
            _wake(waiters)

    def work_queued(self, lane: str) -> None:
        """Wake the workers of a lane."""
        _wake(self._lane_waiters.get(lane, ()))

    async def wait_for_task(
        self, task_id: str, *, seen_version: int, timeout_s: float, look: Look | None = None
    ) -> None:
        """Return when the task has changed past `seen_version`, or at the timeout."""
        if self._told.get(task_id, -1) > seen_version:
            return
        await self._wait(self._task_waiters, (task_id,), timeout_s, look)
        if task_id not in self._task_waiters:
            self._told.pop(task_id, None)

    async def wait_for_work(self, lanes: Iterable[str], *, timeout_s: float, look: Look | None = None) -> None:
        """Return when something was queued in one of the lanes, or at the timeout."""
        await self._wait(self._lane_waiters, tuple(lanes), timeout_s, look)

    async def _wait(
        self,
        waiters: defaultdict[str, set[asyncio.Future[None]]],
        names: Iterable[str],
        timeout_s: float,
        look: Look | None,
    ) -> None:
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        for name in names:
            waiters[name].add(future)
        try:
            if look is None or not await look():
                await asyncio.wait((future,), timeout=timeout_s)
        finally:
            for name in names:
                waiters[name].discard(future)
                if not waiters[name]:
                    del waiters[name]


def _wake(waiters: Iterable[asyncio.Future[None]]) -> None:
    for future in waiters:
        if not future.done():
            future.set_result(None)
