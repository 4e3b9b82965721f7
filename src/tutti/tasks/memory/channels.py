"""`ChannelStore` over a dict."""

from dataclasses import replace

from tutti.errors import ConflictError, NotFoundError
from tutti.routing.store import ChannelRow
from tutti.tasks.memory.tables import Tables


class MemoryChannels:
    """Channels."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    async def list_channels(self) -> list[ChannelRow]:
        """All, by id."""
        return list(self._tables.channels.values())

    async def add_channel(self, name: str, *, settings: bytes, sealed: bytes) -> ChannelRow:
        """Store a channel."""
        tables = self._tables
        self._require_free(name, channel_id=0)
        tables.last_channel_id += 1
        now_ms = tables.clock.now_ms()
        row = ChannelRow(
            id=tables.last_channel_id,
            name=name,
            settings=settings,
            sealed=sealed,
            created_at_ms=now_ms,
            changed_at_ms=now_ms,
        )
        tables.channels[row.id] = row
        return row

    async def change_channel(self, channel_id: int, *, name: str, settings: bytes, sealed: bytes) -> ChannelRow:
        """Store a channel anew."""
        known = self._require(channel_id)
        self._require_free(name, channel_id=channel_id)
        now_ms = self._tables.clock.now_ms()
        row = replace(known, name=name, settings=settings, sealed=sealed, changed_at_ms=now_ms)
        self._tables.channels[channel_id] = row
        return row

    async def remove_channel(self, channel_id: int) -> None:
        """Forget a channel."""
        self._require(channel_id)
        del self._tables.channels[channel_id]

    def _require(self, channel_id: int) -> ChannelRow:
        row = self._tables.channels.get(channel_id)
        if row is None:
            raise NotFoundError(f"There is no channel {channel_id}.")
        return row

    def _require_free(self, name: str, *, channel_id: int) -> None:
        if any(row.name == name and row.id != channel_id for row in self._tables.channels.values()):
            raise ConflictError(f"There is a channel named {name!r} already.", field="name")
