"""The seam to stored people and keys.

The stores of `tutti.tasks` fulfil it too, since balance and work change in the same transactions.
"""

from typing import Protocol

from tutti.accounts.model import Key, NewKey, User


class AccountStore(Protocol):
    """What accounts, console and CLI need."""

    async def create_user(
        self, name: str, *, quota: int, is_admin: bool = False, access_token_hash: str | None = None
    ) -> User:
        """Add a user; the opening quota is a `topup` row. Raises `ConflictError` when the name is taken."""
        ...

    async def list_users(self) -> list[User]:
        """Everyone, by id."""
        ...

    async def top_up(self, user_id: int, units: int, *, ref: str) -> User:
        """Add (with negative units take) credit; the same `ref` counts once. Raises `NotFoundError`, `QuotaError`."""
        ...

    async def create_key(self, new: NewKey) -> Key:
        """Store a key."""
        ...

    async def list_keys(self, *, user_id: int | None = None) -> list[Key]:
        """Keys by id, revoked ones included."""
        ...

    async def revoke_key(self, key_id: int) -> Key:
        """Make a key useless for good. Raises `NotFoundError`."""
        ...

    async def webhook_secrets(self, user_id: int) -> tuple[str, ...]:
        """The secrets that sign a user's webhooks, newest first ("whsec_..."): made when first asked for."""
        ...

    async def rotate_webhook_secret(self, user_id: int) -> str:
        """Make a new secret; the one before it goes on signing beside it until the next rotation."""
        ...
