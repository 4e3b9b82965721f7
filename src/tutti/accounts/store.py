"""The seam to stored people and keys.

The stores of `tutti.tasks` fulfil it too, since balance and work change in the same transactions.
"""

from typing import Protocol

from tutti.accounts.model import DEFAULT_GROUP, Key, KeyChange, NewKey, User


class AccountStore(Protocol):
    """What accounts, console and CLI need."""

    async def create_user(
        self,
        name: str,
        *,
        quota: int,
        is_admin: bool = False,
        access_token_hash: str | None = None,
        group: str = DEFAULT_GROUP,
        ref: str | None = None,
    ) -> User:
        """Add a user; the opening quota is a `topup` row under `ref`, or one of our own.

        Raises `ConflictError` when the name or the reference is taken.
        """
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

    async def change_key(self, key_id: int, change: KeyChange) -> Key:
        """Change what a key may do. Raises `NotFoundError`."""
        ...

    async def grant_key(self, key_id: int, units: int) -> Key:
        """Let a key spend more of its user's balance, or less with negative units.

        Raises `NotFoundError`, and `KeyQuotaError` for a key without a limit or with less left.
        """
        ...

    async def set_group(self, user_id: int, group: str) -> User:
        """Move a user to another group. Raises `NotFoundError`."""
        ...

    async def request_count(self, user_id: int) -> int:
        """Calls and tasks of a user, as far as they are remembered."""
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
