"""People, their keys, and what a request is allowed by the key it came with."""

from dataclasses import dataclass

from tutti.errors import ModelForbiddenError
from tutti.kit.addresses import Network
from tutti.kit.name_patterns import fits

DEFAULT_GROUP = "default"


@dataclass(frozen=True, kw_only=True, slots=True)
class KeyLimits:
    """What a key may do; 0 is no limit."""

    requests_per_minute: int = 0
    tokens_per_minute: int = 0
    # Calls at once.
    parallel: int = 0
    # Units in one UTC day.
    daily_units: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class KeyRules:
    """How a key may be used, beside its quota, its end and its models."""

    # The group whose channels and prices it is served by; None: its user's.
    group: str | None = None
    # Networks in CIDR form that it may be used from; empty: anywhere.
    places: tuple[str, ...] = ()
    limits: KeyLimits = KeyLimits()


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
    # The group whose channels and prices the user's keys are served by.
    group: str = DEFAULT_GROUP


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
    # Model names it may use, "*" standing for any letters; None all.
    models: frozenset[str] | None = None
    rules: KeyRules = KeyRules()


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
    rules: KeyRules = KeyRules()


@dataclass(frozen=True, kw_only=True, slots=True)
class KeyChange:
    """What a key is to be from now on: all of it, as it was or new."""

    expires_at_ms: int | None
    models: frozenset[str] | None
    rules: KeyRules


@dataclass(frozen=True, kw_only=True, slots=True)
class Caller:
    """Who sent a request: the key it came with and whose it is."""

    user_id: int
    key_id: int
    is_admin: bool
    # Model names the key may use, "*" standing for any letters; None all.
    models: frozenset[str] | None
    # The group whose channels and price ratio the key is served by.
    group: str = DEFAULT_GROUP
    # None without any.
    limits: KeyLimits | None = None
    # Networks that the key may be used from; empty: anywhere.
    places: tuple[Network, ...] = ()
    # The channel that an administrator chose behind the key.
    channel: int | None = None

    def require_model(self, *names: str) -> None:
        """Refuse a key that may use none of the names that a call goes by. Raises `ModelForbiddenError`."""
        if self.models is not None and not any(fits(name, self.models) for name in names):
            raise ModelForbiddenError(f"The key may not use the model {names[0]}.", subject=names[0])


def cannot_grant(left: int | None) -> str:
    """Why a key's quota cannot be changed so."""
    if left is None:
        return "The key has no limit of its own: make a new one with a quota."
    return f"The key has only {left} units left to take."
