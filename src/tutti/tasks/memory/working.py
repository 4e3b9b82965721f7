"""`WorkStore` over dicts."""

from collections.abc import Sequence

from msgspec import structs

from tutti.tasks.failures import DEADLINE_EXCEEDED, worker_lost
from tutti.tasks.memory.tables import Tables, TaskRow
from tutti.tasks.model import AT_ONCE_MS, Lease, Pulse, PulseVerdicts, RefundPolicy, Task, TaskFailure, TaskPart
from tutti.tasks.states import LEASED, TaskState


class MemoryWork:
    """What workers need."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    async def claim(self, lane: str, *, owner: str, limit: int, lease_ms: int, state: TaskState) -> list[Task]:
        """Lease queued tasks, fairest first."""
        now = self._tables.clock.now_ms()
        queued = [
            row
            for row in self._tables.tasks.values()
            if row.task.lane == lane and row.task.state is TaskState.QUEUED and row.run_at_ms <= now
        ]
        queued.sort(key=lambda row: (row.priority, row.fair_tag))
        return [self._lease(row, state, owner=owner, until_ms=now + lease_ms) for row in queued[:limit]]

    def _lease(self, row: TaskRow, state: TaskState, *, owner: str, until_ms: int) -> Task:
        tables = self._tables
        is_first = row.task.started_at_ms == 0
        tables.move(
            row,
            state,
            attempt=row.task.attempt + 1,
            lease_owner=owner,
            progress=0,
            progress_note="",
            started_at_ms=tables.clock.now_ms() if is_first else row.task.started_at_ms,
        )
        row.lease_until_ms = until_ms
        tables.virtual_time = max(tables.virtual_time, row.fair_tag)
        if is_first:
            tables.tell(row)
        return row.task

    async def heartbeat(self, pulses: Sequence[Pulse], *, lease_ms: int) -> PulseVerdicts:
        """Prolong leases and note progress."""
        lost, cancelled = set(), set()
        for pulse in pulses:
            row = self._tables.held(pulse.lease)
            if row is None:
                lost.add(pulse.lease.task_id)
                continue
            row.lease_until_ms = self._tables.clock.now_ms() + lease_ms
            if row.task.is_cancel_requested:
                cancelled.add(row.task.id)
            progress = max(row.task.progress, pulse.progress)
            if (progress, pulse.note) != (row.task.progress, row.task.progress_note):
                row.task = structs.replace(
                    row.task, progress=progress, progress_note=pulse.note, version=row.task.version + 1
                )
                self._tables.bus.task_changed(row.task.id, row.task.version)
        return PulseVerdicts(lost=frozenset(lost), cancelled=frozenset(cancelled))

    async def publish_part(self, lease: Lease, *, index: int, result: bytes) -> bool:
        """Make one part visible."""
        row = self._tables.held(lease)
        if row is None:
            return False
        row.parts[index] = TaskPart(index=index, result=result, at_ms=self._tables.clock.now_ms())
        row.task = structs.replace(row.task, version=row.task.version + 1)
        self._tables.bus.task_changed(row.task.id, row.task.version)
        self._tables.tell(row)
        return True

    async def complete(self, lease: Lease, *, output: bytes, cost: int | None = None) -> bool:
        """Succeed and charge."""
        row = self._tables.held(lease)
        if row is None:
            return False
        charged = row.task.price if cost is None else min(cost, row.task.price)
        self._tables.end(row, TaskState.SUCCEEDED, cost=charged, output=output)
        return True

    async def fail(
        self, lease: Lease, failure: TaskFailure, *, may_retry: bool, backoff_ms: int = 0
    ) -> TaskState | None:
        """Queue again, or fail and refund."""
        row = self._tables.held(lease)
        if row is None:
            return None
        if row.task.is_cancel_requested:
            await self.finish_cancel(lease)
        elif may_retry and (row.task.attempt < row.task.max_attempts or _holds_vendor_result(row.task)):
            self._requeue(row, backoff_ms=backoff_ms)
        else:
            self._tables.end(row, TaskState.FAILED, cost=0, failure=failure)
        return row.task.state

    async def finish_cancel(self, lease: Lease) -> bool:
        """End as cancelled."""
        row = self._tables.held(lease)
        if row is None:
            return False
        cost = 0 if row.refund_policy is RefundPolicy.FULL else row.task.price
        self._tables.end(row, TaskState.CANCELLED, cost=cost)
        return True

    async def release(self, owner: str) -> int:
        """Give back an owner's leases without burning attempts."""
        mine = [row for row in self._tables.tasks.values() if row.task.lease_owner == owner]
        for row in mine:
            if row.task.is_cancel_requested:
                await self.finish_cancel(row.task.lease)
            else:
                self._requeue(row, attempt=row.task.attempt - 1)
        return len(mine)

    async def reap(self) -> int:
        """Take up what was lost, expire what is overdue."""
        now, count = self._tables.clock.now_ms(), 0
        for row in list(self._tables.tasks.values()):
            if row.task.is_terminal:
                continue
            if row.task.deadline_at_ms <= now and row.task.is_cancel_requested:
                await self.finish_cancel(row.task.lease)
                count += 1
            elif row.task.deadline_at_ms <= now:
                self._tables.end(row, TaskState.EXPIRED, cost=0, failure=DEADLINE_EXCEEDED)
                count += 1
            elif row.task.state in LEASED and row.lease_until_ms <= now:
                await self.fail(row.task.lease, worker_lost(row.task.attempt), may_retry=True)
                count += 1
        return count

    def _requeue(self, row: TaskRow, *, backoff_ms: int = 0, attempt: int | None = None) -> None:
        """Back to where another worker finds it; a vendor's finished work goes back to waiting, not to a new start."""
        row.run_at_ms = self._tables.clock.now_ms() + backoff_ms if backoff_ms else AT_ONCE_MS
        row.next_poll_at_ms = row.run_at_ms
        self._tables.move(
            row,
            TaskState.WAITING if _holds_vendor_result(row.task) else TaskState.QUEUED,
            lease_owner=None,
            attempt=row.task.attempt if attempt is None else attempt,
        )


def _holds_vendor_result(task: Task) -> bool:
    """An upstream's finished work is fetched until the deadline; it is neither thrown away nor asked for twice."""
    return task.state is TaskState.STORING and task.vendor_ref is not None
