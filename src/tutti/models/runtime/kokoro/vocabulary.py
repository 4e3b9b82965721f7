"""Kokoro's phonetic letters and their ids."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

from tutti.errors import ModelFileError

# The network takes 512 ids; one at each end marks the border.
LONGEST = 510
_BORDER = 0


class Vocabulary:
    """Letters to ids."""

    def __init__(self, ids: dict[str, int]) -> None:
        self._ids = ids

    @classmethod
    def read(cls, path: Path) -> Self:
        """The table as published. Raises `ModelFileError`."""
        try:
            return cls(dict(json.loads(path.read_bytes())["vocab"]))
        except (OSError, ValueError, KeyError) as error:
            raise ModelFileError(f"The phoneme table {path} cannot be read: `tutti models pull` fetches it.") from error

    def __contains__(self, letter: object) -> bool:
        return letter in self._ids

    def encode(self, letters: Iterable[str]) -> NDArray[np.int64]:
        """Ids with a border at each end, int64 of shape (1, letters + 2).

        Raises `KeyError` for an unknown letter and `ValueError` past `LONGEST` letters.
        """
        ids = [self._ids[letter] for letter in letters]
        if len(ids) > LONGEST:
            raise ValueError(f"{len(ids)} letters are more than the network reads at once ({LONGEST}).")
        return np.array([[_BORDER, *ids, _BORDER]], np.int64)
