"""What pitch each syllable gets: the best path through the notes of the key, found by the Viterbi algorithm.

What is weighed: chord tones where the ear listens, small steps, the contour a section has, the tune it echoes, the
cadence at the line's end, and in Mandarin that the tune does not move against the tones (after Wee 2007, "Unraveling
the relation between Mandarin tones and musical melody").
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from tutti.engines.song.model import Chord, SectionKind

# Cost of a melodic interval by its size in semitones; wider ones cost `_WIDE` and more.
_INTERVALS = {0: 0.55, 1: 0.15, 2: 0.0, 3: 0.35, 4: 0.55, 5: 0.9, 7: 1.6}
_WIDE = 2.2
_LEAP_SEMITONES = 5
# Cost of going on down, level or up (the keys) after having gone down, level, up: lines that keep their direction for a
# while sing better than ones that swing to and fro, and a third same note in a row is dull.
_TURNS = {-1: (0.0, 0.0, 0.22), 0: (0.0, 0.55, 0.0), 1: (0.22, 0.0, 0.0)}
# Relative height 1..5 of each Mandarin tone where the voice decides it: 5 5, 3 5, 2 1 4, 5 1, neutral.
_TONE_HEIGHTS = {1: 5.0, 2: 4.0, 3: 1.5, 4: 4.2, 5: 2.5}
_OUT_OF_KEY = 50.0

Values = NDArray[np.float64]
Contour = Callable[[float], float]

# Where a line goes within its register: position 0..1 in the line -> height 0..1.
CONTOURS: dict[str, Contour] = {
    "arch": lambda x: 0.15 + 0.8 * float(np.sin(np.pi * x)),
    "fall": lambda x: 0.95 - 0.75 * x,
    "rise": lambda x: 0.1 + 0.8 * x,
    "wave": lambda x: 0.5 + 0.42 * float(np.sin(2 * np.pi * x)),
    "valley": lambda x: 0.85 - 0.65 * float(np.sin(np.pi * x)),
    "dive": lambda x: 0.2 + 0.75 * float(np.cos(0.5 * np.pi * x)) ** 2,
}
# The part of the voice's range, 0..1, that a section moves in.
_REGISTERS = {
    SectionKind.VERSE: (0.0, 0.8),
    SectionKind.PRE_CHORUS: (0.15, 0.85),
    SectionKind.CHORUS: (0.25, 1.0),
    SectionKind.BRIDGE: (0.2, 0.95),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """What the melody must know about one syllable's place."""

    # How much the ear listens there, 0..1: metrical strength, raised by length.
    weight: float
    chord: Chord
    # The Mandarin tone 1..5, or 0.
    tone: int = 0
    # The pitch an earlier line had here, if it should be echoed.
    echo: int | None = None


def register(kind: SectionKind, low: int, high: int) -> tuple[int, int]:
    """The pitches, inclusive, that a section uses of the range `low`..`high`."""
    bottom, top = _REGISTERS.get(kind, (0.1, 0.9))
    span = high - low
    return low + round(bottom * span), low + round(top * span)


def tune(
    places: Sequence[Place],
    *,
    scale: Sequence[int],
    low: int,
    high: int,
    contour: Contour,
    cadence: Sequence[int],
    rng: np.random.Generator,
    previous: int | None = None,
    echo_weight: float = 0.35,
) -> tuple[int, ...]:
    """A MIDI pitch in `low`..`high` for each place.

    `scale` and `cadence` hold pitch classes: the key's, and those the last syllable should rest on. `previous` is the
    pitch sung before.
    """
    pitches = np.arange(low, high + 1)
    costs = np.array([_local_costs(place, pitches, scale) for place in places])
    heights = np.array([contour(index / max(1, len(places) - 1)) for index in range(len(places))])
    targets = low + heights * (high - low)
    has_echo = np.array([place.echo is not None for place in places])
    costs += np.where(has_echo, 0.05, 0.24)[:, None] * np.abs(pitches[None, :] - targets[:, None])
    costs += rng.uniform(0.0, 0.6, costs.shape) * np.where(has_echo, 0.3, 1.0)[:, None]
    costs += echo_weight * _echo_costs(places, pitches)
    costs[-1] += np.where(np.isin(pitches % 12, cadence), 0.0, 1.4)
    start = costs[0] + (_move_costs_from(previous, pitches) if previous is not None else 0.0)
    speech = [_tone_costs(before.tone, after.tone, pitches) for before, after in pairwise(places)]
    return tuple(int(pitches[step]) for step in _best_path(start, costs[1:], speech, pitches))


def _best_path(start: Values, costs: Values, speech: Sequence[Values], pitches: NDArray[np.int_]) -> list[int]:
    """Indexes into `pitches` of the cheapest path; the state is a pitch and the direction it was reached in."""
    moves = _move_costs(pitches)
    directions = np.sign(pitches[None, :] - pitches[:, None])
    count = len(pitches)
    best = np.stack([np.full(count, _OUT_OF_KEY), start, np.full(count, _OUT_OF_KEY)])
    origins = []
    for local, against in zip(costs, speech, strict=True):
        arrivals = np.empty_like(best)
        origin = np.empty(best.shape, dtype=np.intp)
        for arrival in (-1, 0, 1):
            step = np.where(directions == arrival, moves + against, _OUT_OF_KEY)
            turns = best + np.array(_TURNS[arrival])[:, None]
            total = turns[:, :, None] + step[None, :, :]
            flat = total.reshape(-1, count)
            origin[arrival + 1] = flat.argmin(axis=0)
            arrivals[arrival + 1] = flat.min(axis=0) + local
        origins.append(origin)
        best = arrivals
    direction, choice = divmod(int(best.argmin()), count)
    path = [choice]
    for origin in reversed(origins):
        direction, choice = divmod(int(origin[direction, choice]), count)
        path.append(choice)
    return path[::-1]


def singable(chord: Chord, scale: Sequence[int]) -> frozenset[int]:
    """Pitch classes that fit a chord: its tones and the key's, less those that rub against altered tones."""
    altered = [tone for tone in chord.tones if tone not in scale]
    rubs = {(tone + step) % 12 for tone in altered for step in (-1, 1)}
    return frozenset(chord.tones) | (frozenset(scale) - rubs)


def _local_costs(place: Place, pitches: NDArray[np.int_], scale: Sequence[int]) -> Values:
    """What each pitch costs at a place by itself."""
    classes = pitches % 12
    is_chord_tone = _holds(place.chord.tones)[classes]
    is_allowed = _holds(singable(place.chord, scale))[classes]
    is_in_key = _holds(scale)[classes]
    costs = np.where(is_chord_tone, 0.0, 2.8 * place.weight**2.5)
    # A chord tone outside the voice's own scale (the fourth in a pentatonic tune) is a colour for weak places only.
    costs = costs + np.where(is_in_key, 0.0, 0.7)
    return np.where(is_allowed, costs, _OUT_OF_KEY)


def _holds(pitch_classes: Collection[int]) -> NDArray[np.bool_]:
    """For each of the twelve pitch classes, whether it is among these."""
    return np.array([each in pitch_classes for each in range(12)])


def _echo_costs(places: Sequence[Place], pitches: NDArray[np.int_]) -> Values:
    """The distance to the echoed pitch, none where nothing is echoed."""
    rows = [np.abs(pitches - place.echo) if place.echo is not None else np.zeros(len(pitches)) for place in places]
    return np.array(rows, dtype=np.float64)


def _move_costs(pitches: NDArray[np.int_]) -> Values:
    """Cost from each pitch to each pitch."""
    return np.array([_move_costs_from(int(pitch), pitches) for pitch in pitches])


def _move_costs_from(pitch: int, pitches: NDArray[np.int_]) -> Values:
    """Cost from one pitch to each pitch."""
    sizes = np.abs(pitches - pitch)
    return np.array([_INTERVALS.get(int(size), _WIDE + 0.3 * max(0, int(size) - _LEAP_SEMITONES)) for size in sizes])


def _tone_costs(before: int, after: int, pitches: NDArray[np.int_]) -> Values:
    """Cost of moving against the speech melody of two Mandarin syllables; 0 where either has no tone."""
    sung = pitches[None, :] - pitches[:, None]
    spoken = _TONE_HEIGHTS[after] - _TONE_HEIGHTS[before] if before and after else 0.0
    if abs(spoken) <= 1:
        return np.zeros(sung.shape)
    return np.where(sung * spoken < 0, 1.3, np.where(sung == 0, 0.25, 0.0))
