"""What a score tells about itself: the measures that its tests and the song table use, and what a listener would miss.

All are fractions 0..1 unless they say otherwise; a score without words measures 1 where 1 is good, else 0.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from tutti.engines.song.feel import straight
from tutti.engines.song.model import TICKS_PER_BEAT, Note, Plan, Score, SectionKind
from tutti.engines.song.score import chords_of

# A fourth or more, in semitones.
_LEAP_SEMITONES = 5


@dataclass(frozen=True, kw_only=True, slots=True)
class ScoreMeasures:
    """The measures of one sung score."""

    # Sung notes on beats 1 and 3 (in 3/4: beat 1) that are tones of the chord there.
    chord_tone_rate: float
    # Intervals within lines of a fourth or more.
    leap_rate: float
    # Notes within the voice's comfortable range.
    in_range_rate: float
    # How often the most frequent line of the choruses returns with the same tune.
    hook_count: int
    # The shortest syllable, in seconds.
    shortest_syllable_s: float
    # Mandarin syllable pairs whose tune does not move against their tones; 1 in other languages.
    tone_agreement: float


def measure(plan: Plan, score: Score) -> ScoreMeasures:
    """All measures of a sung score."""
    notes = [note for line in score.vocals for sung in line.syllables for note in sung.notes]
    voice = plan.voice
    inside = [note for note in notes if voice and voice.low_pitch <= note.pitch <= voice.high_pitch]
    steps = [abs(later - earlier) for line in _tunes(score) for earlier, later in pairwise(line)]
    lengths = [
        score.seconds_at(sum(note.length_ticks for note in sung.notes))
        for line in score.vocals
        for sung in line.syllables
    ]
    return ScoreMeasures(
        chord_tone_rate=_chord_tone_rate(plan, notes),
        leap_rate=_rate([step >= _LEAP_SEMITONES for step in steps], empty=0.0),
        in_range_rate=len(inside) / len(notes) if notes else 1.0,
        hook_count=_hook_count(plan, score),
        shortest_syllable_s=min(lengths, default=0.0),
        tone_agreement=_tone_agreement(score),
    )


def difference(one: Score, other: Score) -> float:
    """How different two scores' tunes are: the share of sung (else lead) notes that differ in place or pitch."""
    first, second = _places(one), _places(other)
    together = sum((first & second).values())
    total = max(sum(first.values()), sum(second.values()))
    return 1 - together / total if total else 0.0


def _places(score: Score) -> Counter[tuple[int, int]]:
    """Notes of the tune by sixteenth and pitch."""
    sung = [note for line in score.vocals for each in line.syllables for note in each.notes]
    notes = sung or [note for part in score.parts if part.name == "lead" for note in part.notes]
    return Counter((round(note.onset_ticks * 4 / TICKS_PER_BEAT), note.pitch) for note in notes)


def _tunes(score: Score) -> Iterator[list[int]]:
    """The pitches of each line."""
    for line in score.vocals:
        yield [note.pitch for sung in line.syllables for note in sung.notes]


def _chord_tone_rate(plan: Plan, notes: list[Note]) -> float:
    chords = chords_of(plan)
    strong = {0, 2} if plan.beats_per_bar == 4 else {0}
    hits = []
    for note in notes:
        beat, rest = divmod(straight(note.onset_ticks, plan.swing), TICKS_PER_BEAT)
        if rest == 0 and beat % plan.beats_per_bar in strong:
            hits.append(note.pitch % 12 in chords[beat].tones)
    return _rate(hits, empty=1.0)


def _hook_count(plan: Plan, score: Score) -> int:
    """How many times the same words come with the same intervals and rhythm in choruses."""
    seen: Counter[tuple[str, tuple[int, ...]]] = Counter()
    for line in score.vocals:
        if plan.sections[line.section].kind is SectionKind.CHORUS:
            seen[line.text, tuple(sung.notes[0].pitch for sung in line.syllables)] += 1
    return max(seen.values(), default=0)


def _tone_agreement(score: Score) -> float:
    """Pairs of syllables in full tones whose pitches do not go the other way than speech."""
    heights = {1: 5.0, 2: 4.0, 3: 1.5, 4: 4.2}
    agreements = []
    for line in score.vocals:
        for before, after in pairwise(line.syllables):
            tones = before.syllable.tone, after.syllable.tone
            if tones[0] in heights and tones[1] in heights:
                spoken = heights[tones[1]] - heights[tones[0]]
                sung = after.notes[0].pitch - before.notes[0].pitch
                if abs(spoken) > 1:
                    agreements.append(sung * spoken >= 0)
    return _rate(agreements, empty=1.0)


def _rate(hits: list[bool], *, empty: float) -> float:
    return sum(hits) / len(hits) if hits else empty
