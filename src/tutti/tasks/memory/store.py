"""All ports in one object, as callers hold it."""

from collections.abc import Iterable

from tutti.kit.clock import Clock, SystemClock
from tutti.tasks.memory.accounts import MemoryAccounts
from tutti.tasks.memory.census import MemoryCensus
from tutti.tasks.memory.channels import MemoryChannels
from tutti.tasks.memory.ephemeral import MemoryEphemeral
from tutti.tasks.memory.outbox import MemoryOutbox
from tutti.tasks.memory.personas import MemoryPersonas
from tutti.tasks.memory.prices import MemoryPrices
from tutti.tasks.memory.records import MemoryRecords
from tutti.tasks.memory.responses import MemoryResponses
from tutti.tasks.memory.submitting import MemoryTasks
from tutti.tasks.memory.tables import RenderEvent, Tables
from tutti.tasks.memory.vendors import MemoryVendors
from tutti.tasks.memory.wallet import MemoryWallet
from tutti.tasks.memory.working import MemoryWork
from tutti.tasks.states import TaskState


class InMemoryTaskStore(
    MemoryTasks,
    MemoryWork,
    MemoryVendors,
    MemoryOutbox,
    MemoryRecords,
    MemoryAccounts,
    MemoryPersonas,
    MemoryResponses,
    MemoryEphemeral,
    MemoryWallet,
    MemoryPrices,
    MemoryChannels,
    MemoryCensus,
):
    """Fulfils all ports of `tutti.tasks.store`, and the stores of what is beside tasks."""

    def __init__(self, *, clock: Clock | None = None, render_event: RenderEvent = lambda _task, _parts: b"{}") -> None:
        # Each base reads the same tables; there is nothing else to set up in them.
        self.tables = self._tables = Tables(clock=clock or SystemClock(), render_event=render_event)

    async def wait_for_task(self, task_id: str, *, seen_version: int, timeout_s: float) -> None:
        """Return when the task has changed, or at the timeout."""

        async def look() -> bool:
            row = self.tables.tasks.get(task_id)
            return row is not None and row.task.version > seen_version

        await self.tables.bus.wait_for_task(task_id, seen_version=seen_version, timeout_s=timeout_s, look=look)

    async def wait_for_work(self, lanes: Iterable[str], *, timeout_s: float) -> None:
        """Return when work was queued, or at the timeout."""
        names, now_ms = frozenset(lanes), self.tables.clock.now_ms()

        async def look() -> bool:
            return any(
                row.task.state is TaskState.QUEUED and row.task.lane in names and row.run_at_ms <= now_ms
                for row in self.tables.tasks.values()
            )

        await self.tables.bus.wait_for_work(names, timeout_s=timeout_s, look=look)
