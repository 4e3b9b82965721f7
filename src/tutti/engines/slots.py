"""The machine's cores, shared out to engine jobs: first come, first served."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class CoreSlots:
    """So many cores; a job that wants more than there are gets them all."""

    def __init__(self, total: int) -> None:
        self.total = total
        self._free = total
        self._waiting: deque[tuple[int, asyncio.Future[None]]] = deque()

    @property
    def free(self) -> int:
        """Cores that no job holds."""
        return self._free

    @asynccontextmanager
    async def hold(self, cores: int) -> AsyncIterator[None]:
        """Keep cores for the time of the block."""
        wanted = min(cores, self.total)
        await self._take(wanted)
        try:
            yield
        finally:
            self._give(wanted)

    @asynccontextmanager
    async def lend(self, cores: int) -> AsyncIterator[None]:
        """Give held cores back for the time of the block, in which the job only waits for another."""
        wanted = min(cores, self.total)
        self._give(wanted)
        try:
            yield
        except BaseException:
            # The job is being stopped and must not queue for cores; it owes them until its `hold` gives them back.
            self._free -= wanted
            raise
        try:
            await self._take(wanted)
        except BaseException:
            self._free -= wanted
            raise

    async def _take(self, cores: int) -> None:
        # A job that keeps no core busy waits for none, whoever waits before it.
        if cores == 0 or (not self._waiting and self._free >= cores):
            self._free -= cores
            return
        place = (cores, asyncio.get_running_loop().create_future())
        self._waiting.append(place)
        try:
            await place[1]
        except asyncio.CancelledError:
            self._leave(place)
            raise

    def _leave(self, place: tuple[int, asyncio.Future[None]]) -> None:
        cores, turn = place
        if not turn.cancelled():  # the turn had come before the cancelling did
            self._give(cores)
            return
        if place in self._waiting:
            self._waiting.remove(place)
        self._give(0)  # those behind may fit now

    def _give(self, cores: int) -> None:
        self._free += cores
        while self._waiting and self._waiting[0][0] <= self._free:
            wanted, turn = self._waiting.popleft()
            if not turn.cancelled():
                self._free -= wanted
                turn.set_result(None)
