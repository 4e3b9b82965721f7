"""Ephemeral secrets: made for a key, known again when a session is opened with them.

A secret is stored like a key, by its hash: the settings of a session may be longer than a header can be, so that a
signed text that holds them all would not do.
"""

from collections.abc import Mapping
from typing import Any

from tutti.accounts.ephemeral import EphemeralSecret, EphemeralStore
from tutti.accounts.keyring import Keyring, hash_secret
from tutti.accounts.model import Caller
from tutti.errors import BodyTooLargeError, KeyExpiredError, UnknownKeyError
from tutti.kit.clock import Clock
from tutti.kit.ids import random_text
from tutti.wires import realtime as wire

PREFIX = "ek_"

_LENGTH = 48
# Instructions and tools have at most 16,384 tokens: https://platform.openai.com/docs/guides/realtime-models-prompting
_MOST_OPENING_BYTES = 131_072
# What is no setting of a session, or can not be changed by an event of it.
_NOT_TO_SAY = frozenset({"model", "client_secret", "id", "object", "expires_at"})


class Ephemeral:
    """Makes secrets and finds them."""

    def __init__(self, store: EphemeralStore, keyring: Keyring, clock: Clock) -> None:
        self._store = store
        self._keyring = keyring
        self._clock = clock

    async def make(
        self, caller: Caller, session: Mapping[str, Any], *, model: str | None, is_beta: bool, seconds: int
    ) -> tuple[str, int]:
        """A new secret, and the Unix time in seconds at which it ends. Raises `BodyTooLargeError`."""
        secret = PREFIX + random_text(_LENGTH)
        expires_at_s = self._clock.now_ms() // 1000 + seconds
        await self._store.keep_secret(
            EphemeralSecret(
                secret_hash=hash_secret(secret),
                key_id=caller.key_id,
                model=model,
                opening=_opening(session),
                is_beta=is_beta,
                expires_at_ms=expires_at_s * 1000,
            )
        )
        return secret, expires_at_s

    async def find(self, credential: str | None) -> tuple[Caller, EphemeralSecret] | None:
        """Whose sessions a credential opens, and which; None where it is no such secret. Raises `AuthError`."""
        words = (credential or "").split()
        if not words or not words[-1].startswith(PREFIX):
            return None
        found = await self._store.find_secret(hash_secret(words[-1]))
        if found is None:
            raise UnknownKeyError("The client secret is not known here.")
        if found.expires_at_ms <= self._clock.now_ms():
            raise KeyExpiredError("The client secret has expired: ask for another one.")
        return self._keyring.holder(found.key_id), found


def _opening(session: Mapping[str, Any]) -> bytes | None:
    """The event that says the settings of a session, None where there are none."""
    told = {name: value for name, value in session.items() if name not in _NOT_TO_SAY}
    if not told.keys() - {"type"}:
        return None
    opening = wire.encoder.encode(wire.SessionUpdate(session=told))
    if len(opening) > _MOST_OPENING_BYTES:
        raise BodyTooLargeError(f"The settings of a session have at most {_MOST_OPENING_BYTES} bytes.", field="session")
    return opening
