"""What pitch each syllable gets: the best path through the notes of the key, found by the Viterbi algorithm.

What is weighed: chord tones where the ear listens, small steps and leaps that turn back, the section's figure and
contour, the tune it echoes, the cadence at the line's end, and in Mandarin that the tune does not move against the
tones (after Wee 2007, "Unraveling the relation between Mandarin tones and musical melody").
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from tutti.engines.song.model import Chord, SectionKind

# Cost of a melodic interval by its size in semitones; wider ones cost `_WIDE` and more.
_INTERVALS = {0: 0.4, 1: 0.15, 2: 0.0, 3: 0.35, 4: 0.55, 5: 1.1, 7: 1.7}
_WIDE = 2.2
_LEAP_SEMITONES = 5
# How a pitch was reached, and what going on in each of these ways costs after each: lines that keep their direction for
# a while sing better than ones that swing to and fro, a third same note in a row is dull, a leap wants to turn back.
_LEAP_DOWN, _DOWN, _LEVEL, _UP, _LEAP_UP = range(5)
_TURNS = np.array([
    [2.0, 0.7, 0.1, 0.0, 0.6],
    [0.3, 0.0, 0.0, 0.22, 0.22],
    [0.0, 0.0, 0.55, 0.0, 0.0],
    [0.22, 0.22, 0.0, 0.0, 0.3],
    [0.6, 0.0, 0.1, 0.7, 2.0],
])  # fmt: skip
# Cost of each scale step by which the tune departs from its figure, up to `_FARTHEST` of them.
_FIGURE_COST = 0.7
_FARTHEST = 3
# Cost of a semitone off the contour where a figure or an echo leads, and where nothing else does.
_GUIDED, _ALONE = 0.17, 0.24
# How much of its register a line's contour moves through.
_SWEEP = 0.9
# Relative height 1..5 of each Mandarin tone where the voice decides it: 5 5, 3 5, 2 1 4, 5 1, neutral.
TONE_HEIGHTS = {1: 5.0, 2: 4.0, 3: 1.5, 4: 4.2, 5: 2.5}
_OUT_OF_KEY = 50.0
# Cost of a semitone off the pitch that is echoed.
_ECHO_COST = 0.35

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
# The part of the voice's range, 0..1, that a section moves in: a chorus's middle is a minor third above a verse's.
_REGISTERS = {
    SectionKind.VERSE: (0.0, 0.72),
    SectionKind.PRE_CHORUS: (0.06, 0.78),
    SectionKind.CHORUS: (0.34, 1.0),
    SectionKind.BRIDGE: (0.15, 0.9),
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
    # Scale steps from the place before and semitones off the bar's middle, as the section's figure has them.
    step: int | None = None
    lean: float = 0.0
    # Where its bar lies in the line, 0..1: the contour moves whole figures.
    position: float = 0.5


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
    boldness: float = 0.0,
    plain: Collection[int] = (),
) -> tuple[int, ...]:
    """A MIDI pitch in `low`..`high` for each place.

    `scale` and `cadence` hold pitch classes: the key's, and those the last syllable should rest on. `previous` is the
    pitch sung before, `boldness` 0..1 makes leaps cheaper and chance stronger, `plain` are the pitch classes that a
    simple tune keeps to, all of them when empty.
    """
    pitches = np.arange(low, high + 1)
    costs = np.array([_local_costs(place, pitches, scale) for place in places])
    is_guided = np.array([place.echo is not None or place.step is not None for place in places])
    off = np.abs(pitches[None, :] - _targets(contour, places, low, high)[:, None])
    costs += np.where(is_guided, _GUIDED, _ALONE)[:, None] * off
    costs += rng.uniform(0.0, 0.6 * (1 + boldness), costs.shape) * np.where(is_guided, 0.3, 1.0)[:, None]
    costs += _ECHO_COST * _echo_costs(places, pitches)
    if plain:
        costs += np.where(np.isin(pitches % 12, list(plain)), 0.0, 0.3)
    costs[-1] += np.where(np.isin(pitches % 12, cadence), 0.0, 1.6)
    moves = _move_costs(pitches, boldness)
    start = costs[0] + (_move_costs_from(previous, pitches, boldness) if previous is not None else 0.0)
    rungs = _rungs(pitches, scale)
    steps = [
        moves + _tone_costs(before.tone, after.tone, pitches) + _figure_costs(after, rungs)
        for before, after in pairwise(places)
    ]
    return tuple(int(pitches[step]) for step in _best_path(start, costs[1:], steps, pitches))


def _targets(contour: Contour, places: Sequence[Place], low: int, high: int) -> Values:
    """The pitch that each place aims at: its figure moved by the contour, which lies about the register's middle."""
    middle = np.mean([contour(at / 8) for at in range(9)])
    heights = np.array([contour(place.position) for place in places])
    leans = np.array([place.lean for place in places])
    return np.asarray(low + (0.5 + _SWEEP * (heights - middle)) * (high - low) + leans)


def _best_path(start: Values, costs: Values, steps: Sequence[Values], pitches: NDArray[np.int_]) -> list[int]:
    """Indexes into `pitches` of the cheapest path; the state is a pitch and the way it was reached."""
    ways = _ways(pitches)
    count = len(pitches)
    best = np.full((len(_TURNS), count), _OUT_OF_KEY)
    best[_LEVEL] = start
    # Cost of arriving in a way by a move that goes another way: none can.
    gates = np.where(ways[None] == np.arange(len(_TURNS))[:, None, None], 0.0, 2 * _OUT_OF_KEY)
    turns = _TURNS[:, ways]
    origins = []
    for local, step in zip(costs, steps, strict=True):
        total = best[:, :, None] + turns + step[None]
        gated = (total[None] + gates[:, None]).reshape(len(_TURNS), -1, count)
        origins.append(gated.argmin(axis=1))
        best = gated.min(axis=1) + local
    way, choice = divmod(int(best.argmin()), count)
    path = [choice]
    for origin in reversed(origins):
        way, choice = divmod(int(origin[way, choice]), count)
        path.append(choice)
    return path[::-1]


def _ways(pitches: NDArray[np.int_]) -> NDArray[np.int_]:
    """How each pitch is reached from each."""
    sung = pitches[None, :] - pitches[:, None]
    return np.asarray(_LEVEL + np.sign(sung) * np.where(np.abs(sung) >= _LEAP_SEMITONES, 2, 1))


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


def _move_costs(pitches: NDArray[np.int_], boldness: float) -> Values:
    """Cost from each pitch to each pitch."""
    return np.array([_move_costs_from(int(pitch), pitches, boldness) for pitch in pitches])


def _move_costs_from(pitch: int, pitches: NDArray[np.int_], boldness: float) -> Values:
    """Cost from one pitch to each pitch."""
    sizes = np.abs(pitches - pitch)
    costs = [_INTERVALS.get(int(size), _WIDE + 0.3 * max(0, int(size) - _LEAP_SEMITONES)) for size in sizes]
    return np.array(costs) * (1 - 0.5 * boldness)


def _rungs(pitches: NDArray[np.int_], scale: Sequence[int]) -> Values:
    """Each pitch's place on the ladder of the scale; notes outside it lie between two rungs."""
    is_rung = np.isin(pitches % 12, scale)
    return np.asarray(np.cumsum(is_rung) + np.where(is_rung, 0.0, 0.5))


def _figure_costs(place: Place, rungs: Values) -> Values:
    """Cost of departing from the figure's step, less where the ear listens for the chord; 0 where it says nothing."""
    moved = rungs[None, :] - rungs[:, None]
    if place.step is None:
        return np.zeros(moved.shape)
    cost = _FIGURE_COST * (1.2 - 0.7 * place.weight)
    return np.asarray(cost * np.minimum(np.abs(moved - place.step), _FARTHEST))


def _tone_costs(before: int, after: int, pitches: NDArray[np.int_]) -> Values:
    """Cost of moving against the speech melody of two Mandarin syllables; 0 where either has no tone."""
    sung = pitches[None, :] - pitches[:, None]
    spoken = TONE_HEIGHTS[after] - TONE_HEIGHTS[before] if before and after else 0.0
    if abs(spoken) <= 1:
        return np.zeros(sung.shape)
    return np.where(sung * spoken < 0, 2.0, np.where(sung == 0, 0.3, 0.0))
