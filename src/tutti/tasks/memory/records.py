"""`Records` over dicts."""

from collections.abc import Sequence
from dataclasses import replace

from tutti.tasks.memory.tables import EventRow, Tables
from tutti.tasks.model import AT_ONCE_MS, EventRecord, LedgerRow, Task


class MemoryRecords:
    """What operators look up."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    async def look_up(self, task_id: str) -> Task | None:
        """The task of this id, ours or its caller's."""
        row = self._tables.tasks.get(self._tables.by_public_id.get(task_id, task_id))
        return None if row is None else row.task

    async def events_of(self, task_id: str) -> list[EventRecord]:
        """The webhooks of a task, oldest first."""
        rows = [row for row in self._tables.outbox.values() if row.event.task_id == task_id]
        return [_record(row) for row in sorted(rows, key=lambda row: row.event.seq)]

    async def buried_events(self, *, limit: int) -> list[EventRecord]:
        """Webhooks that were given up, newest first."""
        dead = [row for row in self._tables.outbox.values() if self._is_buried(row)]
        dead.sort(key=lambda row: (row.event.created_at_ms, row.event.id), reverse=True)
        return [_record(row) for row in dead[:limit]]

    async def redeliver(self, event_ids: Sequence[str]) -> list[EventRecord]:
        """Let them be tried again."""
        rows = [self._tables.outbox[one] for one in event_ids if one in self._tables.outbox]
        dead = [row for row in rows if self._is_buried(row)]
        for row in dead:
            row.state, row.next_at_ms, row.leased_until_ms = "pending", AT_ONCE_MS, 0
            row.event = replace(row.event, tries=0)
        return [_record(row) for row in dead]

    async def ledger_of(self, subject: str) -> list[LedgerRow]:
        """The rows of a task, a flush or a payment."""
        return [
            LedgerRow(kind=kind, ref=ref, user_id=user_id, amount=amount)
            for (kind, ref), (user_id, amount) in sorted(self._tables.ledger.items())
            if ref == subject or ref.startswith(f"{subject}:")
        ]

    def _is_buried(self, row: EventRow) -> bool:
        """Whether it was given up, and nothing newer of its task has replaced it."""
        event = row.event
        others = (other.event for other in self._tables.outbox.values())
        return row.state == "dead" and not any(
            other.task_id == event.task_id and other.seq > event.seq for other in others
        )


def _record(row: EventRow) -> EventRecord:
    event = row.event
    return EventRecord(
        id=event.id,
        task_id=event.task_id,
        seq=event.seq,
        endpoint=event.endpoint,
        state=row.state,
        tries=event.tries,
        last_status=row.last_status,
        created_at_ms=event.created_at_ms,
    )
