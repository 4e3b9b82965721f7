"""Secrets that stand for a key in one realtime session or a few, soon over; and the seam to where they are stored.

Such a secret opens nothing else: the keyring knows keys alone.
"""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, kw_only=True, slots=True)
class EphemeralSecret:
    """A stored secret and the sessions that it is for."""

    # SHA-256 of the whole secret, hex.
    secret_hash: str
    # Whose quota, limits, models and group hold for the sessions.
    key_id: int
    # The model that they are for; None: whatever the key may use.
    model: str | None
    # What is to be said of them before anything else: the settings in a session.update event; None: nothing.
    opening: bytes | None
    is_beta: bool
    expires_at_ms: int


class EphemeralStore(Protocol):
    """Where secrets are kept; the stores of `tutti.tasks` fulfil it too."""

    async def keep_secret(self, secret: EphemeralSecret) -> None:
        """Keep a new secret."""
        ...

    async def find_secret(self, secret_hash: str) -> EphemeralSecret | None:
        """A secret, its time over or not; None for an unknown and a forgotten one."""
        ...

    async def prune_secrets(self, *, limit: int) -> int:
        """Forget up to `limit` secrets whose time is over; how many it were."""
        ...
