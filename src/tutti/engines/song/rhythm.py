"""Where syllables fall: a line of words laid on a grid of sixteenths by dynamic programming.

What is weighed: stressed syllables like strong beats, the genre's accent template and the section's figure say what
else they like, words hold together, the stream stays even and rests at commas, the last syllable is held, and no
syllable gets less than `SHORTEST_S`. Slots are sixteenths counted from the line's bar line; a line may begin a little
before it, on slots -4..-1 (a pickup).
"""

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tutti.engines.song.flow import SUNG, Flow
from tutti.engines.song.metre import metre_of
from tutti.engines.song.model import TICKS_PER_BEAT, Language, LyricLine, Syllable

SLOTS_PER_BEAT = 4
SLOT_TICKS = TICKS_PER_BEAT // SLOTS_PER_BEAT
# The singer's consonants need this long; shorter syllables are not understood.
SHORTEST_S = 0.15
# The shortest rest in which breath can be drawn.
BREATH_S = 0.15
PICKUP_SLOTS = 4
# How strong each sixteenth of a bar is, 0..1.
_METRE = {
    "4/4": (1.0, 0.05, 0.35, 0.15, 0.55, 0.05, 0.35, 0.2, 0.9, 0.05, 0.35, 0.15, 0.55, 0.05, 0.45, 0.25),
    "3/4": (1.0, 0.05, 0.35, 0.15, 0.6, 0.05, 0.35, 0.15, 0.6, 0.05, 0.45, 0.2),
    "6/8": (1.0, 0.05, 0.25, 0.1, 0.15, 0.1, 0.95, 0.05, 0.25, 0.1, 0.3, 0.15),
}
# How much more a slot of the figure is liked than one beside it; a slot of a line that is echoed is liked most.
_FIGURE_GAIN = 1.0
_ECHO_GAIN = 0.9
# Gaps to take breath in, in sixteenths: this wide after a comma.
_COMMA_SLOTS = 5
_FORBIDDEN = -1e9

Values = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True, slots=True)
class Grid:
    """The room a line has."""

    bars: int
    beats_per_bar: int
    bpm: float
    # Whether three beats are felt as two groups of three eighths.
    is_compound: bool = False
    swing: float = 0.0
    flow: Flow = SUNG

    @property
    def slots(self) -> int:
        """Sixteenths in the room."""
        return self.bars * self.beats_per_bar * SLOTS_PER_BEAT

    @property
    def slot_s(self) -> float:
        """Seconds of one sixteenth."""
        return 60.0 / self.bpm / SLOTS_PER_BEAT

    @property
    def smallest_gap(self) -> int:
        """Sixteenths that a syllable needs at least, also where swing shortens the second half of a beat."""
        return math.ceil(SHORTEST_S / (self.slot_s * (1 - 2 * self.swing)) - 1e-9)

    @property
    def last_slot(self) -> int:
        """Where the last syllable may begin at the latest, so that it can be held and a breath taken."""
        return self.slots - (self.flow.short_end if self.bars == 1 else self.flow.end)

    @property
    def ending_slot(self) -> float:
        """Where the last syllable likes to begin."""
        return self.slots * (self.flow.short_ending if self.bars == 1 else self.flow.ending)

    def capacity(self, syllable_s: float) -> int:
        """How many syllables fit without a pickup when each takes `syllable_s` or more."""
        gap = max(self.smallest_gap, syllable_s / self.slot_s)
        return max(0, math.floor(self.last_slot / gap + 1e-9) + 1)


def bars_for(
    line: LyricLine, *, beats_per_bar: int, bpm: float, swing: float, shortest_bars: int = 2, flow: Flow = SUNG
) -> int:
    """Bars that a line needs: two for most, four and more when it is long, none when it has no syllables.

    `shortest_bars` 1 crowds the syllables as they can still be understood; raps take one bar where they can at ease.
    """
    syllables = sum(sizes(line.syllables))
    if not syllables:
        return 0
    bars = min(shortest_bars, flow.shortest_bars)
    pace_s = flow.comfortable_s if shortest_bars > 1 else SHORTEST_S
    while Grid(bars=bars, beats_per_bar=beats_per_bar, bpm=bpm, swing=swing, flow=flow).capacity(pace_s) < syllables:
        bars = bars * 2 if bars < 4 else bars + 2
    return bars


def bar_metre(name: str) -> tuple[float, ...]:
    """The strength of every sixteenth of one bar of a metre, 0..1."""
    return _METRE[name]


def metre(grid: Grid) -> Values:
    """The strength of every slot from the first pickup to the end, 0..1; index 0 is slot -PICKUP_SLOTS."""
    bar = bar_metre(metre_of(grid.beats_per_bar, is_compound=grid.is_compound))
    return np.array(bar[-PICKUP_SLOTS:] + bar * grid.bars)


def sizes(syllables: Sequence[Syllable]) -> tuple[int, ...]:
    """How many short syllables' time each wants: Japanese long ones two, rarely three."""
    return tuple(max(1, each.morae) for each in syllables)


def emphasis(syllables: Sequence[Syllable], language: Language) -> Values:
    """How much each syllable wants a strong place, -0.6..1: by stress, in Mandarin and Japanese by words."""
    if language is not Language.ENGLISH:
        weights = [(0.5 if each.starts_word else 0.1) if each.tone != 5 else -0.5 for each in syllables]
    else:
        weights = [{1: 1.0, 2: 0.4}.get(each.stress, -0.6) for each in syllables]
    return np.array(weights)


def commas(syllables: Sequence[Syllable]) -> frozenset[int]:
    """The syllables inside a line after which a singer may breathe: before a comma, or a gap in the East."""
    inner = enumerate(syllables[:-1])
    return frozenset(index for index, each in inner if each.text.rstrip()[-1:] in _PAUSES or _ends_phrase(each))


_PAUSES = frozenset(",;:.!?，、；：。！？—–…")


def _ends_phrase(syllable: Syllable) -> bool:
    return bool(syllable.tone or syllable.morae) and syllable.text.endswith((" ", "\u3000"))


def place(
    weights: Values,
    joins: Sequence[bool],
    grid: Grid,
    *,
    accents: str,
    rng: np.random.Generator,
    wishes: Sequence[int] = (),
    figure: Sequence[int] = (),
    commas: Collection[int] = (),
    wants: Sequence[int] = (),
    earliest: int = 0,
) -> tuple[int, ...]:
    """A slot for every syllable, ascending.

    `weights` is `emphasis`, `joins[i]` says that syllable i and the next belong to one word, `accents` is a template of
    the genre, `wishes` are the slots of an earlier line whose rhythm this one should echo, `figure` those of the
    section's figure, `commas` the syllables after which a breath is welcome, `wants` their `sizes` where they differ,
    `earliest` the first slot that is free (down to -PICKUP_SLOTS).
    """
    count = len(weights)
    wants = wants or (1,) * count
    taste = _taste(grid, accents, wishes, figure, rng)
    strength = metre(grid)
    gains = weights[:, None] * (strength[None, :] - 0.35) * grid.flow.stress + taste[None, :]
    gains[:, : earliest + PICKUP_SLOTS] = _FORBIDDEN
    gains[:, grid.last_slot + PICKUP_SLOTS + 1 :] = _FORBIDDEN
    gains[-1] += _ending(grid, strength)
    entry, even = _manner(grid, sum(wants[:-1]) + 1, rng)
    gap_gains = {
        (want, is_within): _gap_gains(grid, even, len(taste), want=want, is_within=is_within)
        for want in set(wants)
        for is_within in (True, False)
    }
    breath = _comma_gains(len(taste)) if commas else 0.0
    best = gains[0] + _beginning(len(taste), entry, is_weak=bool(weights[0] < 0))
    origins = []
    for index in range(1, count):
        gaps = gap_gains[wants[index - 1], joins[index - 1]]
        if index - 1 in commas and not joins[index - 1]:
            gaps = gaps + breath
        reach = best[:, None] + gaps
        origins.append(reach.argmax(axis=0))
        best = reach.max(axis=0) + gains[index]
    return _trace(best, origins)


def _trace(best: Values, origins: list[NDArray[np.intp]]) -> tuple[int, ...]:
    """Read the best path backwards."""
    position = int(best.argmax())
    path = [position]
    for origin in reversed(origins):
        position = int(origin[position])
        path.append(position)
    return tuple(slot - PICKUP_SLOTS for slot in reversed(path))


def _taste(grid: Grid, accents: str, wishes: Sequence[int], figure: Sequence[int], rng: np.random.Generator) -> Values:
    """What slots are liked for, whatever the syllable: template, chance, the figure, the line to be echoed."""
    bar = [int(digit) / 9 for digit in accents[: grid.beats_per_bar * SLOTS_PER_BEAT]]
    liked = 1.3 * (np.array(bar[-PICKUP_SLOTS:] + bar * grid.bars) - 0.4)
    liked += rng.normal(0.0, 0.3, len(liked))
    for gain, slots in ((_ECHO_GAIN, wishes), (_FIGURE_GAIN, figure)):
        for slot in slots:
            if -PICKUP_SLOTS <= slot < grid.slots:
                liked[slot + PICKUP_SLOTS] += gain
    return liked


def _manner(grid: Grid, count: int, rng: np.random.Generator) -> tuple[int, float]:
    """How a line moves: the slot it likes to enter on, and the sixteenths it likes from syllable to syllable.

    Lines with room to spare may enter after the beat, or flow faster and hold their end longer.
    """
    widest = min(max(grid.last_slot * 0.9 / max(1, count - 1), grid.smallest_gap), grid.flow.widest)
    even = max(float(grid.smallest_gap), widest * float(rng.uniform(0.6, 1.0)))
    entry = int(rng.choice(grid.flow.entries))
    return (entry if entry + even * count < grid.last_slot else 0), even


def _beginning(places: int, entry: int, *, is_weak: bool) -> Values:
    """A line begins where it likes to enter, with a weak syllable even before its bar line, never after half a bar."""
    slots = np.arange(places) - PICKUP_SLOTS
    # A weak syllable leads to the strong one that makes the entry.
    goal = entry - 2 if is_weak else entry
    late = np.where(slots > SLOTS_PER_BEAT * 2, _FORBIDDEN, -0.15 * np.abs(slots - goal) + (slots == goal) * 0.5)
    return np.asarray(late - np.where((slots < 0) & (not is_weak), 1.2, 0.0))


def _ending(grid: Grid, strength: Values) -> Values:
    """The last syllable likes a strong beat of the last bar that leaves it time."""
    slots = np.arange(len(strength)) - PICKUP_SLOTS
    return np.asarray(1.2 * strength - grid.flow.pull * np.abs(slots - grid.ending_slot))


def _comma_gains(places: int) -> Values:
    """A comma likes a gap that lets its syllable sound and a breath be drawn."""
    gap = np.arange(places)[None, :] - np.arange(places)[:, None]
    return np.where(gap >= _COMMA_SLOTS, 0.8, 0.0)


def _gap_gains(grid: Grid, even: float, places: int, *, want: int, is_within: bool) -> Values:
    """What going from one slot to another costs: none below the smallest gap, best near the even flow.

    A syllable that wants more has its flow wider.
    """
    even = even * want
    gap = np.arange(places)[None, :] - np.arange(places)[:, None]
    safe = np.maximum(gap, 1)
    gain = -0.65 * np.abs(np.log2(safe / even))
    # Odd gaps are syncopations: welcome as a spice, no more.
    gain = gain - np.where(safe % 2 == 1, 0.1, 0.0)
    # Possible is not yet pleasant: what is quicker than comfortable is kept for lines that need it.
    gain = gain - np.where(safe * grid.slot_s < grid.flow.comfortable_s * want - 0.01, 0.5, 0.0)
    if is_within:
        gain = gain - 0.3 * np.maximum(safe - max(even, 2), 0)
    widest = SLOTS_PER_BEAT * 3
    return np.where((gap < grid.smallest_gap) | (gap > widest), _FORBIDDEN, gain)
