"""What watchers ask: how much there is to do."""

from tutti.tasks.sqlite.base import SqliteBase
from tutti.tasks.states import TaskState

# By the partial index on deadlines, so that history costs nothing.
_LIVE = "SELECT lane, state, count(*) FROM tasks WHERE finished_at_ms = 0 GROUP BY lane, state"
_EVENTS = "SELECT count(*) FROM outbox WHERE state = 'pending'"


class SqliteCensus(SqliteBase):
    """`Census` on SQLite."""

    async def count_live(self) -> dict[tuple[str, TaskState], int]:
        """Tasks that have not ended."""
        rows = await self._read(lambda connection: connection.execute(_LIVE).fetchall())
        return {(lane, TaskState(state)): count for lane, state, count in rows}

    async def count_waiting_events(self) -> int:
        """Events that have not been delivered."""
        return int(await self._read(lambda connection: connection.execute(_EVENTS).fetchone()[0]))
