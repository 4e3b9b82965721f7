"""Paths of unix sockets, which an address holds only up to a length."""

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

# The longest path that a unix socket's address holds on Linux and macOS, with room for its end mark.
_LONGEST_SOCKET_PATH = 100


@contextlib.contextmanager
def short_path(path: Path) -> Iterator[Path]:
    """A path of a unix socket that fits into an address: through the open directory where the real one is too long."""
    if len(os.fsencode(path)) <= _LONGEST_SOCKET_PATH:
        yield path
        return
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        yield Path(f"/proc/self/fd/{folder}") / path.name
    finally:
        os.close(folder)
