"""`ResponseStore` on SQLite."""

from dataclasses import astuple

from tutti.accounts.response import KeptResponse
from tutti.database.driver import Connection
from tutti.tasks.sqlite.base import SqliteBase
from tutti.tasks.sqlite.step import Step

_COLUMNS = "id, user_id, status, response, input, previous_id, is_background, created_at_ms, expires_at_ms"
_KEEP = f"""
    INSERT INTO responses ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (id) DO UPDATE SET
        status = excluded.status, response = excluded.response, expires_at_ms = excluded.expires_at_ms
    WHERE user_id = excluded.user_id AND status IN ('queued', 'in_progress')
    RETURNING 1
"""
_FIND = f"SELECT {_COLUMNS} FROM responses WHERE id = ? AND user_id = ? AND expires_at_ms > ?"
# The response and all that it goes on from.
_CHAIN = """
    WITH RECURSIVE chain (id) AS (
        SELECT ?
        UNION
        SELECT responses.previous_id FROM chain JOIN responses ON responses.id = chain.id
        WHERE responses.user_id = ? AND responses.previous_id IS NOT NULL
    )
"""
_READ_CHAIN = f"""{_CHAIN}
    SELECT {", ".join(f"responses.{name}" for name in _COLUMNS.split(", "))}
    FROM chain JOIN responses ON responses.id = chain.id
    WHERE responses.user_id = ? AND responses.expires_at_ms > ? ORDER BY created_at_ms, responses.rowid
"""
_LENGTHEN = f"""{_CHAIN}
    UPDATE responses SET expires_at_ms = max(expires_at_ms, ?) WHERE user_id = ? AND id IN (SELECT id FROM chain)
"""
_DELETE = "DELETE FROM responses WHERE id = ? AND user_id = ? AND expires_at_ms > ? RETURNING 1"
_PRUNE = "DELETE FROM responses WHERE id IN (SELECT id FROM responses WHERE expires_at_ms <= ? LIMIT ?)"


class SqliteResponses(SqliteBase):
    """Responses that are kept."""

    async def keep_response(self, kept: KeptResponse) -> bool:
        """Keep a response, or the end of one."""
        return await self._write(lambda step: keep_response(step, kept))

    async def find_response(self, response_id: str, *, user_id: int) -> KeptResponse | None:
        """A user's own response."""
        values = (response_id, user_id, self._clock.now_ms())
        found = await self._read(lambda connection: _rows(connection, _FIND, *values))
        return found[0] if found else None

    async def chain_of_responses(self, response_id: str, *, user_id: int) -> list[KeptResponse]:
        """A response and all that it goes on from."""
        values = (response_id, user_id, user_id, self._clock.now_ms())
        return await self._read(lambda connection: _rows(connection, _READ_CHAIN, *values))

    async def delete_response(self, response_id: str, *, user_id: int) -> bool:
        """Forget a user's own response."""

        def delete(step: Step) -> bool:
            values = (response_id, user_id, step.now_ms)
            return step.connection.execute(_DELETE, values).fetchone() is not None

        return await self._write(delete)

    async def prune_responses(self, *, limit: int) -> int:
        """Forget responses whose time is over."""
        return await self._write(lambda step: step.connection.execute(_PRUNE, (step.now_ms, limit)).rowcount)


def keep_response(step: Step, kept: KeptResponse) -> bool:
    """Write a response."""
    is_written = step.connection.execute(_KEEP, astuple(kept)).fetchone() is not None
    if is_written and kept.previous_id is not None:
        values = (kept.previous_id, kept.user_id, kept.expires_at_ms, kept.user_id)
        step.connection.execute(_LENGTHEN, values)
    return is_written


def _rows(connection: Connection, query: str, *values: object) -> list[KeptResponse]:
    return [from_row(row) for row in connection.execute(query, values)]


def from_row(row: tuple[object, ...]) -> KeptResponse:
    """A response as read."""
    names = _COLUMNS.split(", ")
    values = dict(zip(names, row, strict=True))
    return KeptResponse(**{**values, "is_background": bool(values["is_background"])})  # type: ignore[arg-type]
