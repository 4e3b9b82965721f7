"""Identifiers: sortable for rows, random for the world."""

import secrets
import time
import uuid

_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"


def new_id(now_ms: int | None = None) -> str:
    """A UUIDv7 (RFC 9562): 48 bits of milliseconds, then random bits, so that ids sort by time."""
    stamp = time.time_ns() // 1_000_000 if now_ms is None else now_ms
    value = (stamp & (1 << 48) - 1) << 80 | 0x7 << 76 | secrets.randbits(12) << 64 | 0b10 << 62 | secrets.randbits(62)
    return str(uuid.UUID(int=value))


def new_public_uuid() -> str:
    """A random UUIDv4 that tells nothing about when or where it was made."""
    return str(uuid.uuid4())


def random_text(length: int) -> str:
    """Letters and digits from the system's generator, about 5.95 bits each."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(length))
