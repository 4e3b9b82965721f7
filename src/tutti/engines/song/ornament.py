"""What is added to a sung tune: several notes on long syllables, and a second voice.

Open vowels carry a run best and phrase ends are where singers put one; lines of few syllables get more of them.
"""

import math
from collections.abc import Sequence

import numpy as np

from tutti.engines.song.melody import singable
from tutti.engines.song.model import Syllable
from tutti.engines.song.phrase import Setting
from tutti.engines.song.rhythm import SLOT_TICKS, Grid

# A syllable long enough to move through several notes, and the shortest note of the movement.
_MELISMA_S = 0.75
_MELISMA_NOTE_S = 0.19
# Vowels in the singer's letters that stay open however long they are held.
_OPEN_VOWELS = frozenset("aɑæɔoAIOWYɛ")
# How much likelier a run is on them, at a line's end, and where a line has fewer than `_FEW` syllables a bar.
_OPEN_GAIN, _END_GAIN, _FEW_GAIN, _FEW = 1.5, 1.4, 2.5, 3
_CLOSED_VOWEL_LOSS = 0.4


def melisma_chance(syllable: Syllable, *, taste: float, is_last: bool, per_bar: float) -> float:
    """How likely a long syllable moves, 0..1; `taste` is the genre's, `per_bar` the line's syllables a bar."""
    chance = taste * (_OPEN_GAIN if set(syllable.nucleus) & _OPEN_VOWELS else _CLOSED_VOWEL_LOSS)
    chance *= (_END_GAIN if is_last else 1.0) * (_FEW_GAIN if per_bar < _FEW else 1.0)
    return min(0.9, chance)


def is_long(length: int, grid: Grid) -> bool:
    """Whether a syllable of `length` sixteenths has time to move."""
    return length * grid.slot_s >= _MELISMA_S


def melisma(
    pitch: int, length: int, *, goal: int | None, ladder: Sequence[int], grid: Grid, rng: np.random.Generator
) -> list[tuple[int, int]]:
    """A long syllable as two to four notes with their lengths in slots.

    It moves towards the next pitch `goal` by the notes between; at a line's end it turns about its own pitch or falls
    onto it from above. `ladder` are the pitches of the key in the voice's range, ascending.
    """
    short = max(grid.smallest_gap, math.ceil(_MELISMA_NOTE_S / grid.slot_s))
    if length < 3 * short or pitch not in ladder:
        return [(pitch, length)]
    at = ladder.index(pitch)
    above, below = ladder[at + 1 : at + 3], ladder[max(0, at - 2) : at][::-1]
    if goal is None:
        return _turn(pitch, length, short, above=above, below=below, rng=rng)
    way = [each for each in (above if goal > pitch else below) if 0 < abs(each - pitch) <= abs(goal - pitch) + 2]
    # The run ends beside the goal, not on it, and leaves the syllable most of its time.
    steps = [each for each in way if each != goal][: 2 if length >= 5 * short else 1]
    if not steps:
        return [(pitch, length)]
    return [(pitch, length - short * len(steps)), *((step, short) for step in steps)]


def _turn(
    pitch: int, length: int, short: int, *, above: Sequence[int], below: Sequence[int], rng: np.random.Generator
) -> list[tuple[int, int]]:
    """The end of a line in motion, back on its own pitch at last."""
    if above and rng.random() < 0.45:
        # A fall onto the last note, heard as a sigh.
        return [(above[0], short), (pitch, length - short)]
    if above and below and length >= 5 * short and rng.random() < 0.5:
        return [(pitch, short), (above[0], short), (below[0], short), (pitch, length - 3 * short)]
    beside = (below or above)[:1]
    return [(pitch, short), *((each, short) for each in beside), (pitch, length - short * (1 + len(beside)))]


def harmony_pitches(notes: Sequence[tuple[int, int]], setting: Setting, highest: int) -> tuple[int, ...]:
    """A second voice about a third above, or below where above would be shrill: one pitch for each note.

    `notes` are onsets in ticks from the song's start and pitches, in the song's own key; so are the pitches given.
    """
    sign = 1 if max(pitch for _, pitch in notes) <= highest else -1
    pitches = []
    for onset_ticks, pitch in notes:
        chord = setting.chord_at(onset_ticks / SLOT_TICKS - setting.start_slot)
        options = [pitch + sign * step for step in (3, 4, 5, 2)]
        ranked = [each for each in options if each % 12 in chord.tones]
        ranked += [each for each in options if each % 12 in singable(chord, setting.scale())]
        pitches.append(ranked[0] if ranked else pitch)
    return tuple(pitches)
