"""Kokoro's speakers: tables of style vectors, one row for each length of text, which may be blended."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tutti.errors import ModelFileError

# (voice name, weight) pairs; the weights are scaled to sum to 1.
Blend = Sequence[tuple[str, float]]

_ROWS, _WIDTH = 510, 256


class Voices:
    """Reads speakers from a folder, each once."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._tables: dict[str, NDArray[np.float32]] = {}

    def style(self, blend: Blend, letters: int) -> NDArray[np.float32]:
        """The style for a text of so many letters: float32 of shape (1, 256), the weighted mean of the speakers'.

        Raises `ModelFileError` for an unknown speaker.
        """
        row = min(max(letters - 1, 0), _ROWS - 1)
        total = sum(weight for _, weight in blend)
        mixed = sum(weight / total * self._table(name)[row] for name, weight in blend)
        return np.asarray(mixed, np.float32)[None]

    def _table(self, name: str) -> NDArray[np.float32]:
        if name not in self._tables:
            path = self._folder / f"{name}.bin"
            try:
                self._tables[name] = np.fromfile(path, np.float32).reshape(_ROWS, _WIDTH)
            except (OSError, ValueError) as error:
                raise ModelFileError(f"The voice {name} is not at {path}: `tutti models pull` fetches it.") from error
        return self._tables[name]
