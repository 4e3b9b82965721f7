"""Identifiers: sortable for rows, random for the world."""

import os
import secrets
import threading
import time

_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"


# Where an RFC 9562 UUID keeps its version, and its variant with the value that it has there.
_VERSION_BITS = 0xF << 76
_VARIANT_BITS = 0b11 << 62
_VARIANT = 0b10 << 62


class _RandomPool(threading.local):
    """The system's random bytes, fetched by the page: a system call for each id costs more than all the rest of it.

    Each thread has its own page, so that no two are ever handed the same bytes.
    """

    def __init__(self) -> None:
        self._bytes = b""
        self._at = 0
        # A forked process must not hand out its parent's bytes again.
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(after_in_child=self._drop)

    def take(self, count: int) -> bytes:
        """So many bytes that are given out once; not for secrets."""
        at = self._at
        if at + count > len(self._bytes):
            self._bytes, at = os.urandom(4096), 0
        self._at = at + count
        return self._bytes[at : at + count]

    def _drop(self) -> None:
        self._bytes = b""


_pool = _RandomPool()


def new_id(now_ms: int | None = None) -> str:
    """A UUIDv7 (RFC 9562): 48 bits of milliseconds, then random bits, so that ids sort by time."""
    stamp = time.time_ns() // 1_000_000 if now_ms is None else now_ms
    return _uuid((stamp & (1 << 48) - 1) << 80 | int.from_bytes(_pool.take(10), "big"), version=7)


def new_public_uuid() -> str:
    """A random UUIDv4 that tells nothing about when or where it was made."""
    return _uuid(int.from_bytes(_pool.take(16), "big"), version=4)


def _uuid(bits: int, *, version: int) -> str:
    """128 bits as text, version and variant put in; a third of the cost of going through `uuid.UUID`."""
    text = f"{bits & ~(_VERSION_BITS | _VARIANT_BITS) | version << 76 | _VARIANT:032x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def random_text(length: int) -> str:
    """Letters and digits from the system's generator, about 5.95 bits each."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(length))
