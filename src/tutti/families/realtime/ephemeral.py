"""Ephemeral secrets: made for a key, known again when a session is opened with them.

A secret is stored like a key, by its hash: the settings of a session may be longer than a header can be, so that a
signed text that holds them all would not do.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from tutti.accounts.ephemeral import EphemeralSecret, EphemeralStore
from tutti.accounts.keyring import Keyring, hash_secret
from tutti.accounts.model import Caller
from tutti.errors import BodyTooLargeError, KeyExpiredError, UnknownKeyError
from tutti.kit.clock import Clock
from tutti.kit.ids import random_text
from tutti.wires import realtime as wire

PREFIX = "ek_"
# The type of sessions that only write down, out of beta.
TRANSCRIPTION = "transcription"

_LENGTH = 48
# Instructions and tools have at most 16,384 tokens: https://platform.openai.com/docs/guides/realtime-models-prompting
_MOST_OPENING_BYTES = 131_072
# What is no setting of a session, or can not be changed by an event of it.
_NOT_TO_SAY = frozenset({"model", "client_secret", "id", "object", "expires_at"})


# Where the settings of a session that only writes down name its model.
TRANSCRIBER = ("audio", "input", "transcription")
BETA_TRANSCRIBER = ("input_audio_transcription",)

_json = msgspec.json.Decoder(dict[str, Any])


@dataclass(frozen=True, kw_only=True, slots=True)
class Wanted:
    """The sessions that a secret is asked for."""

    session: Mapping[str, Any]
    model: str | None
    is_beta: bool
    # Whether they only write down what is said.
    transcribes: bool = False


class Ephemeral:
    """Makes secrets and finds them."""

    def __init__(self, store: EphemeralStore, keyring: Keyring, clock: Clock) -> None:
        self._store = store
        self._keyring = keyring
        self._clock = clock

    async def make(self, caller: Caller, wanted: Wanted, *, seconds: int) -> tuple[str, int]:
        """A new secret, and the Unix time in seconds at which it ends. Raises `BodyTooLargeError`."""
        secret = PREFIX + random_text(_LENGTH)
        expires_at_s = self._clock.now_ms() // 1000 + seconds
        await self._store.keep_secret(
            EphemeralSecret(
                secret_hash=hash_secret(secret),
                key_id=caller.key_id,
                model=wanted.model,
                opening=_opening(wanted),
                is_beta=wanted.is_beta,
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


def is_transcribing(secret: EphemeralSecret) -> bool:
    """Whether the sessions of a secret only write down what is said."""
    if secret.opening is None:
        return False
    opening = _json.decode(secret.opening)
    if secret.is_beta:
        return bool(opening["type"] == wire.BETA_TRANSCRIPTION_UPDATE)
    return bool(opening["session"]["type"] == TRANSCRIPTION)


def opening_at(secret: EphemeralSecret, upstream_model: str) -> bytes | None:
    """What is said of a session first, to an upstream that calls the model so."""
    if secret.opening is None or secret.model in {None, upstream_model} or not is_transcribing(secret):
        return secret.opening
    told = _json.decode(secret.opening)
    place = told["session"]
    for name in BETA_TRANSCRIBER if secret.is_beta else TRANSCRIBER:
        place = place[name]
    place["model"] = upstream_model
    return wire.encoder.encode(told)


def _opening(wanted: Wanted) -> bytes | None:
    """The event that says the settings of a session, None where there are none."""
    told = {name: value for name, value in wanted.session.items() if name not in _NOT_TO_SAY}
    if not told.keys() - {"type"}:
        return None
    update = wire.SessionUpdate(session=told)
    if wanted.transcribes and wanted.is_beta:
        update = wire.SessionUpdate(type=wire.BETA_TRANSCRIPTION_UPDATE, session=told)
    opening = wire.encoder.encode(update)
    if len(opening) > _MOST_OPENING_BYTES:
        raise BodyTooLargeError(f"The settings of a session have at most {_MOST_OPENING_BYTES} bytes.", field="session")
    return opening
