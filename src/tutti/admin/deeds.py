"""The deeds of an operator, and the values they give.

To add one: a method here, in `local.py` and in `remote.py`; `routes.py` offers it by its name without being told.
"""

from typing import Protocol

import msgspec


class UserInfo(msgspec.Struct, frozen=True, kw_only=True):
    """A user as shown to operators."""

    id: int
    name: str
    is_admin: bool
    quota: int
    used_quota: int
    created_at_ms: int


class KeyInfo(msgspec.Struct, frozen=True, kw_only=True):
    """A key as shown to operators; `secret` is there only in the answer that creates it."""

    id: int
    user: str
    name: str
    tail: str
    quota: int | None
    used_quota: int
    expires_at_ms: int | None
    models: tuple[str, ...] | None
    is_revoked: bool
    secret: str | None = None


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """Something that `check` found to be off."""

    what: str
    details: str


class Deeds(Protocol):
    """Everything an operator can ask for; each raises `TuttiError`."""

    async def create_user(self, name: str, *, units: int) -> UserInfo:
        """Add a user with an opening balance."""
        ...

    async def list_users(self) -> list[UserInfo]:
        """Everyone."""
        ...

    async def top_up(self, user: str, *, units: int, ref: str) -> UserInfo:
        """Add credit to a user by name, or take some with negative units; the same `ref` counts once."""
        ...

    async def create_key(
        self,
        name: str,
        *,
        user: str | None = None,
        quota: int | None = None,
        expires_at_ms: int | None = None,
        models: list[str] | None = None,
    ) -> KeyInfo:
        """Make a key for a user (the first admin when None)."""
        ...

    async def list_keys(self, *, user: str | None = None) -> list[KeyInfo]:
        """Keys of one user or all."""
        ...

    async def revoke_key(self, key_id: int) -> KeyInfo:
        """Make a key useless at once and for good."""
        ...

    async def webhook_secrets(self, user: str) -> list[str]:
        """The secrets that sign a user's webhooks, newest first."""
        ...

    async def rotate_webhook_secret(self, user: str) -> str:
        """A new signing secret; the one before it goes on signing until the next rotation."""
        ...

    async def backup(self, target: str) -> int:
        """Copy the database to a new file while everything runs on; gives its bytes."""
        ...

    async def check(self) -> list[Finding]:
        """Prove that ledger, balances, tasks and events agree; gives what is off."""
        ...
