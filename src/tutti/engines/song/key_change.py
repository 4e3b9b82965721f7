"""The last chorus a step or two higher: which songs do it, and from where.

Where a section of a kind comes lifted, the tune of all sections of that kind keeps as far below the top of the voice
(`phrase.py`), so the lift never leaves its range.
"""

from collections.abc import Sequence

import numpy as np

from tutti.engines.song.form import Passage
from tutti.engines.song.model import SectionKind
from tutti.engines.song.seeds import pick
from tutti.engines.song.tables import table


def key_lifts(passages: Sequence[Passage], genre_name: str, rng: np.random.Generator) -> tuple[int, ...]:
    """Semitones by which each passage lies above the song's key: 0 up to the last of several choruses, if ever."""
    rows = table(__package__, "tunes")
    chances = rows["key_change"]
    lift = pick(rng, tuple(rows["key_change_semitones"]["steps"]))
    choruses = [index for index, passage in enumerate(passages) if _is_sung_chorus(passage)]
    is_lifted = rng.random() < chances.get(genre_name, chances["other"]) and len(choruses) > 1
    first = choruses[-1] if is_lifted else len(passages)
    return tuple(lift if index >= first else 0 for index in range(len(passages)))


def _is_sung_chorus(passage: Passage) -> bool:
    return passage.kind is SectionKind.CHORUS and passage.lyric_section is not None
