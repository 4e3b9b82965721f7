"""A continuation and the song before it as one: one plan, one score, one sound.

The old song stays up to a bar line; there its last bar fades into the first one of the new part, both at the same tempo
and in the same key, so that beat and chord run through.
"""

from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from tutti.engines.song.continuation import Continuation
from tutti.engines.song.model import (
    SAMPLE_RATE_HZ,
    TICKS_PER_BEAT,
    Audio,
    Chord,
    Note,
    Part,
    Plan,
    PlanSection,
    Score,
    SungSyllable,
    VocalLine,
)

# Equal-power over so much of the bar before the join; a whole bar blurs the words of both.
_FADE_BARS = 0.5


def join_plans(old: Plan, new: Continuation) -> Plan:
    """The form of the whole: the old sections up to the join, then the new ones."""
    kept = [_cut_section(section, new.kept_bars, old.beats_per_bar) for section in old.sections]
    before = tuple(section for section in kept if section is not None)
    after = tuple(replace(section, start_bar=section.start_bar + new.kept_bars) for section in new.plan.sections)
    return replace(new.plan, sections=before + after)


def join_scores(old: Score, new: Continuation, *, kept_sections: int) -> Score:
    """Every note of the whole; old notes that would sound past the join end there.

    `kept_sections` is how many sections of the old plan stand before the new ones, for the lines that point to theirs.
    """
    shift = new.kept_bars * old.beats_per_bar * TICKS_PER_BEAT
    after = (_shifted_line(line, shift, kept_sections) for line in new.score.vocals)
    vocals = (*_kept_vocals(old.vocals, shift), *after)
    names = list(dict.fromkeys(part.name for part in (*old.parts, *new.score.parts)))
    parts = tuple(_joined_part(name, old.parts, new.score.parts, shift) for name in names)
    return replace(new.score, bars=new.kept_bars + new.score.bars, vocals=vocals, parts=parts)


def join_sounds(old: Audio, new: Audio, *, kept_s: float, bar_s: float) -> Audio:
    """The old sound up to the join and the new one after it: float32, shape (2, samples), equal-power crossfade."""
    at, fade = round(kept_s * SAMPLE_RATE_HZ), round(bar_s * _FADE_BARS * SAMPLE_RATE_HZ)
    at = min(at, old.shape[1])
    fade = min(fade, old.shape[1] - at, new.shape[1])
    whole = np.zeros((2, at + new.shape[1]), np.float32)
    whole[:, :at] = old[:, :at]
    whole[:, at:] = new
    if fade > 0:
        angle = np.linspace(0, np.pi / 2, fade, dtype=np.float32)
        whole[:, at : at + fade] = old[:, at : at + fade] * np.cos(angle) + new[:, :fade] * np.sin(angle)
    return whole


def _cut_section(section: PlanSection, kept_bars: int, beats_per_bar: int) -> PlanSection | None:
    """What of a section lies before the join, None when nothing does."""
    bars = min(section.bars, kept_bars - section.start_bar)
    if bars <= 0:
        return None
    return replace(section, bars=bars, chords=_first_beats(section.chords, bars * beats_per_bar))


def _first_beats(chords: Iterable[Chord], beats: int) -> tuple[Chord, ...]:
    first: list[Chord] = []
    for chord in chords:
        left = beats - sum(one.beats for one in first)
        if left <= 0:
            break
        first.append(chord if chord.beats <= left else replace(chord, beats=left))
    return tuple(first)


def _kept_vocals(lines: Iterable[VocalLine], end: int) -> Iterable[VocalLine]:
    for line in lines:
        syllables = tuple(
            SungSyllable(syllable=sung.syllable, notes=notes)
            for sung in line.syllables
            if (notes := _before(sung.notes, end))
        )
        if syllables:
            count = sum(len(sung.notes) for sung in syllables)
            yield replace(line, syllables=syllables, harmony_pitches=line.harmony_pitches[:count])


def _shifted_line(line: VocalLine, ticks: int, sections: int) -> VocalLine:
    syllables = tuple(replace(sung, notes=_later(sung.notes, ticks)) for sung in line.syllables)
    return replace(line, section=line.section + sections, syllables=syllables)


def _joined_part(name: str, old: Iterable[Part], new: Iterable[Part], ticks: int) -> Part:
    before = [part for part in old if part.name == name]
    after = [part for part in new if part.name == name]
    notes = [note for part in before for note in _before(part.notes, ticks)]
    notes += [note for part in after for note in _later(part.notes, ticks)]
    return Part(name=name, program=(after or before)[0].program, notes=tuple(notes))


def _before(notes: Iterable[Note], end: int) -> tuple[Note, ...]:
    return tuple(
        replace(note, length_ticks=min(note.length_ticks, end - note.onset_ticks))
        for note in notes
        if note.onset_ticks < end
    )


def _later(notes: Iterable[Note], ticks: int) -> tuple[Note, ...]:
    return tuple(replace(note, onset_ticks=note.onset_ticks + ticks) for note in notes)
