"""Sounds put aside in files: all parts of a song of four minutes take 85 MB each, and are wanted one at a time."""

from pathlib import Path

import numpy as np

from tutti.engines.song.model import Audio


class Shelf:
    """Sounds by name, in a new folder."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        self._folder = folder
        self._files: dict[str, Path] = {}

    def add(self, name: str, sound: Audio) -> None:
        """Put a sound aside, added to what is there under its name."""
        path = self._files.setdefault(name, self._folder / f"{len(self._files)}.npy")
        np.save(path, np.load(path) + sound if path.exists() else sound)

    def take(self, name: str) -> Audio | None:
        """The sound of a name, which is then no longer there; None where there is none."""
        path = self._files.pop(name, None)
        if path is None:
            return None
        sound: Audio = np.load(path)
        path.unlink()
        return sound
