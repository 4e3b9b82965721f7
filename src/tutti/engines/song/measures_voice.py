"""The measures of a tune as something to be sung: range, breath, speed and the language's tones (see `measures.py`)."""

from collections.abc import Iterable, Sequence
from itertools import pairwise

from tutti.engines.song.melody import TONE_HEIGHTS
from tutti.engines.song.model import Plan, Score
from tutti.engines.song.rhythm import BREATH_S
from tutti.engines.song.tunes import TuneLine, rate

_FULL_TONES = frozenset({1, 2, 3, 4})


def shortest_syllable_s(score: Score, lines: Sequence[TuneLine]) -> float:
    """The shortest syllable in seconds; 0 without any."""
    lengths = (sum(note.length_ticks for note in group) for line in lines for group in line.groups)
    return score.seconds_at(min(lengths, default=0))


def longest_breath_s(score: Score, lines: Sequence[TuneLine]) -> float:
    """The longest stretch without a rest of `BREATH_S`, in seconds."""
    return max(_runs(score, lines), default=0.0)


def in_range_rate(plan: Plan, lines: Iterable[TuneLine]) -> float:
    """Notes within the voice's comfortable range; 1 without a voice."""
    voice = plan.voice
    if voice is None:
        return 1.0
    return rate((voice.low_pitch <= note.pitch <= voice.high_pitch for line in lines for note in line.notes), empty=1.0)


def _gaps(score: Score, lines: Sequence[TuneLine]) -> list[tuple[float, float, float]]:
    """Onset, end and the rest after it of every note, in seconds."""
    notes = [note for line in lines for note in line.notes]
    ends = [note.onset_ticks + note.length_ticks for note in notes]
    after = [*(note.onset_ticks for note in notes[1:]), 1 << 40]
    return [
        (score.seconds_at(note.onset_ticks), score.seconds_at(end), score.seconds_at(start - end))
        for note, end, start in zip(notes, ends, after, strict=True)
    ]


def _runs(score: Score, lines: Sequence[TuneLine]) -> list[float]:
    """The lengths of all stretches between breaths, in seconds."""
    runs = []
    begin: float | None = None
    for onset_s, end_s, rest_s in _gaps(score, lines):
        begin = onset_s if begin is None else begin
        if rest_s >= BREATH_S - 1e-6:
            runs.append(end_s - begin)
            begin = None
    return runs


def breath_rate(score: Score, lines: Sequence[TuneLine]) -> float:
    """Lines that leave a rest to draw breath before the next one."""
    rests = [
        score.seconds_at(after.notes[0].onset_ticks - before.notes[-1].onset_ticks - before.notes[-1].length_ticks)
        for before, after in pairwise(lines)
    ]
    return rate((rest >= BREATH_S - 1e-6 for rest in rests), empty=1.0)


def tone_agreement(lines: Iterable[TuneLine]) -> float:
    """Pairs of syllables in full tones whose pitches do not go the other way than speech."""
    agreements = []
    for line in lines:
        for (before, after), (low, high) in zip(pairwise(line.tones), pairwise(line.pitches), strict=True):
            if {before, after} <= _FULL_TONES:
                spoken = TONE_HEIGHTS[after] - TONE_HEIGHTS[before]
                if abs(spoken) > 1:
                    agreements.append((high - low) * spoken >= 0)
    return rate(agreements, empty=1.0)
