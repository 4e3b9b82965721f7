"""The seam between the model store and the places that weights come from."""

from collections.abc import Callable
from typing import IO, Protocol

# Called several times a second while something is on its way, with the bytes that have arrived so far.
Tick = Callable[[int], None]


class SourceError(Exception):
    """One source could not give a file; its message says why, and the next source is tried."""


class Origin(Protocol):
    """One kind of source, open for one pull; what it fetched goes when the pull's scratch folder goes."""

    def open(self, origin: str, member: str, tick: Tick) -> IO[bytes]:
        """The bytes of one part, for reading once; the caller closes it. Raises `SourceError`."""
        ...
