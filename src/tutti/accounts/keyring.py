"""Every key of the server in memory, so that knowing a caller costs one hash and one look-up.

It is filled from the store at the start and told of each change by `accounts.service`; nothing else changes it.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

from tutti.accounts.model import Caller, Key, User
from tutti.errors import ChannelForbiddenError, KeyExpiredError, KeyRevokedError, MissingKeyError, UnknownKeyError
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

    def load(self, users: Iterable[User], keys: Iterable[Key]) -> None:
        """Replace everything by what is stored."""
        admins = {user.id for user in users if user.is_admin}
        self._entries = {key.secret_hash: _entry(key, is_admin=key.user_id in admins) for key in keys}

    def put(self, key: Key, *, is_admin: bool) -> None:
        """Take up a new key, or a changed one."""
        self._entries[key.secret_hash] = _entry(key, is_admin=is_admin)

    def revoke(self, key: Key) -> None:
        """Refuse a key from now on."""
        entry = self._entries[key.secret_hash]
        self._entries[key.secret_hash] = _entry(key, is_admin=entry.caller.is_admin)

    def read(self, credential: str | None) -> Caller:
        """Who a credential belongs to.

        As the New-API family reads it: "Bearer " and the leading "sk-" may be missing, and what follows a further "-"
        chooses a channel, which administrators alone may do. Raises an `AuthError` that names the cause.
        """
        secret, _, channel = _bare(credential).partition("-")
        entry = self._entries.get(hash_secret(PREFIX + secret))
        if entry is None:
            raise UnknownKeyError
        if entry.is_revoked:
            raise KeyRevokedError
        if entry.expires_at_ms is not None and entry.expires_at_ms <= self._clock.now_ms():
            raise KeyExpiredError
        if channel and not entry.caller.is_admin:
            raise ChannelForbiddenError
        return entry.caller


def _bare(credential: str | None) -> str:
    """A credential without its scheme and prefix. Raises `MissingKeyError` when nothing is left."""
    secret = (credential or "").strip()
    if secret[:7].lower() == "bearer ":
        secret = secret[7:].strip()
    secret = secret.removeprefix(PREFIX)
    if not secret or secret.lower() == "bearer":
        raise MissingKeyError
    return secret


def _entry(key: Key, *, is_admin: bool) -> _Entry:
    caller = Caller(user_id=key.user_id, key_id=key.id, is_admin=is_admin, models=key.models)
    return _Entry(caller=caller, expires_at_ms=key.expires_at_ms, is_revoked=key.is_revoked)
