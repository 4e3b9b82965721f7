"""`UsageStore` on SQLite: the log of immediate calls, read and kept short."""

from collections.abc import Sequence
from typing import Any

from tutti.billing.records import FIELDS, CallRecord, LoggedCall
from tutti.billing.store import Payer
from tutti.database.driver import Connection
from tutti.tasks.sqlite.base import SqliteBase
from tutti.tasks.sqlite.step import Step

_SELECT = f"SELECT id, flush_id, {', '.join(FIELDS)} FROM usage_log"
_USED_SINCE = """
    SELECT coalesce((SELECT sum(units) FROM usage_log WHERE user_id = :user AND at_ms >= :since AND key_id = :key), 0)
        + coalesce((SELECT sum(coalesce(final_cost, price)) FROM tasks
            WHERE user_id = :user AND created_at_ms >= :since AND key_id = :key), 0)
"""
_FLAGS = frozenset({"is_stream", "is_estimated"})

# Rows are always forgotten from the oldest on, so that the ids which go are all below those that stay.
_LAST_TOO_OLD = "SELECT max(id) FROM usage_log WHERE at_ms < ?"
_LAST_TOO_MANY = "SELECT id FROM usage_log ORDER BY id DESC LIMIT 1 OFFSET ?"
_PRUNE = "DELETE FROM usage_log WHERE id IN (SELECT id FROM usage_log WHERE id <= ? ORDER BY id LIMIT ?)"

# A flush that still has calls in the log stays by itself, to be compared with them. References begin with a time.
_OLDEST_FLUSH = "SELECT flush_id FROM usage_log ORDER BY id LIMIT 1"
_FOLDED = "folded:"
_OLD_FLUSHES = """
    SELECT ref, user_id, key_id, amount FROM ledger
    WHERE kind = 'flush' AND ref < ? AND at_ms < ? ORDER BY ref LIMIT ?
"""
_DROP_FLUSH = "DELETE FROM ledger WHERE kind = 'flush' AND ref = ?"
_FOLD = """
    INSERT INTO ledger (kind, ref, user_id, key_id, amount, at_ms) VALUES ('flush', ?, ?, ?, ?, ?)
    ON CONFLICT (kind, ref) DO UPDATE SET amount = amount + excluded.amount, at_ms = excluded.at_ms
"""


class SqliteUsage(SqliteBase):
    """What readers and keepers of the log need."""

    async def list_calls(
        self,
        *,
        user_id: int | None = None,
        key_id: int | None = None,
        channel_id: int | None = None,
        request_id: str | None = None,
        since_ms: int | None = None,
        before_id: int | None = None,
        limit: int,
    ) -> list[LoggedCall]:
        """Calls that fulfil all conditions given, newest first."""
        conditions = {
            "user_id = ?": user_id,
            "key_id = ?": key_id,
            "channel_id = ?": channel_id,
            "request_id = ?": request_id,
            "at_ms >= ?": since_ms,
            "(at_ms, id) < (SELECT at_ms, id FROM usage_log WHERE id = ?)": before_id,
        }
        given = {condition: value for condition, value in conditions.items() if value is not None}
        query = f"{_SELECT} WHERE {' AND '.join(('1', *given))} ORDER BY at_ms DESC, id DESC LIMIT ?"
        return await self._read(lambda connection: _calls(connection, query, (*given.values(), limit)))

    async def used_since(self, caller: Payer, since_ms: int) -> int:
        """Units of a key's calls and tasks since then."""
        values = {"user": caller.user_id, "key": caller.key_id, "since": since_ms}
        return await self._read(lambda connection: int(connection.execute(_USED_SINCE, values).fetchone()[0]))

    async def prune_calls(self, *, before_ms: int, keep_rows: int, limit: int) -> int:
        """Forget the oldest calls."""
        return await self._write(lambda step: prune_calls(step, before_ms, keep_rows, limit))

    async def fold_flushes(self, *, before_ms: int, limit: int) -> int:
        """Add old flush rows into one for each user and key."""
        return await self._write(lambda step: fold_flushes(step, before_ms, limit))


def prune_calls(step: Step, before_ms: int, keep_rows: int, limit: int) -> int:
    """Delete rows that are too old or too many."""
    bounds = [step.connection.execute(_LAST_TOO_OLD, (before_ms,)).fetchone()]
    if keep_rows:
        bounds.append(step.connection.execute(_LAST_TOO_MANY, (keep_rows,)).fetchone())
    last = max((row[0] for row in bounds if row is not None and row[0] is not None), default=0)
    return step.connection.execute(_PRUNE, (last, limit)).rowcount


def fold_flushes(step: Step, before_ms: int, limit: int) -> int:
    """Rewrite rows of the ledger whose sum stays the same."""
    oldest = step.connection.execute(_OLDEST_FLUSH).fetchone()
    bound = _FOLDED if oldest is None else oldest[0]
    found = step.connection.execute(_OLD_FLUSHES, (bound, before_ms, limit)).fetchall()
    for ref, user_id, key_id, amount in found:
        step.connection.execute(_DROP_FLUSH, (ref,))
        step.connection.execute(_FOLD, (f"{_FOLDED}{user_id}:{key_id}", user_id, key_id, amount, step.now_ms))
    return len(found)


def _calls(connection: Connection, query: str, values: Sequence[object]) -> list[LoggedCall]:
    return [_call(row) for row in connection.execute(query, values)]


def _call(row: Sequence[Any]) -> LoggedCall:
    row_id, flush_id, *values = row
    fields: dict[str, Any] = {
        name: bool(value) if name in _FLAGS else value for name, value in zip(FIELDS, values, strict=True)
    }
    return LoggedCall(id=row_id, flush_id=flush_id, call=CallRecord(**fields))
