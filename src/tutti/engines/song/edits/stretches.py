"""A stretch of a clip between two bar lines, and music composed to fill it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from tutti.engines.song.continuation import lay_passages
from tutti.engines.song.edits.grounds import ground_plan
from tutti.engines.song.edits.sources import Source
from tutti.engines.song.edits.work import Work
from tutti.engines.song.form import Passage
from tutti.engines.song.joining import cut, join
from tutti.engines.song.model import (
    Brief,
    LyricLine,
    Lyrics,
    LyricSection,
    Plan,
    PlanSection,
    Score,
    SectionKind,
)
from tutti.engines.song.motif import Motifs, remembered
from tutti.engines.song.record import Excerpt
from tutti.engines.song.rhythm import bars_for
from tutti.engines.song.score import chords_of
from tutti.errors import InvalidRequestError

_WORDLESS = frozenset({SectionKind.INTRO, SectionKind.BREAK, SectionKind.OUTRO})


@dataclass(frozen=True, kw_only=True, slots=True)
class Stretch:
    """Whole bars of a clip, and what stands there now."""

    start_s: float
    bars: int
    bar_s: float
    # The bars alone, counted from 0; of brought sound a plan of what fits there, and no notes.
    plan: Plan
    score: Score
    # The first bar in the clip's own score, None in brought sound.
    first_bar: int | None
    # The tunes of the whole clip.
    motifs: Motifs

    @property
    def end_s(self) -> float:
        """Where it ends in the clip."""
        return self.start_s + self.bars * self.bar_s


def stretch_of(work: Work, source: Source, words: tuple[Brief, Lyrics], start_s: float, end_s: float) -> Stretch:
    """The bars nearest to the seconds `start_s` to `end_s` of a clip, at least one.

    Raises `InvalidRequestError` for a stretch that lies outside of the clip.
    """
    if not 0 <= start_s < end_s:
        raise InvalidRequestError(f"The stretch from {start_s:g} s to {end_s:g} s is none.", field="start_s")
    if source.record is not None:
        return _of_song(source, start_s, end_s)
    return _of_sound(work, source, words, start_s, end_s)


def _of_song(source: Source, start_s: float, end_s: float) -> Stretch:
    record = source.record
    assert record is not None
    first = round((start_s - record.offset_s) / record.bar_s)
    last = min(round((end_s - record.offset_s) / record.bar_s), record.score.bars)
    first = min(max(0, first), record.score.bars - 1)
    if start_s >= record.offset_s + record.score.duration_s:
        raise InvalidRequestError(f"The clip is over before {start_s:g} s.", field="start_s")
    last = max(last, first + 1)
    plan, score = join(cut(record.made_of(), first, last))
    return Stretch(
        start_s=record.offset_s + first * record.bar_s,
        bars=last - first,
        bar_s=record.bar_s,
        plan=plan,
        score=score,
        first_bar=first,
        motifs=remembered(record.plan, record.score, chords_of(record.plan)),
    )


def _of_sound(work: Work, source: Source, words: tuple[Brief, Lyrics], start_s: float, end_s: float) -> Stretch:
    heard = source.heard
    if start_s >= heard.duration_s:
        raise InvalidRequestError(f"The clip is over before {start_s:g} s.", field="start_s")
    ground = ground_plan(work, heard, *words, near_s=(start_s + end_s) / 2)
    bar_s = ground.beats_per_bar * 60.0 / ground.bpm
    at_s = heard.bar_line_near(start_s)
    while at_s < 0:
        at_s += bar_s
    bars = max(1, round((min(end_s, heard.duration_s) - at_s) / bar_s))
    passage = Passage(kind=SectionKind.VERSE, label="Verse", bars=bars)
    plan = replace(ground, sections=lay_passages(ground, [passage]))
    score = Score(bpm=plan.bpm, beats_per_bar=plan.beats_per_bar, bars=bars, vocals=(), parts=())
    return Stretch(start_s=at_s, bars=bars, bar_s=bar_s, plan=plan, score=score, first_bar=None, motifs=Motifs())


def with_words(plan: Plan, lyrics: Lyrics) -> tuple[Plan, Lyrics]:
    """The plan with words spread over its bars, and the words by its sections; what finds no room is remarked on."""
    lines = [line for section in lyrics.sections for line in section.lines if line.syllables]
    singing = _singing(plan.sections) if lines else []
    sections, sung = [], []
    for number, section in enumerate(plan.sections):
        taken, bars = _taken(lines, plan, section, _due(lines, plan.sections, number, singing))
        lines = lines[len(taken) :]
        sections.append(replace(section, lyric_section=number if taken else None, line_bars=bars))
        sung.append(LyricSection(kind=section.kind, label=section.label, lines=taken))
    remarks = (f"{len(lines)} lines found no room in {plan.bars} bars.",) if lines else ()
    return replace(plan, sections=tuple(sections), remarks=remarks), Lyrics(text=lyrics.text, sections=tuple(sung))


def _singing(sections: Sequence[PlanSection]) -> list[int]:
    """The sections that take words: those of a singer, or all where there are none."""
    singing = [number for number, section in enumerate(sections) if section.kind not in _WORDLESS]
    return singing or list(range(len(sections)))


def _due(lines: Sequence[LyricLine], sections: Sequence[PlanSection], number: int, singing: Sequence[int]) -> int:
    """How many of the lines left fall to a section, by its share of the bars left."""
    if number not in singing:
        return 0
    left = sum(sections[each].bars for each in singing if each >= number)
    return -(-len(lines) * sections[number].bars // left)


def _taken(
    lines: Sequence[LyricLine], plan: Plan, section: PlanSection, due: int
) -> tuple[tuple[LyricLine, ...], tuple[int, ...]]:
    """The lines that a section takes, and their bars: as few as they need, then shared out evenly."""
    bars: list[int] = []
    for line in lines[:due]:
        need = bars_for(line, beats_per_bar=plan.beats_per_bar, bpm=plan.bpm, swing=plan.swing, shortest_bars=1)
        if sum(bars) + need > section.bars:
            break
        bars.append(need)
    spare = section.bars - sum(bars)
    while bars and spare > 0 and min(bars) < _ROOMY_BARS:
        bars[bars.index(min(bars))] += 1
        spare -= 1
    return tuple(lines[: len(bars)]), tuple(bars)


# A line with more room than this would be waited for.
_ROOMY_BARS = 2


def excerpts_around(source: Source, stretch: Stretch, new: Excerpt) -> tuple[Excerpt, ...]:
    """What a song of ours is made of when `new` takes the place of a stretch."""
    record = source.record
    assert record is not None
    assert stretch.first_bar is not None
    made_of = record.made_of()
    last = stretch.first_bar + stretch.bars
    return (*cut(made_of, 0, stretch.first_bar), new, *cut(made_of, last, record.score.bars))
