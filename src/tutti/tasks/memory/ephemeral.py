"""`EphemeralStore` over a dict."""

from tutti.accounts.ephemeral import EphemeralSecret
from tutti.tasks.memory.tables import Tables


class MemoryEphemeral:
    """Secrets of realtime sessions."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    async def keep_secret(self, secret: EphemeralSecret) -> None:
        """Keep a new secret."""
        self._tables.ephemeral[secret.secret_hash] = secret

    async def find_secret(self, secret_hash: str) -> EphemeralSecret | None:
        """A secret, its time over or not."""
        return self._tables.ephemeral.get(secret_hash)

    async def prune_secrets(self, *, limit: int) -> int:
        """Forget secrets whose time is over."""
        now_ms = self._tables.clock.now_ms()
        over = [one.secret_hash for one in self._tables.ephemeral.values() if one.expires_at_ms <= now_ms][:limit]
        for secret_hash in over:
            del self._tables.ephemeral[secret_hash]
        return len(over)
