"""The sounds between sections: risers, reversed cymbals, impacts and falls, and the crackle of an old record.

They are notes of a percussion part of their own, with the numbers of `drums/percussion.py`.
"""

from collections.abc import Iterator
from itertools import pairwise

from tutti.engines.song.band.bar import Bar
from tutti.engines.song.blend import row_of
from tutti.engines.song.drums.percussion import CRACKLE, DOWNLIFTER, IMPACT, REVERSE, RISER
from tutti.engines.song.model import TICKS_PER_BEAT, Note, Plan
from tutti.engines.song.rhythm import SLOT_TICKS

# Bars over which a riser climbs, where its section has them.
_RISER_BARS = 4
_CRACKLE_BARS = 4
_VELOCITIES = {RISER: 84, REVERSE: 88, IMPACT: 100, DOWNLIFTER: 78, CRACKLE: 60}


def play(plan: Plan, bars: list[Bar]) -> list[Note]:
    """The part in straight time; empty where the song uses none of it."""
    notes = [note for bar, following in pairwise(bars) if bar.bars_left == 1 for note in _between(bar, following)]
    first = bars[0]
    if first.intro == "filter":
        notes.append(_note(RISER, first.start_ticks, first.section_bars * first.beats * TICKS_PER_BEAT))
    if row_of(plan).texture == "vinyl":
        notes += [
            _note(CRACKLE, bar.start_ticks, _CRACKLE_BARS * bar.beats * TICKS_PER_BEAT) for bar in bars[::_CRACKLE_BARS]
        ]
    return sorted(notes, key=lambda note: note.onset_ticks)


def _between(bar: Bar, following: Bar) -> Iterator[Note]:
    """The sounds around the bar line between two sections."""
    bar_ticks = bar.slots * SLOT_TICKS
    # A stop is silent: what swells breaks off with the band.
    end = bar.start_ticks + bar.open_slots * SLOT_TICKS
    if "riser" in bar.turn:
        length = min(_RISER_BARS, bar.section_bars) * bar_ticks - (bar_ticks - bar.open_slots * SLOT_TICKS)
        yield _note(RISER, end - length, length)
    if "reverse" in bar.turn:
        yield _note(REVERSE, bar.start_ticks, bar_ticks)
    if "impact" in bar.turn:
        yield _note(IMPACT, following.start_ticks, bar_ticks)
    if "downlift" in bar.turn:
        yield _note(DOWNLIFTER, following.start_ticks, 2 * bar_ticks)


def _note(pitch: int, onset: int, length: int) -> Note:
    return Note(onset_ticks=onset, length_ticks=length, pitch=pitch, velocity=_VELOCITIES[pitch])
