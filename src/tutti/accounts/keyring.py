"""Every key of the server in memory, so that knowing a caller costs one hash and one look-up.

It is filled from the store at the start and told of each change by `accounts.service`; nothing else changes it.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, replace

from tutti.accounts.model import Caller, Key, KeyLimits, User
from tutti.errors import (
    ChannelForbiddenError,
    KeyExpiredError,
    KeyRevokedError,
    MissingKeyError,
    NoChannelError,
    UnknownKeyError,
)
from tutti.kit.addresses import parse_networks
from tutti.kit.clock import Clock

PREFIX = "sk-"


def hash_secret(secret: str) -> str:
    """What is stored of a secret: the SHA-256 of all of it, in hex."""
    return hashlib.sha256(secret.encode()).hexdigest()


@dataclass(frozen=True, kw_only=True, slots=True)
class _Entry:
    caller: Caller
    expires_at_ms: int | None
    is_revoked: bool


class Keyring:
    """Finds who sent a request."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._entries: dict[str, _Entry] = {}
        # What stands for a key names it by its id.
        self._by_id: dict[int, _Entry] = {}

    def load(self, users: Iterable[User], keys: Iterable[Key]) -> None:
        """Replace everything by what is stored."""
        owners = {user.id: user for user in users}
        self._entries = {key.secret_hash: _entry(key, owners[key.user_id]) for key in keys}
        self._by_id = {entry.caller.key_id: entry for entry in self._entries.values()}

    def put(self, key: Key, owner: User) -> None:
        """Take up a new key, or a changed one."""
        self._entries[key.secret_hash] = self._by_id[key.id] = _entry(key, owner)

    def read(self, credential: str | None) -> Caller:
        """Who a credential belongs to.

        As the New-API family reads it: "Bearer " and the leading "sk-" may be missing, and what follows a further "-"
        chooses a channel, which administrators alone may do. Raises an `AuthError` that names the cause.
        """
        secret, _, channel = _bare(credential).partition("-")
        caller = self._admitted(self._entries.get(hash_secret(PREFIX + secret)))
        return _by_channel(caller, channel) if channel else caller

    def holder(self, key_id: int) -> Caller:
        """Who a key belongs to, for what stands for it. Raises an `AuthError` that names the cause."""
        return self._admitted(self._by_id.get(key_id))

    def _admitted(self, entry: _Entry | None) -> Caller:
        if entry is None:
            raise UnknownKeyError
        if entry.is_revoked:
            raise KeyRevokedError
        if entry.expires_at_ms is not None and entry.expires_at_ms <= self._clock.now_ms():
            raise KeyExpiredError
        return entry.caller


def _by_channel(caller: Caller, channel: str) -> Caller:
    """The caller, served by one channel. Raises `ChannelForbiddenError`, and `NoChannelError` for what is no number."""
    if not caller.is_admin:
        raise ChannelForbiddenError
    if not channel.isascii() or not channel.isdigit():
        raise NoChannelError(f"There is no channel {channel!r}: a key is followed by a channel's number.")
    return replace(caller, channel=int(channel))


def _bare(credential: str | None) -> str:
    """A credential without its scheme and prefix. Raises `MissingKeyError` when nothing is left."""
    secret = (credential or "").strip()
    if secret[:7].lower() == "bearer ":
        secret = secret[7:].strip()
    secret = secret.removeprefix(PREFIX)
    if not secret or secret.lower() == "bearer":
        raise MissingKeyError
    return secret


def _entry(key: Key, owner: User) -> _Entry:
    rules = key.rules
    caller = Caller(
        user_id=key.user_id,
        key_id=key.id,
        is_admin=owner.is_admin,
        models=key.models,
        group=rules.group or owner.group,
        limits=rules.limits if rules.limits != KeyLimits() else None,
        places=parse_networks(rules.places),
    )
    return _Entry(caller=caller, expires_at_ms=key.expires_at_ms, is_revoked=key.is_revoked)
