"""An mp3 file that may be heard while it is written: its tag first, then what the master tells, piece by piece.

Handed to `master` as its listener; whoever serves the file needs to know no more than that it grows. When the master
has to encode anew, the new sound is laid over the old in place: the rate is constant, so a listener in the middle of
it goes on at the same moment of the song.
"""

from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self

from tutti.engines.song.id3 import Tags, to_id3

# Told how many bytes may be read so far, the tag's included.
OnGrowth = Callable[[int], None]


class GrowingMp3:
    """The file, open for writing; a context manager, and `OnBytes` of a master."""

    def __init__(self, path: Path, tags: Tags, on_growth: OnGrowth = lambda _: None) -> None:
        """Begin the file with its tag."""
        self._file = path.open("wb")
        self._on_growth = on_growth
        self._file.write(to_id3(tags))
        self._file.flush()
        self._sound_at = self._file.tell()
        self._readable = self._sound_at
        on_growth(self._readable)

    def __call__(self, piece: bytes) -> None:
        """Write a further piece of sound; an empty one says that the sound begins anew."""
        if not piece:
            self._file.seek(self._sound_at)
            return
        self._file.write(piece)
        self._file.flush()
        if self._file.tell() > self._readable:
            self._readable = self._file.tell()
            self._on_growth(self._readable)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the file, cut after the last sound written."""
        self._file.truncate()
        self._file.close()
