"""`ChannelStore` on SQLite."""

from tutti.database.driver import Connection
from tutti.errors import ConflictError, NotFoundError
from tutti.routing.store import ChannelRow
from tutti.tasks.sqlite.base import SqliteBase
from tutti.tasks.sqlite.step import Step

_COLUMNS = "id, name, settings, sealed, created_at_ms, changed_at_ms"
_SELECT = f"SELECT {_COLUMNS} FROM channels"
_INSERT = """
    INSERT INTO channels (name, settings, sealed, created_at_ms, changed_at_ms)
    VALUES (:name, :settings, :sealed, :now, :now) RETURNING id
"""
_UPDATE = """
    UPDATE channels SET name = :name, settings = :settings, sealed = :sealed, changed_at_ms = :now WHERE id = :id
"""
_NAMESAKE = "SELECT 1 FROM channels WHERE name = ? AND id != ?"


class SqliteChannels(SqliteBase):
    """Channels."""

    async def list_channels(self) -> list[ChannelRow]:
        """All, by id."""
        return await self._read(lambda connection: _rows(connection, f"{_SELECT} ORDER BY id"))

    async def add_channel(self, name: str, *, settings: bytes, sealed: bytes) -> ChannelRow:
        """Store a channel."""
        return await self._write(lambda step: add_channel(step, name, settings=settings, sealed=sealed))

    async def change_channel(self, channel_id: int, *, name: str, settings: bytes, sealed: bytes) -> ChannelRow:
        """Store a channel anew."""
        return await self._write(lambda step: change_channel(step, channel_id, name, settings=settings, sealed=sealed))

    async def remove_channel(self, channel_id: int) -> None:
        """Forget a channel."""
        await self._write(lambda step: remove_channel(step, channel_id))


def add_channel(step: Step, name: str, *, settings: bytes, sealed: bytes) -> ChannelRow:
    """Write a channel."""
    _require_free(step.connection, name, channel_id=0)
    values = {"name": name, "settings": settings.decode(), "sealed": sealed, "now": step.now_ms}
    (channel_id,) = step.connection.execute(_INSERT, values).fetchone()
    return _read_one(step.connection, channel_id)


def change_channel(step: Step, channel_id: int, name: str, *, settings: bytes, sealed: bytes) -> ChannelRow:
    """Write all of a channel."""
    _read_one(step.connection, channel_id)
    _require_free(step.connection, name, channel_id=channel_id)
    values = {"name": name, "settings": settings.decode(), "sealed": sealed, "now": step.now_ms, "id": channel_id}
    step.connection.execute(_UPDATE, values)
    return _read_one(step.connection, channel_id)


def remove_channel(step: Step, channel_id: int) -> None:
    """Delete a channel."""
    _read_one(step.connection, channel_id)
    step.connection.execute("DELETE FROM channels WHERE id = ?", (channel_id,))


def _require_free(connection: Connection, name: str, *, channel_id: int) -> None:
    if connection.execute(_NAMESAKE, (name, channel_id)).fetchone() is not None:
        raise ConflictError(f"There is a channel named {name!r} already.", field="name")


def _read_one(connection: Connection, channel_id: int) -> ChannelRow:
    found = _rows(connection, f"{_SELECT} WHERE id = ?", channel_id)
    if not found:
        raise NotFoundError(f"There is no channel {channel_id}.")
    return found[0]


def _rows(connection: Connection, query: str, *values: object) -> list[ChannelRow]:
    return [
        ChannelRow(
            id=row[0],
            name=row[1],
            settings=row[2].encode(),
            sealed=row[3],
            created_at_ms=row[4],
            changed_at_ms=row[5],
        )
        for row in connection.execute(query, values)
    ]
