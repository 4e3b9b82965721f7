"""The sung lines: words on a rhythm, a tune on the rhythm, held ends, breaths, melismas and harmonies."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from tutti.engines.song.feel import swing_note
from tutti.engines.song.genre import genre
from tutti.engines.song.melody import singable
from tutti.engines.song.model import (
    Chord,
    LyricLine,
    Lyrics,
    Note,
    Plan,
    SectionKind,
    SungSyllable,
    VocalLine,
    VoiceChoice,
)
from tutti.engines.song.motif import Motif, Motifs, scheme
from tutti.engines.song.phrase import Setting, pitches_for
from tutti.engines.song.rhythm import PICKUP_SLOTS, SLOT_TICKS, Grid, emphasis, metre, place
from tutti.engines.song.seeds import pick, stream

# Silence before the next line, for a breath.
_BREATH_S = 0.22
# The longest held end of a line, and of a section.
_HOLD_S = 1.9
_SECTION_HOLD_S = 3.2
# Sections at least this full get doubles and a harmony in the chorus.
_DOUBLED_ENERGY = 0.7
# A syllable long enough to move through several notes, and the shortest note of the movement.
_MELISMA_S = 0.75
_MELISMA_NOTE_S = 0.19


@dataclass(frozen=True, kw_only=True, slots=True)
class _Draft:
    """A line on its rhythm."""

    line: LyricLine
    section: int
    setting: Setting
    slots: tuple[int, ...]
    # Length of each syllable in slots; filled in when the next line's start is known.
    lengths: tuple[int, ...] = ()


def sing(plan: Plan, lyrics: Lyrics, seed: int, chords: Sequence[Chord], motifs: Motifs) -> tuple[VocalLine, ...]:
    """All sung lines in order; `motifs` is read for what to echo and learns the new lines.

    Empty for an instrumental.
    """
    if plan.voice is None:
        return ()
    drafts = _with_lengths(_rhythms(plan, lyrics, seed, chords, motifs))
    lines = []
    previous: int | None = None
    for draft in drafts:
        pitches = _pitches(draft, plan.voice, motifs, previous)
        previous = pitches[-1]
        setting = draft.setting
        motif = Motif(
            text=draft.line.text,
            bars=setting.grid.bars,
            slots=draft.slots,
            pitches=pitches,
            chords=setting.chord_names,
        )
        motifs.keep(setting.kind, setting.letter, motif)
        lines.append(_written(draft, pitches, plan, plan.voice))
    return tuple(lines)


def _rhythms(plan: Plan, lyrics: Lyrics, seed: int, chords: Sequence[Chord], motifs: Motifs) -> list[_Draft]:
    """Every line on its slots."""
    drafts: list[_Draft] = []
    by_letter: dict[tuple[SectionKind, str, int], tuple[int, ...]] = {}
    by_text: dict[tuple[SectionKind, str, int], tuple[int, ...]] = {}
    for section, line, setting in _settings(plan, lyrics, seed, chords):
        bars = setting.grid.bars
        earliest = _earliest(drafts[-1] if drafts else None, setting)
        old = motifs.of_text(setting.kind, line.text, bars)
        same = old.slots if old else by_text.get((setting.kind, line.text, bars), ())
        model = motifs.of_letter(setting.kind, setting.letter, bars)
        wishes = same or (model.slots if model else by_letter.get((setting.kind, setting.letter, bars), ()))
        slots = same
        if len(slots) != len(line.syllables) or slots[0] < earliest:
            slots = _placed(line, setting, wishes, earliest)
        by_letter.setdefault((setting.kind, setting.letter, bars), slots)
        by_text.setdefault((setting.kind, line.text, bars), slots)
        drafts.append(_Draft(line=line, section=section, setting=setting, slots=slots))
    return drafts


def _settings(
    plan: Plan, lyrics: Lyrics, seed: int, chords: Sequence[Chord]
) -> Iterator[tuple[int, LyricLine, Setting]]:
    """Every sung line with the number of its section and where it stands."""
    for number, section in enumerate(plan.sections):
        if section.lyric_section is None:
            continue
        # A plan that left words out has fewer line bars than the lyrics have lines.
        lines = list(zip(lyrics.sections[section.lyric_section].lines, section.line_bars, strict=False))
        last = max((index for index, (_, bars) in enumerate(lines) if bars), default=0)
        start_bar = section.start_bar
        for index, (line, bars) in enumerate(lines):
            if bars:
                yield (
                    number,
                    line,
                    Setting(
                        plan=plan,
                        seed=seed,
                        kind=section.kind,
                        letter=scheme(plan, section.kind)[index % 4],
                        index=index,
                        is_last=index == last,
                        start_bar=start_bar,
                        grid=Grid(bars=bars, beats_per_bar=plan.beats_per_bar, bpm=plan.bpm, swing=plan.swing),
                        chords=chords,
                    ),
                )
            start_bar += bars


def _earliest(before: _Draft | None, setting: Setting) -> int:
    """The first slot, from the line's bar line, at which it may begin: after the line before, and a breath."""
    if before is None:
        return 0 if setting.start_bar == 0 else -PICKUP_SLOTS
    last = before.setting.start_slot + before.slots[-1] - setting.start_slot
    return max(-PICKUP_SLOTS, last + setting.grid.smallest_gap + 1)


def _placed(line: LyricLine, setting: Setting, wishes: Sequence[int], earliest: int) -> tuple[int, ...]:
    """A line's rhythm, drawn anew."""
    syllables = line.syllables
    accents = pick(stream(setting.seed, "accents", setting.kind.value), genre(setting.plan.genre).accents)
    return place(
        emphasis(syllables, line.language),
        [not before.ends_word and not after.starts_word for before, after in pairwise(syllables)],
        setting.grid,
        accents=accents,
        rng=stream(setting.seed, "rhythm", setting.kind.value, setting.letter),
        wishes=wishes,
        earliest=earliest,
    )


def _with_lengths(drafts: Sequence[_Draft]) -> list[_Draft]:
    """Syllables last until the next one; the last of a line is held, but leaves a breath before the next line."""
    finished = []
    for draft, after in zip(drafts, [*drafts[1:], None], strict=True):
        grid = draft.setting.grid
        hold_s = _SECTION_HOLD_S if draft.setting.is_last else _HOLD_S
        room = grid.slots - draft.slots[-1]
        if after is not None:
            next_start = after.setting.start_slot + after.slots[0] - draft.setting.start_slot
            room = min(room + grid.beats_per_bar, next_start - draft.slots[-1] - math.ceil(_BREATH_S / grid.slot_s))
        hold = max(grid.smallest_gap, min(room, round(hold_s / grid.slot_s)))
        lengths = (*(later - earlier for earlier, later in pairwise(draft.slots)), hold)
        finished.append(replace(draft, lengths=lengths))
    return finished


def _pitches(draft: _Draft, voice: VoiceChoice, motifs: Motifs, previous: int | None) -> tuple[int, ...]:
    """The tune: that of the same words over the same chords unchanged, else one that echoes its letter's motif."""
    setting = draft.setting
    bars = setting.grid.bars
    same = motifs.of_text(setting.kind, draft.line.text, bars)
    if same and same.chords == setting.chord_names and same.slots == draft.slots:
        return same.pitches
    return pitches_for(
        setting,
        draft.slots,
        draft.lengths,
        emphasis=emphasis(draft.line.syllables, draft.line.language),
        low=voice.low_pitch,
        high=voice.high_pitch,
        tones=[each.tone for each in draft.line.syllables],
        echo=same or motifs.of_letter(setting.kind, setting.letter, bars),
        previous=previous,
    )


def _written(draft: _Draft, pitches: Sequence[int], plan: Plan, voice: VoiceChoice) -> VocalLine:
    """The line as notes."""
    setting = draft.setting
    strength = metre(setting.grid)
    ladder = [pitch for pitch in range(voice.low_pitch, voice.high_pitch + 1) if pitch % 12 in setting.scale()]
    rng = stream(setting.seed, "melisma", setting.kind.value, draft.line.text)
    sung = []
    for index, syllable in enumerate(draft.line.syllables):
        goal = pitches[index + 1] if index + 1 < len(pitches) else None
        steps = [(pitches[index], draft.lengths[index])]
        if draft.lengths[index] * setting.grid.slot_s >= _MELISMA_S and rng.random() < genre(plan.genre).melisma:
            steps = _melisma(pitches[index], draft.lengths[index], goal, ladder, setting.grid)
        velocity = 80 + round(18 * float(strength[draft.slots[index] + PICKUP_SLOTS]))
        start = (setting.start_slot + draft.slots[index]) * SLOT_TICKS
        sung.append(SungSyllable(syllable=syllable, notes=_notes(steps, start, velocity, plan.swing)))
    section = plan.sections[draft.section]
    is_doubled = section.kind is SectionKind.CHORUS and section.energy >= _DOUBLED_ENERGY
    return VocalLine(
        text=draft.line.text,
        language=draft.line.language,
        section=draft.section,
        syllables=tuple(sung),
        doubled=is_doubled,
        harmony_pitches=_harmony(sung, setting, voice) if is_doubled else (),
    )


def _notes(steps: Sequence[tuple[int, int]], start: int, velocity: int, swing: float) -> tuple[Note, ...]:
    """Pitches with their lengths in slots, one after the other, in played time."""
    notes = []
    for pitch, length in steps:
        note = Note(onset_ticks=start, length_ticks=length * SLOT_TICKS, pitch=pitch, velocity=velocity)
        notes.append(swing_note(note, swing))
        start += length * SLOT_TICKS
    return tuple(notes)


def _melisma(pitch: int, length: int, goal: int | None, ladder: Sequence[int], grid: Grid) -> list[tuple[int, int]]:
    """A long syllable in motion: towards the next pitch by the note between, at a line's end a turn about its own."""
    short = max(grid.smallest_gap, math.ceil(_MELISMA_NOTE_S / grid.slot_s))
    neighbours = [each for each in ladder if 0 < abs(each - pitch) <= 4]
    if not neighbours or length < 3 * short:
        return [(pitch, length)]
    if goal is None:
        nearest = min(neighbours, key=lambda each: (abs(each - pitch), each))
        return [(pitch, length - 2 * short), (nearest, short), (pitch, short)]
    between = min(neighbours, key=lambda each: (abs(each - goal), abs(each - pitch)))
    return [(pitch, length - short), (between, short)]


def _harmony(sung: Sequence[SungSyllable], setting: Setting, voice: VoiceChoice) -> tuple[int, ...]:
    """A second voice about a third above, or below where above would be shrill: one pitch for each note."""
    notes = [note for each in sung for note in each.notes]
    top = max(note.pitch for note in notes)
    sign = 1 if top + 4 <= voice.high_pitch + 4 else -1
    pitches = []
    for note in notes:
        chord = setting.chord_at(note.onset_ticks / SLOT_TICKS - setting.start_slot)
        options = [note.pitch + sign * step for step in (3, 4, 5, 2)]
        ranked = [each for each in options if each % 12 in chord.tones]
        ranked += [each for each in options if each % 12 in singable(chord, setting.scale())]
        pitches.append(ranked[0] if ranked else note.pitch)
    return tuple(pitches)
