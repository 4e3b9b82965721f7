"""The children of all engines: how many there are, who is free, and that they fit into memory together.

A child is started when a job first needs it and kept warm. Busy ones are never stopped for another's sake, idle ones
are.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from tutti.engines.handle import ChildHandle
from tutti.engines.registry import EngineRow
from tutti.errors import EngineError

Spawn = Callable[[EngineRow], Awaitable[ChildHandle]]


@dataclass(slots=True, eq=False)
class _Seat:
    """Room for one child, with its memory counted; `child` is None until it has come up."""

    row: EngineRow
    child: ChildHandle | None = None
    is_busy: bool = True


class Crew:
    """Lends children to jobs."""

    def __init__(self, *, memory_mb: int, spawn: Spawn = ChildHandle.spawn) -> None:
        self._memory_mb = memory_mb
        self._spawn = spawn
        # Longest idle first.
        self._seats: list[_Seat] = []
        self._changed = asyncio.Event()
        # Stopped children until they are really gone.
        self._leaving: set[asyncio.Task[None]] = set()

    def children(self, engine: str) -> Iterator[ChildHandle]:
        """The living children of an engine."""
        return (seat.child for seat in self._seats if seat.row.name == engine and seat.child is not None)

    @asynccontextmanager
    async def lend(
        self, row: EngineRow, *, is_extra: bool = False, patience_s: float | None = None
    ) -> AsyncIterator[ChildHandle]:
        """A child for one job, as soon as there is one. Raises `EngineError` when there is none within the patience.

        `is_extra` lets an engine have one child beyond its count, for a job that another job waits for: with the count
        alone two engines that ask each other would wait for ever.
        """
        seat = await self._take(row, row.count + 1 if is_extra else row.count, patience_s)
        try:
            if seat.child is None:
                seat.child = await self._spawn(row)
            yield seat.child
        finally:
            self._give_back(seat)

    async def close(self) -> None:
        """Let all children go; call it when no job is running."""
        seats, self._seats = self._seats, []
        await asyncio.gather(*self._leaving, *(seat.child.leave() for seat in seats if seat.child is not None))

    async def _take(self, row: EngineRow, most: int, patience_s: float | None) -> _Seat:
        try:
            async with asyncio.timeout(patience_s):
                while (seat := self._idle(row) or self._new(row, most)) is None:
                    self._changed.clear()
                    await self._changed.wait()
                return seat
        except TimeoutError as error:
            raise EngineError(f"No process of the {row.name} engine became free within {patience_s:g} s.") from error

    def _idle(self, row: EngineRow) -> _Seat | None:
        for seat in self._seats:
            if seat.row.name == row.name and not seat.is_busy:
                seat.is_busy = True
                if seat.child is not None and not seat.child.is_usable:
                    seat.child = None  # it died idle; another takes its seat
                return seat
        return None

    def _new(self, row: EngineRow, most: int) -> _Seat | None:
        if sum(seat.row.name == row.name for seat in self._seats) >= most:
            return None
        idle = [seat for seat in self._seats if not seat.is_busy]
        lacking_mb = sum(seat.row.peak_memory_mb for seat in self._seats) + row.peak_memory_mb - self._memory_mb
        if lacking_mb > sum(seat.row.peak_memory_mb for seat in idle):
            return None
        for seat in idle:
            if lacking_mb <= 0:
                break
            self._dismiss(seat)
            lacking_mb -= seat.row.peak_memory_mb
        new = _Seat(row)
        self._seats.append(new)
        return new

    def _give_back(self, seat: _Seat) -> None:
        seat.is_busy = False
        if seat in self._seats:
            self._seats.remove(seat)
            self._seats.append(seat)
        is_surplus = sum(other.row.name == seat.row.name for other in self._seats) > seat.row.count
        if seat.child is None or not seat.child.is_usable or is_surplus:
            self._dismiss(seat)
        self._changed.set()

    def _dismiss(self, seat: _Seat) -> None:
        if seat in self._seats:
            self._seats.remove(seat)
        if seat.child is not None:
            seat.child.kill()  # idle, so there is nothing it could lose
            leaving = asyncio.create_task(seat.child.leave())
            self._leaving.add(leaving)
            leaving.add_done_callback(self._leaving.discard)
