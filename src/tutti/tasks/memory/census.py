"""`Census` over dicts."""

from collections import Counter

from tutti.tasks.memory.tables import Tables
from tutti.tasks.states import LIVE, TaskState


class MemoryCensus:
    """What watchers need."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    async def count_live(self) -> dict[tuple[str, TaskState], int]:
        """Tasks that have not ended."""
        tasks = [row.task for row in self._tables.tasks.values()]
        return dict(Counter((task.lane, task.state) for task in tasks if task.state in LIVE))

    async def count_waiting_events(self) -> int:
        """Events that have not been delivered."""
        return sum(row.state == "pending" for row in self._tables.outbox.values())
