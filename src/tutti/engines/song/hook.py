"""Figures: the short rhythm and contour from which a section's lines are made, so that a song has something to hum.

A figure fills one bar and comes in most of them. It says in which order the bar's sixteenths are taken, so lines of few
and of many syllables share one rhythm, and how high each eighth lies in scale steps, so that it can begin on any note
of any chord: taken up elsewhere it is a sequence. The second letter of a section's scheme answers the first: the same
rhythm, its contour turned over or differently ended. Other letters share only the rhythm.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from tutti.engines.song.blend import row_of, song_metre
from tutti.engines.song.model import Plan, SectionKind
from tutti.engines.song.rhythm import bar_metre
from tutti.engines.song.seeds import pick, stream

# How far a figure reaches in scale steps, and how likely it holds a leap: choruses stay near their note and leap once.
_REACH = {SectionKind.VERSE: 3, SectionKind.CHORUS: 3, SectionKind.BRIDGE: 4}
_LEAP_CHANCE = {SectionKind.VERSE: 0.15, SectionKind.CHORUS: 0.45, SectionKind.BRIDGE: 0.4}
# How likely an eighth moves on in the direction that the figure has, and how likely by two steps; else it stays.
_MOVES, _MOVES_FAR = 0.62, 0.12
_LEAPS = (2, 3, 3)
# A slot loses liking beside one that is taken already.
_CROWDING = {1: 0.7, 2: 0.12}


@dataclass(frozen=True, kw_only=True, slots=True)
class Figure:
    """One bar of rhythm and contour."""

    # The bar's sixteenths, the most wanted first.
    order: tuple[int, ...]
    # The height of each eighth in scale steps.
    heights: tuple[int, ...]

    def slots(self, notes: int) -> tuple[int, ...]:
        """Where `notes` notes fall, ascending."""
        return tuple(sorted(self.order[: max(1, notes)]))

    def height(self, slot: int) -> int:
        """The height at a sixteenth of the bar."""
        return self.heights[slot // 2 % len(self.heights)]

    def lean(self, slot: int) -> float:
        """Scale steps by which a slot of a line lies off the figure's middle; a pickup lies where it leads."""
        return self.height(max(0, slot)) - sum(self.heights) / len(self.heights)

    def step(self, before: int, after: int) -> int | None:
        """Scale steps that it goes from one slot of a line to another; None where a new bar begins it anew."""
        length = len(self.heights) * 2
        if before < 0 or before // length != after // length:
            return None
        return self.height(after % length) - self.height(before % length)


@lru_cache(maxsize=256)
def figure_of(
    *, seed: int, accents: tuple[str, ...], metre: str, weirdness: float, kind: SectionKind, letter: str
) -> Figure:
    """The figure of a letter of a section kind's scheme; the same through a song and what goes on from it.

    `accents` are the genre's templates for the metre.
    """
    base = _drawn(accents, metre, kind, weirdness, stream(seed, "figure", kind.value, "A"))
    if letter == "A":
        return base
    rng = stream(seed, "figure", kind.value, letter)
    if letter == "B":
        return _answer(base, rng)
    return replace(_drawn(accents, metre, kind, weirdness, rng), order=base.order)


def line_figure(plan: Plan, kind: SectionKind, letter: str) -> Figure:
    """`figure_of` for a line of a plan."""
    metre = song_metre(plan)
    return figure_of(
        seed=plan.seed,
        accents=row_of(plan).accents_in(metre),
        metre=metre,
        weirdness=plan.weirdness,
        kind=kind,
        letter=letter,
    )


def _drawn(
    accents: tuple[str, ...], metre: str, kind: SectionKind, weirdness: float, rng: np.random.Generator
) -> Figure:
    strength = bar_metre(metre)
    is_simple = kind is SectionKind.CHORUS
    return Figure(
        order=_order(pick(rng, accents)[: len(strength)], strength, rng, is_simple=is_simple),
        heights=_heights(len(strength) // 2, kind, weirdness, rng),
    )


def _order(accents: str, strength: Sequence[float], rng: np.random.Generator, *, is_simple: bool) -> tuple[int, ...]:
    """The slots one by one: liked by template, metre and chance, and not crowding those before."""
    liking = np.array([int(digit) / 9 for digit in accents]) + 0.2 * np.array(strength)
    liking += rng.gumbel(0.0, 0.3, len(liking))
    # Simple figures keep to eighths.
    liking[1::2] -= 2.5 if is_simple else 0.5
    order: list[int] = []
    while len(order) < len(liking):
        free = {slot: _liked(slot, liking, order) for slot in range(len(liking)) if slot not in order}
        order.append(max(free, key=lambda slot: free[slot]))
    return tuple(order)


def _liked(slot: int, liking: Sequence[float] | np.ndarray, taken: Sequence[int]) -> float:
    distances = [min(abs(slot - each), len(liking) - abs(slot - each)) for each in taken]
    return float(liking[slot]) - sum(_CROWDING.get(distance, 0.0) for distance in distances)


def _heights(eighths: int, kind: SectionKind, weirdness: float, rng: np.random.Generator) -> tuple[int, ...]:
    """A walk in scale steps that goes one way, turns once or twice, and turns back after a leap or at its reach."""
    reach = _REACH.get(kind, 3) + round(2 * weirdness)
    leap_at = -1
    if rng.random() < _LEAP_CHANCE.get(kind, 0.2) + 0.5 * weirdness:
        leap_at = int(rng.integers(1, eighths - 2))
    turns = {int(at) for at in rng.integers(2, eighths - 1, size=int(rng.integers(1, 3)))}
    direction = 1 if rng.random() < 0.55 else -1
    heights = [0]
    for at in range(1, eighths):
        move = (rng.random() < _MOVES) + (rng.random() < _MOVES_FAR)
        if at == leap_at:
            move = pick(rng, _LEAPS)
        if at in turns or abs(heights[-1] + direction * move) > reach:
            direction = -direction
        heights.append(heights[-1] + direction * move)
        if at == leap_at:
            direction = -direction
    return tuple(heights)


def _answer(call: Figure, rng: np.random.Generator) -> Figure:
    """What answers a call: its rhythm, and its contour turned over, or kept up to another ending."""
    if rng.random() < 0.4:
        return replace(call, heights=tuple(-height for height in call.heights))
    half = len(call.heights) // 2
    fall = int(rng.integers(1, 3))
    tail = tuple(call.heights[half - 1] - fall * (index + 1) // 2 for index in range(len(call.heights) - half))
    return replace(call, heights=(*call.heights[:half], *tail))
