"""`VendorStore` over dicts."""

from collections.abc import Mapping

from msgspec import structs

from tutti.tasks.memory.tables import Tables
from tutti.tasks.model import AT_ONCE_MS, Lease, RefundPolicy, Task, TaskFailure
from tutti.tasks.states import TaskState


class MemoryVendors:
    """What the vendor side needs."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    async def note_submission(self, lease: Lease, *, vendor_idempotency_key: str | None) -> bool:
        """Remember the key that the upstream will be asked with."""
        row = self._tables.held(lease)
        if row is None:
            return False
        row.task = structs.replace(row.task, vendor_idempotency_key=vendor_idempotency_key)
        return True

    async def accept(self, lease: Lease, *, vendor_ref: str, next_poll_at_ms: int) -> bool:
        """Go from submitting to waiting, and on to the end that was asked for meanwhile."""
        row = self._tables.held(lease)
        if row is None:
            return False
        row.next_poll_at_ms = next_poll_at_ms
        self._tables.move(row, TaskState.WAITING, vendor_ref=vendor_ref, lease_owner=None)
        if row.task.is_cancel_requested:
            cost = 0 if row.refund_policy is RefundPolicy.FULL else row.task.price
            self._tables.end(row, TaskState.CANCELLED, cost=cost)
        return True

    async def hand_on(self, lease: Lease, *, lane: str, backoff_ms: int) -> bool:
        """Go from submitting back to queued, in a lane that may be another's."""
        row = self._tables.held(lease)
        if row is None or row.task.state is not TaskState.SUBMITTING:
            return False
        if row.task.is_cancel_requested:
            cost = 0 if row.refund_policy is RefundPolicy.FULL else row.task.price
            self._tables.end(row, TaskState.CANCELLED, cost=cost)
            return True
        row.run_at_ms = self._tables.clock.now_ms() + backoff_ms if backoff_ms else AT_ONCE_MS
        attempt = row.task.attempt - 1
        self._tables.move(
            row, TaskState.QUEUED, lane=lane, lease_owner=None, attempt=attempt, vendor_idempotency_key=None
        )
        return True

    async def count_waiting(self) -> int:
        """How many tasks wait for upstreams."""
        return sum(row.task.state is TaskState.WAITING for row in self._tables.tasks.values())

    async def due_polls(self, *, limit: int, hold_ms: int) -> list[Task]:
        """Waiting tasks whose poll is due, pushed ahead."""
        now = self._tables.clock.now_ms()
        due = [
            row
            for row in self._tables.tasks.values()
            if row.task.state is TaskState.WAITING and row.next_poll_at_ms <= now
        ]
        due.sort(key=lambda row: row.next_poll_at_ms)
        for row in due[:limit]:
            row.next_poll_at_ms = now + hold_ms
        return [row.task for row in due[:limit]]

    async def reschedule(self, polls: Mapping[str, tuple[int, int]]) -> None:
        """Set the next poll and note progress."""
        for task_id, (next_poll_at_ms, progress) in polls.items():
            row = self._tables.tasks.get(task_id)
            if row is None or row.task.state is not TaskState.WAITING:
                continue
            row.next_poll_at_ms = next_poll_at_ms
            if progress > row.task.progress:
                row.task = structs.replace(row.task, progress=progress, version=row.task.version + 1)
                self._tables.bus.task_changed(task_id, row.task.version)

    async def begin_storing(self, task_id: str, *, owner: str, lease_ms: int) -> Task | None:
        """Go from waiting to storing under a lease."""
        row = self._tables.tasks.get(task_id)
        if row is None or row.task.state is not TaskState.WAITING:
            return None
        row.lease_until_ms = self._tables.clock.now_ms() + lease_ms
        # A new attempt, so that the fence tells this lease from an earlier one of the same owner.
        return self._tables.move(row, TaskState.STORING, lease_owner=owner, attempt=row.task.attempt + 1)

    async def fail_waiting(self, task_id: str, failure: TaskFailure) -> bool:
        """Go from waiting to failed, refunded."""
        row = self._tables.tasks.get(task_id)
        if row is None or row.task.state is not TaskState.WAITING:
            return False
        self._tables.end(row, TaskState.FAILED, cost=0, failure=failure)
        return True

    async def receive(self, task_id: str, *, event_id: str, body: bytes) -> bool:
        """Note a callback once, and make its task due."""
        if (task_id, event_id) in self._tables.inbox:
            return False
        self._tables.inbox[task_id, event_id] = body
        row = self._tables.tasks.get(task_id)
        if row is not None and row.task.state is TaskState.WAITING:
            row.next_poll_at_ms = self._tables.clock.now_ms()
        return True

    async def find_by_vendor_ref(self, lane: str, vendor_ref: str) -> Task | None:
        """The task behind an upstream's id."""
        for row in self._tables.tasks.values():
            if row.task.lane == lane and row.task.vendor_ref == vendor_ref:
                return row.task
        return None
