"""Secrets that a server makes for itself, kept in files that only its user can read."""

import os
import secrets
from pathlib import Path


def read_or_make_secret(path: Path, *, length: int = 32) -> bytes:
    """The random bytes kept at a path, made at the first call; two processes that start at once agree on one."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    fresh = path.with_name(f".{path.name}.{os.getpid()}.new")
    handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "wb") as output:
        output.write(secrets.token_bytes(length))
        output.flush()
        os.fsync(output.fileno())
    try:
        # A link, unlike a rename, does not replace the secret that somebody else was first to make.
        os.link(fresh, path)
    except FileExistsError:
        pass
    finally:
        fresh.unlink()
    return path.read_bytes()
