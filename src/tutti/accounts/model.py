"""People, their keys, and what a request is allowed by the key it came with."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class User:
    """Someone with a balance."""

    id: int
    name: str
    is_admin: bool
    # Units left and units spent so far.
    quota: int
    used_quota: int
    created_at_ms: int
    # SHA-256 of the system access token that the admin API takes; None for those without one.
    access_token_hash: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class NewKey:
    """A key to be stored; of the secret only hash and tail are kept."""

    user_id: int
    name: str
    # SHA-256 of the whole secret, hex; and the last four characters, to tell keys apart in lists.
    secret_hash: str
    tail: str
    # Units this key may spend; None without limit of its own.
    quota: int | None = None
    expires_at_ms: int | None = None
    # Model names it may use; None all.
    models: frozenset[str] | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Key:
    """A key as read."""

    id: int
    user_id: int
    name: str
    secret_hash: str
    tail: str
    # Units left of its own; None without limit.
    quota: int | None
    used_quota: int
    expires_at_ms: int | None
    models: frozenset[str] | None
    is_revoked: bool
    created_at_ms: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Caller:
    """Who sent a request: the key it came with and whose it is."""

    user_id: int
    key_id: int
    is_admin: bool
    # Model names the key may use; None all.
    models: frozenset[str] | None
    # The group whose channels and price ratio the key is served by.
    group: str = "default"
