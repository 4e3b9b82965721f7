"""`Records` on SQLite: what operators look up."""

from collections.abc import Sequence
from typing import Any

from tutti.database.driver import Connection
from tutti.tasks.model import EventRecord, LedgerRow, Task
from tutti.tasks.sqlite.base import SqliteBase
from tutti.tasks.sqlite.rows import SELECT_TASK, marks, task_from_row
from tutti.tasks.sqlite.step import Step

_EVENT = "id, task_id, seq, endpoint, state, tries, last_status, created_at_ms"
_EVENTS_OF = f"SELECT {_EVENT} FROM outbox WHERE task_id = ? ORDER BY seq"
# One that a newer event of its task has replaced has nothing more to tell.
_IS_BURIED = """
    state = 'dead' AND NOT EXISTS (
        SELECT 1 FROM outbox AS newer WHERE newer.task_id = outbox.task_id AND newer.seq > outbox.seq)
"""
_BURIED = f"SELECT {_EVENT} FROM outbox WHERE {_IS_BURIED} ORDER BY created_at_ms DESC, id DESC LIMIT ?"
# A flush has several rows, numbered after a colon. The kinds are named for the sake of the primary key.
_LEDGER = """
    SELECT kind, ref, user_id, amount FROM ledger
    WHERE kind IN ('topup', 'hold', 'settle', 'flush', 'shortfall', 'adjust')
        AND ref >= :subject AND ref < :subject || ';' AND (ref = :subject OR ref >= :subject || ':')
    ORDER BY kind, ref
"""


class SqliteRecords(SqliteBase):
    """What operators look up."""

    async def look_up(self, task_id: str) -> Task | None:
        """The task of this id, ours or its caller's."""
        return await self._read(lambda connection: _task(connection, task_id))

    async def events_of(self, task_id: str) -> list[EventRecord]:
        """The webhooks of a task, oldest first."""
        return await self._read(lambda connection: _events(connection, _EVENTS_OF, (task_id,)))

    async def buried_events(self, *, limit: int) -> list[EventRecord]:
        """Webhooks that were given up, newest first."""
        return await self._read(lambda connection: _events(connection, _BURIED, (limit,)))

    async def redeliver(self, event_ids: Sequence[str]) -> list[EventRecord]:
        """Let them be tried again."""
        return await self._write(lambda step: redeliver(step, event_ids))

    async def ledger_of(self, subject: str) -> list[LedgerRow]:
        """The rows of a task, a flush or a payment."""
        return await self._read(lambda connection: _ledger(connection, subject))


def redeliver(step: Step, event_ids: Sequence[str]) -> list[EventRecord]:
    """Put events that were given up back to the beginning."""
    query = f"""
        UPDATE outbox SET state = 'pending', tries = 0, next_at_ms = ?, lease_owner = NULL, lease_until_ms = NULL
        WHERE id IN ({marks(event_ids)}) AND {_IS_BURIED} RETURNING {_EVENT}
    """
    return _events(step.connection, query, (step.now_ms, *event_ids))


def _task(connection: Connection, task_id: str) -> Task | None:
    row = connection.execute(f"{SELECT_TASK} WHERE id = ? OR public_id = ?", (task_id, task_id)).fetchone()
    return None if row is None else task_from_row(row)


def _events(connection: Connection, query: str, values: Sequence[Any]) -> list[EventRecord]:
    return [
        EventRecord(
            id=row[0],
            task_id=row[1],
            seq=row[2],
            endpoint=row[3],
            state=row[4],
            tries=row[5],
            last_status=row[6],
            created_at_ms=row[7],
        )
        for row in connection.execute(query, values).fetchall()
    ]


def _ledger(connection: Connection, subject: str) -> list[LedgerRow]:
    rows = connection.execute(_LEDGER, {"subject": subject})
    return [LedgerRow(kind=row[0], ref=row[1], user_id=row[2], amount=row[3]) for row in rows]
