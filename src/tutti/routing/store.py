"""The seam to stored channels.

The stores of `tutti.tasks` fulfil it, since one writer holds the database. A row keeps secrets sealed: what it says in
plain text may be read by anybody who reads the database.
"""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, kw_only=True, slots=True)
class ChannelRow:
    """A channel as stored."""

    id: int
    name: str
    # `ChannelSettings` as JSON, without a secret in it.
    settings: bytes
    # `ChannelSecrets` as JSON, sealed.
    sealed: bytes
    created_at_ms: int
    changed_at_ms: int


class ChannelStore(Protocol):
    """What `ChannelDesk` needs."""

    async def list_channels(self) -> list[ChannelRow]:
        """All, by id."""
        ...

    async def add_channel(self, name: str, *, settings: bytes, sealed: bytes) -> ChannelRow:
        """Store a channel. Raises `ConflictError` when the name is taken."""
        ...

    async def change_channel(self, channel_id: int, *, name: str, settings: bytes, sealed: bytes) -> ChannelRow:
        """Store a channel anew. Raises `NotFoundError`, `ConflictError` when another one has the name."""
        ...

    async def remove_channel(self, channel_id: int) -> None:
        """Forget a channel. Raises `NotFoundError`."""
        ...
