"""`Outbox` over dicts."""

from dataclasses import replace

from tutti.tasks.memory.tables import EventRow, Tables
from tutti.tasks.model import OutboxEvent


class MemoryOutbox:
    """What the webhook deliverer needs."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    async def due_events(self, *, owner: str, limit: int, lease_ms: int) -> list[OutboxEvent]:  # noqa: ARG002 - one process, so no owner to tell apart
        """Lease events whose time has come."""
        now = self._tables.clock.now_ms()
        pending = [row for row in self._tables.outbox.values() if row.state == "pending"]
        newest = {row.event.task_id: row.event.seq for row in sorted(pending, key=lambda row: row.event.seq)}
        for row in pending:
            # Lost by a deliverer that died, and overtaken by a newer one meanwhile.
            if 0 < row.leased_until_ms <= now and row.event.seq < newest[row.event.task_id]:
                del self._tables.outbox[row.event.id]
        under_way = {row.event.task_id for row in pending if row.leased_until_ms > now}
        due = [
            row
            for row in pending
            if row.next_at_ms <= now
            and row.event.task_id not in under_way
            and row.event.seq == newest[row.event.task_id]
        ]
        due.sort(key=lambda row: (row.next_at_ms, row.event.created_at_ms))
        for row in due[:limit]:
            row.leased_until_ms = now + lease_ms
            row.event = replace(row.event, tries=row.event.tries + 1)
        return [row.event for row in due[:limit]]

    async def mark_delivered(self, event_id: str, *, status: int) -> None:
        """The receiver took it."""
        self._close(event_id, "delivered", status)

    async def retry_event(self, event_id: str, *, next_at_ms: int, status: int | None) -> None:
        """Try again later."""
        row = self._pending(event_id)
        if row is not None:
            row.next_at_ms, row.last_status, row.leased_until_ms = next_at_ms, status, 0
            if self._is_overtaken(row):
                del self._tables.outbox[event_id]

    async def bury_event(self, event_id: str, *, status: int | None) -> None:
        """Give up."""
        self._close(event_id, "dead", status)

    def _close(self, event_id: str, state: str, status: int | None) -> None:
        row = self._pending(event_id)
        if row is not None:
            row.state, row.last_status = state, status

    def _is_overtaken(self, row: EventRow) -> bool:
        event = row.event
        return any(
            other.event.task_id == event.task_id and other.event.seq > event.seq
            for other in self._tables.outbox.values()
        )

    def _pending(self, event_id: str) -> EventRow | None:
        row = self._tables.outbox.get(event_id)
        return row if row is not None and row.state == "pending" else None
