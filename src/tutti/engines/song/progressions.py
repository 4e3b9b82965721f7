"""Which progressions a song has: the genre's, now and then reworked, and for weird songs those off the common road."""

import numpy as np

from tutti.engines.song.genre import Genre
from tutti.engines.song.model import SectionKind
from tutti.engines.song.seeds import pick, stream
from tutti.engines.song.tables import table

_DRAWN = (SectionKind.VERSE, SectionKind.PRE_CHORUS, SectionKind.CHORUS, SectionKind.BRIDGE)
# How likely one chord of a progression gives way to a substitute, and how much likelier in a weird song.
_REWORKED, _REWORKED_WEIRD = 0.35, 0.5


def draw_progressions(row: Genre, mode: str, seed: int, *, weirdness: float = 0.0) -> dict[SectionKind, str]:
    """One progression for each kind of passage, the same wherever the kind comes again.

    `weirdness` 0..1 is how likely each is a rare one.
    """
    drawn = {kind: _drawn(row, mode, kind, seed, weirdness) for kind in _DRAWN}
    # The edges quote what they frame.
    return drawn | {
        SectionKind.INTRO: drawn[SectionKind.VERSE],
        SectionKind.BREAK: drawn[SectionKind.CHORUS],
        SectionKind.OUTRO: drawn[SectionKind.CHORUS],
    }


def _drawn(row: Genre, mode: str, kind: SectionKind, seed: int, weirdness: float) -> str:
    usual = pick(stream(seed, "progression", kind.value), row.progressions(mode, kind))
    rng = stream(seed, "progression", kind.value, "rework")
    if rng.random() < weirdness:
        rare: list[str] = table(__package__, "tunes")["rare"][mode][kind.value]
        return pick(rng, tuple(rare))
    if rng.random() < _REWORKED + _REWORKED_WEIRD * weirdness:
        return _reworked(usual, mode, rng)
    return usual


def _reworked(progression: str, mode: str, rng: np.random.Generator) -> str:
    """One chord after the first gives way to one that does the same; those without a substitute stay."""
    substitutes: dict[str, list[str]] = table(__package__, "tunes")["substitutes"][mode]
    bars = progression.split()
    places = [at for at, numeral in enumerate(bars) if at and numeral in substitutes]
    if not places:
        return progression
    at = pick(rng, tuple(places))
    # The same chord twice running would stand still where the progression moves.
    beside = {bars[at - 1], bars[(at + 1) % len(bars)]}
    options = tuple(each for each in substitutes[bars[at]] if each not in beside)
    if options:
        bars[at] = pick(rng, options)
    return " ".join(bars)
