"""Excerpts of songs as one song: one plan, one score.

Excerpts meet at bar lines, in one key and tempo, so that beat and chord run through; `laying.py` lays their sound.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from tutti.engines.song.model import (
    TICKS_PER_BEAT,
    Chord,
    Note,
    Part,
    Plan,
    PlanSection,
    Score,
    SungSyllable,
    VocalLine,
)
from tutti.engines.song.record import Excerpt


def join(excerpts: Sequence[Excerpt]) -> tuple[Plan, Score]:
    """The whole that excerpts make, in their order; the last one's plan says whatever is not said by bars.

    The singer is the last one who sings.
    """
    sections: list[PlanSection] = []
    vocals: list[VocalLine] = []
    parts: dict[str, Part] = {}
    at_bar = 0
    for excerpt in excerpts:
        places = _places(excerpt, first=len(sections))
        vocals += _vocals(excerpt, at_bar, places)
        for part in excerpt.score.parts:
            _add(parts, part, _notes(part.notes, excerpt, at_bar))
        sections += _sections(excerpt, at_bar)
        at_bar += excerpt.bars
    last = excerpts[-1]
    remarks = tuple(dict.fromkeys(remark for excerpt in excerpts for remark in excerpt.plan.remarks))
    voice = next((excerpt.plan.voice for excerpt in reversed(excerpts) if excerpt.plan.voice), None)
    plan = replace(last.plan, sections=tuple(sections), voice=voice, remarks=remarks)
    return plan, replace(last.score, bars=at_bar, vocals=tuple(vocals), parts=tuple(parts.values()))


def cut(excerpts: Iterable[Excerpt], from_bar: int, to_bar: int) -> tuple[Excerpt, ...]:
    """The bars `from_bar` up to `to_bar` of the whole that excerpts make."""
    kept = []
    at_bar = 0
    for excerpt in excerpts:
        start, end = max(from_bar - at_bar, 0), min(to_bar - at_bar, excerpt.bars)
        if start < end:
            kept.append(replace(excerpt, from_bar=excerpt.from_bar + start, to_bar=excerpt.from_bar + end))
        at_bar += excerpt.bars
    return tuple(kept)


def _sections(excerpt: Excerpt, at_bar: int) -> Iterator[PlanSection]:
    beats = excerpt.plan.beats_per_bar
    for section in _kept(excerpt):
        start = max(section.start_bar, excerpt.from_bar)
        end = min(section.start_bar + section.bars, excerpt.to_bar)
        skipped = start - section.start_bar
        yield replace(
            section,
            start_bar=start - excerpt.from_bar + at_bar,
            bars=end - start,
            chords=_beats(section.chords, skipped * beats, (end - section.start_bar) * beats),
            line_bars=_line_bars(section.line_bars, skipped, end - section.start_bar),
        )


def _kept(excerpt: Excerpt) -> list[PlanSection]:
    return [
        section
        for section in excerpt.plan.sections
        if section.start_bar < excerpt.to_bar and section.start_bar + section.bars > excerpt.from_bar
    ]


def _beats(chords: Iterable[Chord], first: int, last: int) -> tuple[Chord, ...]:
    """The chords between two beats."""
    kept, at = [], 0
    for chord in chords:
        beats = min(at + chord.beats, last) - max(at, first)
        if beats > 0:
            kept.append(replace(chord, beats=beats))
        at += chord.beats
    return tuple(kept)


def _line_bars(line_bars: Iterable[int], first: int, last: int) -> tuple[int, ...]:
    """The bars of each line that lie between two bars; lines before and after are gone."""
    kept, at = [], 0
    for bars in line_bars:
        inside = min(at + bars, last) - max(at, first)
        if inside > 0:
            kept.append(inside)
        at += bars
    return tuple(kept)


def _places(excerpt: Excerpt, *, first: int) -> dict[int, int]:
    """Number of a section in the excerpt's plan -> its number in the whole; neighbours stand in for those cut off."""
    kept = _kept(excerpt)
    numbers = [excerpt.plan.sections.index(section) for section in kept]
    return {
        number: first + min(range(len(numbers)), key=lambda place: abs(numbers[place] - number))
        for number in range(len(excerpt.plan.sections))
    }


def _vocals(excerpt: Excerpt, at_bar: int, places: dict[int, int]) -> Iterator[VocalLine]:
    for line in excerpt.score.vocals:
        kept = [(sung, notes) for sung in line.syllables if (notes := _notes(sung.notes, excerpt, at_bar))]
        if not kept:
            continue
        syllables = tuple(SungSyllable(syllable=sung.syllable, notes=notes) for sung, notes in kept)
        is_whole = len(kept) == len(line.syllables)
        yield replace(
            line,
            text=line.text if is_whole else "".join(sung.syllable.text for sung in syllables).strip(),
            section=places[line.section],
            syllables=syllables,
            harmony_pitches=_harmony(line, excerpt),
        )


def _harmony(line: VocalLine, excerpt: Excerpt) -> tuple[int, ...]:
    """The harmony's pitches for the notes that stay."""
    notes = [note for sung in line.syllables for note in sung.notes]
    pairs = zip(notes, line.harmony_pitches, strict=False)
    return tuple(pitch for note, pitch in pairs if _is_inside(note, excerpt))


def _add(parts: dict[str, Part], part: Part, notes: tuple[Note, ...]) -> None:
    """More notes of an instrument; the program is that of its last notes."""
    before = parts[part.name].notes if part.name in parts else ()
    if notes or part.name not in parts:
        parts[part.name] = replace(part, notes=before + notes)


def _notes(notes: Iterable[Note], excerpt: Excerpt, at_bar: int) -> tuple[Note, ...]:
    """The notes that begin in an excerpt, where they stand in the whole; none sounds past the excerpt's end."""
    end, shift = _ticks(excerpt, excerpt.to_bar), _ticks(excerpt, at_bar - excerpt.from_bar)
    return tuple(
        replace(
            note,
            onset_ticks=note.onset_ticks + shift,
            length_ticks=min(note.length_ticks, end - note.onset_ticks),
        )
        for note in notes
        if _is_inside(note, excerpt)
    )


def _is_inside(note: Note, excerpt: Excerpt) -> bool:
    return _ticks(excerpt, excerpt.from_bar) <= note.onset_ticks < _ticks(excerpt, excerpt.to_bar)


def _ticks(excerpt: Excerpt, bars: int) -> int:
    return bars * excerpt.plan.beats_per_bar * TICKS_PER_BEAT
