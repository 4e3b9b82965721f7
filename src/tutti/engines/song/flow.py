"""How the syllables of a line stream: sung, with held ends, or rapped on the grid.

A genre's column `delivery` says "rap"; its choruses are sung all the same.
"""

from dataclasses import dataclass

from tutti.engines.song.genre import Genre
from tutti.engines.song.model import SectionKind


@dataclass(frozen=True, kw_only=True, slots=True)
class Flow:
    """One manner of streaming; lengths are in sixteenths."""

    # Kept for the last syllable and the breath after it, in a line of one bar and in longer ones.
    short_end: int
    end: int
    # Where the last syllable likes to begin, as a share of the line, in a line of one bar and in longer ones.
    short_ending: float
    ending: float
    # How hard it is drawn there, for each sixteenth that it falls short.
    pull: float
    # The widest even gap from syllable to syllable, and the slots that lines like to enter on.
    widest: float
    entries: tuple[int, ...]
    # What a syllable takes when there is room, and the fewest bars of a line.
    comfortable_s: float
    shortest_bars: int
    # How much stressed syllables insist on strong places.
    stress: float
    # The longest held end of a line, and of a section.
    hold_s: float
    section_hold_s: float


SUNG = Flow(
    short_end=4,
    end=8,
    short_ending=0.75,
    ending=0.62,
    pull=0.07,
    widest=3.6,
    entries=(0, 0, 0, 2, 2, 4),
    # A little slower than speech.
    comfortable_s=0.21,
    shortest_bars=2,
    stress=1.1,
    hold_s=1.9,
    section_hold_s=3.2,
)
# Rhymes fall on the fourth beat, and the next line comes at once.
RAPPED = Flow(
    short_end=4,
    end=4,
    short_ending=0.75,
    ending=0.875,
    pull=0.35,
    widest=2.0,
    entries=(0, 0, 0, 2),
    comfortable_s=0.17,
    shortest_bars=1,
    stress=1.7,
    hold_s=0.45,
    section_hold_s=0.7,
)


def flow_of(kind: SectionKind, *, is_rapped: bool) -> Flow:
    """How a section's lines stream in a song that is rapped or not."""
    return RAPPED if is_rapped and kind is not SectionKind.CHORUS else SUNG


def is_rapped(row: Genre) -> bool:
    """Whether a genre is rapped."""
    return row.delivery == "rap"
