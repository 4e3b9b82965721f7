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
        due = [row for row in self._tables.outbox.values() if row.state == "pending" and row.next_at_ms <= now]
        due.sort(key=lambda row: row.next_at_ms)
        for row in due[:limit]:
            row.next_at_ms = now + lease_ms
            row.event = replace(row.event, tries=row.event.tries + 1)
        return [row.event for row in due[:limit]]

    async def mark_delivered(self, event_id: str, *, status: int) -> None:
        """The receiver took it."""
        self._close(event_id, "delivered", status)

    async def retry_event(self, event_id: str, *, next_at_ms: int, status: int | None) -> None:
        """Try again later."""
        row = self._pending(event_id)
        if row is not None:
            row.next_at_ms, row.last_status = next_at_ms, status

    async def bury_event(self, event_id: str, *, status: int | None) -> None:
        """Give up."""
        self._close(event_id, "dead", status)

    def _close(self, event_id: str, state: str, status: int | None) -> None:
        row = self._pending(event_id)
        if row is not None:
            row.state, row.last_status = state, status

    def _pending(self, event_id: str) -> EventRow | None:
        row = self._tables.outbox.get(event_id)
        return row if row is not None and row.state == "pending" else None
