"""The measures of a tune as such: its pitches and rhythms against chords, metre and itself (see `measures.py`)."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from statistics import median

from tutti.engines.song.model import TICKS_PER_BEAT, Chord, Plan, SectionKind
from tutti.engines.song.rhythm import SLOTS_PER_BEAT
from tutti.engines.song.score import chords_of
from tutti.engines.song.tunes import TuneLine, mean, rate

# A fourth or more, in semitones, and the largest step that makes a leap good.
_LEAP_SEMITONES = 5
_RECOVERY_SEMITONES = 4
# A last syllable rests when it lasts so much longer than the line's middle one, or so many seconds.
_REST_RATIO = 1.4
_REST_S = 0.4
# Fewer notes in a bar come again by chance.
_FIGURE_NOTES = 3


def chord_tone_rate(plan: Plan, lines: Iterable[TuneLine]) -> float:
    """Syllables on strong beats whose note, the longest one, is a tone of the chord there."""
    chords = chords_of(plan)
    strong = {0, 2} if plan.beats_per_bar == 4 else {0}
    hits = []
    for line in lines:
        for group, slot in zip(line.groups, line.slots, strict=True):
            beat, rest = divmod(slot, SLOTS_PER_BEAT)
            if rest == 0 and beat % plan.beats_per_bar in strong and beat < len(chords):
                held = max(group, key=lambda note: note.length_ticks)
                hits.append(held.pitch % 12 in chords[beat].tones)
    return rate(hits, empty=1.0)


def _intervals(line: TuneLine) -> list[int]:
    return [after.pitch - before.pitch for before, after in pairwise(line.notes)]


def leap_rate(lines: Iterable[TuneLine]) -> float:
    """Intervals of a fourth or more."""
    return rate(abs(step) >= _LEAP_SEMITONES for line in lines for step in _intervals(line))


def leap_recovery(lines: Iterable[TuneLine]) -> float:
    """A leap that ends its line, or that a held or repeated note follows, needs no turning back."""
    turns = [pair for line in lines for pair in pairwise(_intervals(line)) if abs(pair[0]) >= _LEAP_SEMITONES]
    return rate((leap * after <= 0 and abs(after) <= _RECOVERY_SEMITONES for leap, after in turns), empty=1.0)


def contour_variety(lines: Iterable[TuneLine]) -> float:
    """Huron's shapes ("The melodic arch in Western folksongs", 1996): first note, mean of the middle, last note."""
    shapes = set()
    for line in lines:
        first, *middle, last = (*line.pitches, line.pitches[-1])
        between = mean(middle) if middle else first
        shapes.add((_direction(between - first), _direction(last - between)))
    return len(shapes) / 9


def _direction(interval: float) -> int:
    """Down, level or up; less than a semitone is level."""
    return 0 if abs(interval) < 1 else 1 if interval > 0 else -1


def chorus_lift(lines: Sequence[TuneLine]) -> float | None:
    """Semitones from the verses' middle pitch to the choruses'; None without both."""
    verse, chorus = (
        [pitch for line in lines if line.kind is kind for pitch in line.pitches]
        for kind in (SectionKind.VERSE, SectionKind.CHORUS)
    )
    return median(chorus) - median(verse) if verse and chorus else None


def chorus_complexity(plan: Plan, lines: Sequence[TuneLine]) -> float | None:
    """Pitches a line, bar rhythms and syllables a bar, choruses against verses, averaged; None without both."""
    verse, chorus = ([line for line in lines if line.kind is kind] for kind in (SectionKind.VERSE, SectionKind.CHORUS))
    if not verse or not chorus:
        return None
    ratios = [
        mean(len(set(line.pitches)) for line in chorus) / mean(len(set(line.pitches)) for line in verse),
        _different_bars(plan, chorus) / _different_bars(plan, verse),
        _fullness(plan, chorus) / _fullness(plan, verse),
    ]
    return mean(ratios)


def _different_bars(plan: Plan, lines: Sequence[TuneLine]) -> float:
    """The share of a section's bars whose rhythm is new in it."""
    sections: dict[int, list[tuple[int, ...]]] = {}
    for line in lines:
        sections.setdefault(line.number, []).extend(line.bar_rhythms(plan.beats_per_bar))
    return mean(len(set(bars)) / len(bars) for bars in sections.values())


def _fullness(plan: Plan, lines: Sequence[TuneLine]) -> float:
    return mean(len(line.slots) / len(line.bar_rhythms(plan.beats_per_bar)) for line in lines)


def cadence_rate(plan: Plan, lines: Iterable[TuneLine]) -> float:
    """Lines that end held, on a tone of their chord; where a verse or chorus ends, on one of the tonic's too."""
    chords = chords_of(plan)
    return rate(
        (_is_held(plan, line) and line.notes[-1].pitch % 12 in _rests(plan, line, chords) for line in lines), empty=1.0
    )


def _is_held(plan: Plan, line: TuneLine) -> bool:
    """Whether the last syllable is long in itself or against the others."""
    lengths = [sum(note.length_ticks for note in group) for group in line.groups]
    enough = min(_REST_RATIO * median(lengths), _REST_S * plan.bpm / 60.0 * TICKS_PER_BEAT)
    return len(lengths) == 1 or lengths[-1] >= enough


def _rests(plan: Plan, line: TuneLine, chords: Sequence[Chord]) -> set[int]:
    """The pitch classes that a line may come to rest on; an anticipated ending belongs to the chord that it meets."""
    beat = line.slots[-1] // SLOTS_PER_BEAT
    tones = {tone for at in (beat, beat + 1) for tone in chords[min(at, len(chords) - 1)].tones}
    if not (line.is_last and line.kind in {SectionKind.VERSE, SectionKind.CHORUS}):
        return tones
    third = 4 if plan.mode == "major" else 3
    home = {(plan.tonic + line.section.lift_semitones + step) % 12 for step in (0, third, 7)}
    return tones & home or tones


def repetition(plan: Plan, lines: Iterable[TuneLine]) -> float:
    """How like an earlier bar each bar is, in rhythm and in the size of its intervals, 0..1 on average.

    Words that come again are not counted: their tune comes with them.
    """
    bars = [bar for line in _without_returns(lines) for bar in _bars(plan, line) if len(bar) >= _FIGURE_NOTES]
    return mean(max(_likeness(bar, earlier) for earlier in bars[:at]) for at, bar in enumerate(bars) if at)


def _bars(plan: Plan, line: TuneLine) -> list[dict[int, int]]:
    """The pitches of each bar of a line by their slots, counted from the bar line."""
    length = plan.beats_per_bar * SLOTS_PER_BEAT
    bars: dict[int, dict[int, int]] = {}
    for slot, pitch in zip(line.slots, line.pitches, strict=True):
        bars.setdefault(slot // length, {})[slot % length] = pitch
    return list(bars.values())


def _likeness(one: dict[int, int], other: dict[int, int]) -> float:
    """The share of common onsets, times that of intervals between them that have the same size."""
    common = sorted(one.keys() & other.keys())
    if len(common) < _FIGURE_NOTES:
        return 0.0
    same = [
        _size(one[after] - one[before]) == _size(other[after] - other[before]) for before, after in pairwise(common)
    ]
    return len(common) / len(one.keys() | other.keys()) * rate(same)


def _without_returns(lines: Iterable[TuneLine]) -> Iterator[TuneLine]:
    """The lines whose words were not sung before."""
    texts: set[str] = set()
    for line in lines:
        if not line.text or line.text not in texts:
            yield line
        texts.add(line.text)


def _size(interval: int) -> int:
    """An interval as an ear that hears steps, thirds and leaps: a figure moved along the scale stays itself."""
    size = (abs(interval) + 1) // 2
    return min(size, 3) if interval > 0 else -min(size, 3)
