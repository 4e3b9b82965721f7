"""What all groups of verbs stand on: the file, the clock and the bus of changes."""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from functools import partial
from pathlib import Path
from typing import TypeVar

from tutti.database.driver import Connection
from tutti.database.sqlite import Readers, Writer
from tutti.errors import TuttiError
from tutti.kit.clock import Clock
from tutti.tasks.changes import ChangeBus
from tutti.tasks.fairness import FairTags
from tutti.tasks.render import Renderer
from tutti.tasks.sqlite.step import Step

T = TypeVar("T")
Ask = TypeVar("Ask")

_WAITING_TAGS = "SELECT lane, user_id, max(vtag) FROM tasks WHERE state = 'queued' GROUP BY lane, user_id"


class SqliteBase:
    """One open database; the verbs are added by the classes that derive from it."""

    def __init__(self, path: Path, *, clock: Clock, render_event: Renderer) -> None:
        """Open an up-to-date database (see `tutti.database.schema`) for the running loop. Raises `StoreError`."""
        self._clock = clock
        self._render = render_event
        self._bus = ChangeBus()
        self._writer = Writer(path)
        self._readers = Readers(path)
        self._tags = FairTags()

    async def open(self) -> None:
        """Take up what lives in memory only."""
        self._tags = await self._readers.run(lambda connection: FairTags(connection.execute(_WAITING_TAGS)))

    async def close(self) -> None:
        """Commit what was asked for and close the file."""
        await self._writer.close()
        await self._readers.close()

    def _write(self, verb: Callable[[Step], T]) -> Awaitable[T]:
        """Run a verb in the writer's next transaction; it gives its value after COMMIT."""
        return self._writer.run(lambda connection: verb(self._step(connection)))

    def _together(
        self, verb: Callable[[Step, Sequence[Ask]], Sequence[T | TuttiError]]
    ) -> Callable[[Ask], Awaitable[T]]:
        """As `_write`, for a busy verb that serves many at once: one outcome for each who asks, see `Writer`."""

        def serve(connection: Connection, asks: Sequence[Ask]) -> Sequence[T | TuttiError]:
            return verb(self._step(connection), asks)

        return partial(self._writer.run_together, serve)

    def _step(self, connection: Connection) -> Step:
        return Step(connection, self._clock.now_ms(), self._render, self._tags)

    async def _read(self, query: Callable[[Connection], T]) -> T:
        """Run a query on a reader."""
        return await self._readers.run(query)

    def _changed(self, task_id: str, version: int | None) -> bool:
        """Wake those who wait for this task; whether there was a change at all (None: there was none)."""
        if version is None:
            return False
        self._bus.task_changed(task_id, version)
        return True

    def _queued(self, lanes: Iterable[str]) -> None:
        """Wake those who wait for work."""
        for lane in lanes:
            self._bus.work_queued(lane)
