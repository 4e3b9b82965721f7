"""Secrets as they lie in a database: sealed with AES-256-GCM under a key that lies elsewhere.

A sealed text names its key by four bytes, so that one sealed under an older key is still opened while keys change.
"""

import hashlib
import secrets
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

# The form of what follows: key's name, nonce, text with its tag.
_FORM = b"\x01"
_NAME_BYTES = 4
# NIST SP 800-38D: 96 bits, random; good for 2^32 texts under one key.
_NONCE_BYTES = 12


class Seal:
    """Seals and opens."""

    def __init__(self, key: bytes, *older: bytes) -> None:
        """`key` (32 bytes) seals; those that sealed before it still open."""
        self._name = _name_of(key)
        self._keys = {_name_of(one): one for one in (*older, key)}

    def close(self, plain: bytes, *, about: bytes) -> bytes:
        """A text sealed; it opens only with the same `about`, which says what it is."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        return _FORM + self._name + nonce + self._ciphers[self._name].encrypt(nonce, plain, about)

    def open(self, sealed: bytes, *, about: bytes) -> bytes:
        """The text. Raises `ValueError` when it was sealed under a key that is not here, or was changed."""
        from cryptography.exceptions import InvalidTag  # noqa: PLC0415 - as in `_ciphers`

        name, rest = sealed[1 : 1 + _NAME_BYTES], sealed[1 + _NAME_BYTES :]
        if sealed[:1] != _FORM or name not in self._keys:
            raise ValueError("sealed under a key that is not here")
        try:
            return self._ciphers[name].decrypt(rest[:_NONCE_BYTES], rest[_NONCE_BYTES:], about)
        except InvalidTag as error:
            raise ValueError("changed since it was sealed") from error

    def is_current(self, sealed: bytes) -> bool:
        """Whether it was sealed under the key that seals now."""
        return sealed[1 : 1 + _NAME_BYTES] == self._name

    @cached_property
    def _ciphers(self) -> dict[bytes, "AESGCM"]:
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # noqa: PLC0415 - only some servers have secrets

        return {name: AESGCM(key) for name, key in self._keys.items()}


def _name_of(key: bytes) -> bytes:
    return hashlib.sha256(b"name of key:" + key).digest()[:_NAME_BYTES]
