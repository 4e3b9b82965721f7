"""`EphemeralStore` on SQLite."""

from dataclasses import astuple

from tutti.accounts.ephemeral import EphemeralSecret
from tutti.database.driver import Connection
from tutti.tasks.sqlite.base import SqliteBase

_COLUMNS = "secret_hash, key_id, model, opening, is_beta, expires_at_ms"
_KEEP = f"INSERT INTO ephemeral_secrets ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?)"
_FIND = f"SELECT {_COLUMNS} FROM ephemeral_secrets WHERE secret_hash = ?"
_PRUNE = """
    DELETE FROM ephemeral_secrets WHERE secret_hash IN (
        SELECT secret_hash FROM ephemeral_secrets WHERE expires_at_ms <= ? LIMIT ?
    )
"""


class SqliteEphemeral(SqliteBase):
    """Secrets of realtime sessions."""

    async def keep_secret(self, secret: EphemeralSecret) -> None:
        """Keep a new secret."""
        await self._write(lambda step: step.connection.execute(_KEEP, astuple(secret)))

    async def find_secret(self, secret_hash: str) -> EphemeralSecret | None:
        """A secret, its time over or not."""
        return await self._read(lambda connection: _found(connection, secret_hash))

    async def prune_secrets(self, *, limit: int) -> int:
        """Forget secrets whose time is over."""
        return await self._write(lambda step: step.connection.execute(_PRUNE, (step.now_ms, limit)).rowcount)


def _found(connection: Connection, secret_hash: str) -> EphemeralSecret | None:
    row = connection.execute(_FIND, (secret_hash,)).fetchone()
    return None if row is None else from_row(row)


def from_row(row: tuple[object, ...]) -> EphemeralSecret:
    """A secret as read."""
    values = dict(zip(_COLUMNS.split(", "), row, strict=True))
    return EphemeralSecret(**{**values, "is_beta": bool(values["is_beta"])})  # type: ignore[arg-type]
