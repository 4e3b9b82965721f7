"""What a score tells about itself: the measures that its tests, the chooser and the song table use.

All are fractions 0..1 unless they say otherwise. What a score has no material for (no words, no chorus, no Mandarin)
measures as what is neutral there, or None. `merit.py` makes one number of them. The rules measured are those of writers
on melody: steps outweigh leaps, and leaps turn back (Huron, "Sweet Anticipation", 2006); hooks are short, high
and come again (Burns, "A typology of 'hooks' in popular records", Popular Music 6, 1987).
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from tutti.engines.song import measures_melody as melodic
from tutti.engines.song import measures_voice as vocal
from tutti.engines.song.blend import row_of, song_metre
from tutti.engines.song.model import TICKS_PER_BEAT, Plan, Score, SectionKind
from tutti.engines.song.rhythm import SLOTS_PER_BEAT
from tutti.engines.song.tunes import TuneLine, rate, tune_lines


@dataclass(frozen=True, kw_only=True, slots=True)
class ScoreMeasures:
    """The measures of one score's tune."""

    # Syllables on beats 1 and 3 (in 3/4: beat 1) that are held on a tone of the chord there.
    chord_tone_rate: float
    # Intervals within lines of a fourth or more, and those of them that turn back by a third or less.
    leap_rate: float
    leap_recovery: float
    # Notes within the voice's comfortable range; 1 without a voice.
    in_range_rate: float
    # How many of the nine shapes (start, middle and end against one another) the different tunes of lines take.
    contour_variety: float
    # How often the most frequent line of the choruses returns with the same tune.
    hook_count: int
    # Semitones by which the choruses' middle pitch lies above the verses', without the key change; None without both.
    chorus_lift: float | None
    # Different pitches, bar rhythms and syllables of choruses against verses: below 1 is simpler; None as above.
    chorus_complexity: float | None
    # Lines that end on a tone of their chord, held, and on the tonic's chord where a verse or chorus ends.
    cadence_rate: float
    # How like an earlier bar under other words each bar is, in rhythm and intervals.
    repetition: float
    # The shortest syllable, and the longest stretch without a rest of 150 ms, in seconds.
    shortest_syllable_s: float
    longest_breath_s: float
    # Lines that leave such a rest before the next one.
    breath_rate: float
    # Syllables that begin off the beat, and how many the genre's accents ask for.
    off_beat_rate: float
    off_beat_wanted: float
    # Mandarin syllable pairs whose tune does not move against their tones; 1 in other languages.
    tone_agreement: float


def measure(plan: Plan, score: Score) -> ScoreMeasures:
    """All measures of a score."""
    lines = tune_lines(plan, score)
    sung = [line for line in lines if not line.is_rapped]
    return ScoreMeasures(
        chord_tone_rate=melodic.chord_tone_rate(plan, sung),
        leap_rate=melodic.leap_rate(sung),
        leap_recovery=melodic.leap_recovery(sung),
        in_range_rate=vocal.in_range_rate(plan, lines),
        contour_variety=melodic.contour_variety(sung),
        hook_count=_hook_count(lines),
        chorus_lift=melodic.chorus_lift(sung),
        chorus_complexity=melodic.chorus_complexity(plan, lines),
        cadence_rate=melodic.cadence_rate(plan, sung),
        repetition=melodic.repetition(plan, lines),
        shortest_syllable_s=vocal.shortest_syllable_s(score, lines),
        longest_breath_s=vocal.longest_breath_s(score, lines),
        breath_rate=vocal.breath_rate(score, lines),
        off_beat_rate=rate(slot % SLOTS_PER_BEAT != 0 for line in lines for slot in line.slots),
        off_beat_wanted=off_beat_wanted(plan),
        tone_agreement=vocal.tone_agreement(lines),
    )


def difference(one: Score, other: Score) -> float:
    """How different two scores' tunes are: the share of sung (else lead) notes that differ in place or pitch."""
    first, second = _places(one), _places(other)
    together = sum((first & second).values())
    total = max(sum(first.values()), sum(second.values()))
    return 1 - together / total if total else 0.0


def off_beat_wanted(plan: Plan) -> float:
    """The share of syllables off the beat that the genre's accents ask for.

    Liked slots are taken before others, so a slot's share grows faster than its digit: with its power of 1.5.
    """
    slots = plan.beats_per_bar * SLOTS_PER_BEAT
    likings: list[list[float]] = [
        [float(digit) ** 1.5 for digit in accents[:slots]] for accents in row_of(plan).accents_in(song_metre(plan))
    ]
    off = sum(value for bar in likings for slot, value in enumerate(bar) if slot % SLOTS_PER_BEAT)
    return off / max(1.0, sum(map(sum, likings)))


def _places(score: Score) -> Counter[tuple[int, int]]:
    """Notes of the tune by sixteenth and pitch."""
    sung = [note for line in score.vocals for each in line.syllables for note in each.notes]
    notes = sung or [note for part in score.parts if part.name == "lead" for note in part.notes]
    return Counter((round(note.onset_ticks * 4 / TICKS_PER_BEAT), note.pitch) for note in notes)


def _hook_count(lines: Iterable[TuneLine]) -> int:
    """How many times the same words come with the same tune in choruses."""
    seen = Counter((line.text, line.pitches) for line in lines if line.kind is SectionKind.CHORUS)
    return max(seen.values(), default=0)
