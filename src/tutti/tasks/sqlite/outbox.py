"""What the webhook deliverer asks: events that are due, and what became of them.

Events of one task go out one after another: while one is being delivered the next waits, so that a receiver never hears
of progress after the end.
"""

from tutti.tasks.model import OutboxEvent
from tutti.tasks.sqlite.base import SqliteBase
from tutti.tasks.sqlite.step import Step

# Lost by a deliverer that died, and overtaken by a newer one meanwhile.
_DROP_OVERTAKEN = """
    DELETE FROM outbox WHERE lease_until_ms <= ? AND state = 'pending' AND EXISTS (
        SELECT 1 FROM outbox AS newer WHERE newer.task_id = outbox.task_id AND newer.seq > outbox.seq)
"""
_LEASE = """
    UPDATE outbox SET lease_owner = :owner, lease_until_ms = :until, tries = tries + 1
    WHERE id IN (
        SELECT id FROM outbox AS due
        WHERE state = 'pending' AND next_at_ms <= :now AND (lease_until_ms IS NULL OR lease_until_ms <= :now)
            AND NOT EXISTS (SELECT 1 FROM outbox AS older WHERE older.task_id = due.task_id
                            AND older.seq < due.seq AND older.state = 'pending')
        ORDER BY next_at_ms, created_at_ms LIMIT :limit)
    RETURNING id, task_id, user_id, seq, endpoint, body, is_terminal, tries, created_at_ms
"""
_CLOSE = """
    UPDATE outbox SET state = ?, last_status = ?, lease_owner = NULL, lease_until_ms = NULL
    WHERE id = ? AND state = 'pending'
"""
_DROP_IF_OVERTAKEN = """
    DELETE FROM outbox WHERE id = ? AND state = 'pending' AND EXISTS (
        SELECT 1 FROM outbox AS newer WHERE newer.task_id = outbox.task_id AND newer.seq > outbox.seq)
"""
_PUT_OFF = """
    UPDATE outbox SET next_at_ms = ?, last_status = ?, lease_owner = NULL, lease_until_ms = NULL
    WHERE id = ? AND state = 'pending'
"""


class SqliteOutbox(SqliteBase):
    """`Outbox` on SQLite."""

    async def due_events(self, *, owner: str, limit: int, lease_ms: int) -> list[OutboxEvent]:
        """Lease events whose time has come."""
        return await self._write(lambda step: due_events(step, owner=owner, limit=limit, lease_ms=lease_ms))

    async def mark_delivered(self, event_id: str, *, status: int) -> None:
        """The receiver took it."""
        await self._write(lambda step: step.connection.execute(_CLOSE, ("delivered", status, event_id)).rowcount)

    async def retry_event(self, event_id: str, *, next_at_ms: int, status: int | None) -> None:
        """Try again later, unless there is something newer to tell."""
        await self._write(lambda step: retry_event(step, event_id, next_at_ms=next_at_ms, status=status))

    async def bury_event(self, event_id: str, *, status: int | None) -> None:
        """Give up."""
        await self._write(lambda step: step.connection.execute(_CLOSE, ("dead", status, event_id)).rowcount)


def due_events(step: Step, *, owner: str, limit: int, lease_ms: int) -> list[OutboxEvent]:
    """Lease due events, at most one of each task; `tries` counts this one."""
    step.connection.execute(_DROP_OVERTAKEN, (step.now_ms,))
    values = {"owner": owner, "until": step.now_ms + lease_ms, "now": step.now_ms, "limit": limit}
    return [
        OutboxEvent(
            id=row[0],
            task_id=row[1],
            user_id=row[2],
            seq=row[3],
            endpoint=row[4],
            body=row[5],
            is_terminal=bool(row[6]),
            tries=row[7],
            created_at_ms=row[8],
        )
        for row in step.connection.execute(_LEASE, values).fetchall()
    ]


def retry_event(step: Step, event_id: str, *, next_at_ms: int, status: int | None) -> None:
    """Put an event off, or drop it when a newer one of its task is there."""
    if step.connection.execute(_DROP_IF_OVERTAKEN, (event_id,)).rowcount == 0:
        step.connection.execute(_PUT_OFF, (next_at_ms, status, event_id))
