"""A score's tune as its listener hears it: line by line, what is sung, or where nobody sings the lead's phrases.

The measures (`measures.py`) read scores only through these lines, so that songs and instrumentals are judged alike.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise

from tutti.engines.song.feel import straight
from tutti.engines.song.model import TICKS_PER_BEAT, Note, Part, Plan, PlanSection, Score, SectionKind
from tutti.engines.song.rhythm import SLOT_TICKS, SLOTS_PER_BEAT

# A rest this long parts two phrases of the lead.
_PHRASE_REST_TICKS = TICKS_PER_BEAT


@dataclass(frozen=True, kw_only=True, slots=True)
class TuneLine:
    """One line of the tune."""

    section: PlanSection
    # The place of its section in the plan, and whether it is the last line there.
    number: int
    is_last: bool
    # The words, "" where nobody sings.
    text: str
    # For each syllable, or note of the lead, its notes; at least one each.
    groups: tuple[tuple[Note, ...], ...]
    # The Mandarin tone of each syllable, 0 for none.
    tones: tuple[int, ...]
    is_rapped: bool
    # Onset of each group in sixteenths from the song's start, swing taken out.
    slots: tuple[int, ...]

    @property
    def notes(self) -> tuple[Note, ...]:
        """Every note in order."""
        return tuple(note for group in self.groups for note in group)

    @property
    def pitches(self) -> tuple[int, ...]:
        """The first pitch of each syllable, a key change taken out."""
        return tuple(group[0].pitch - self.section.lift_semitones for group in self.groups)

    @property
    def kind(self) -> SectionKind:
        """The kind of its section."""
        return self.section.kind

    def bar_rhythms(self, beats_per_bar: int) -> tuple[tuple[int, ...], ...]:
        """The slots of each bar that has any, counted from its bar line."""
        length = beats_per_bar * SLOTS_PER_BEAT
        bars: dict[int, list[int]] = {}
        for slot in self.slots:
            bars.setdefault(slot // length, []).append(slot % length)
        return tuple(tuple(slots) for slots in bars.values())


def tune_lines(plan: Plan, score: Score) -> tuple[TuneLine, ...]:
    """The lines of a score's tune in order; the lead's phrases when no word is sung."""
    lines = list(_sung(plan, score))
    if not lines:
        lead = next((part for part in score.parts if part.name == "lead"), None)
        lines = list(_played(plan, lead)) if lead else []
    return tuple(lines)


def _sung(plan: Plan, score: Score) -> Iterator[TuneLine]:
    for line, after in zip(score.vocals, [*score.vocals, None][1:], strict=True):
        groups = tuple(sung.notes for sung in line.syllables)
        yield TuneLine(
            section=plan.sections[line.section],
            number=line.section,
            is_last=after is None or after.section != line.section,
            text=line.text,
            groups=groups,
            tones=tuple(sung.syllable.tone for sung in line.syllables),
            is_rapped=line.is_rapped,
            slots=_slots(groups, plan.swing),
        )


def _played(plan: Plan, lead: Part) -> Iterator[TuneLine]:
    phrases = _phrases(lead.notes)
    numbers = [_section_at(plan, phrase[0].onset_ticks) for phrase in phrases]
    for phrase, number, after in zip(phrases, numbers, [*numbers, -1][1:], strict=True):
        groups = tuple((note,) for note in phrase)
        yield TuneLine(
            section=plan.sections[number],
            number=number,
            is_last=after != number,
            text="",
            groups=groups,
            tones=(0,) * len(groups),
            is_rapped=False,
            slots=_slots(groups, plan.swing),
        )


def _phrases(notes: tuple[Note, ...]) -> list[tuple[Note, ...]]:
    """The notes parted at rests."""
    borders = [
        index
        for index, (before, after) in enumerate(pairwise(notes), 1)
        if after.onset_ticks - before.onset_ticks - before.length_ticks >= _PHRASE_REST_TICKS
    ]
    edges = [0, *borders, len(notes)]
    return [notes[start:end] for start, end in pairwise(edges) if end > start]


def _section_at(plan: Plan, ticks: int) -> int:
    """The section in which a time lies; a pickup counts to the one that it leads to."""
    bar = (ticks + TICKS_PER_BEAT // 2) // (TICKS_PER_BEAT * plan.beats_per_bar)
    return max(number for number, section in enumerate(plan.sections) if section.start_bar <= max(0, bar))


def _slots(groups: tuple[tuple[Note, ...], ...], swing: float) -> tuple[int, ...]:
    return tuple(round(straight(group[0].onset_ticks, swing) / SLOT_TICKS) for group in groups)


def mean(values: Iterable[float]) -> float:
    """The mean, 0 of nothing."""
    row = list(values)
    return sum(row) / len(row) if row else 0.0


def rate(hits: Iterable[bool], *, empty: float = 0.0) -> float:
    """The share of hits, `empty` of nothing."""
    row = list(hits)
    return sum(row) / len(row) if row else empty
