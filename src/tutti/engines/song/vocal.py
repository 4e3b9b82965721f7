"""The sung lines: words on a rhythm, a tune on the rhythm, held ends, breaths, ornaments, raps."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from tutti.engines.song.blend import row_of
from tutti.engines.song.feel import swing_note
from tutti.engines.song.flow import RAPPED, flow_of, is_rapped
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
from tutti.engines.song.ornament import harmony_pitches, is_long, melisma, melisma_chance
from tutti.engines.song.phrase import Setting, pitches_for
from tutti.engines.song.rap import rapped
from tutti.engines.song.rhythm import BREATH_S, PICKUP_SLOTS, SLOT_TICKS, Grid, commas, emphasis, metre, place, sizes
from tutti.engines.song.seeds import stream

# Silence before the next line, for a breath.
_BREATH_S = 0.22
# The end of a line that a pickup to the next one leaves at least.
_SHORTEST_HOLD_S = 0.45
# Sections at least this full get doubles and a harmony in the chorus.
_DOUBLED_ENERGY = 0.7


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
        if draft.setting.grid.flow is RAPPED:
            lines.append(_rapped(draft, plan.voice))
            continue
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
                        grid=Grid(
                            bars=bars,
                            beats_per_bar=plan.beats_per_bar,
                            bpm=plan.bpm,
                            is_compound=row_of(plan).compound,
                            swing=plan.swing,
                            flow=flow_of(section.kind, is_rapped=is_rapped(row_of(plan))),
                        ),
                        chords=chords,
                    ),
                )
            start_bar += bars


def _earliest(before: _Draft | None, setting: Setting) -> int:
    """The first slot, from the line's bar line, at which it may begin: after the line before, and a breath."""
    if before is None:
        return 0 if setting.start_bar == 0 else -PICKUP_SLOTS
    last = before.setting.start_slot + before.slots[-1] - setting.start_slot
    grid = setting.grid
    held = max(grid.smallest_gap, math.ceil(min(_SHORTEST_HOLD_S, grid.flow.hold_s) / grid.slot_s))
    wanted = last + held + math.ceil(BREATH_S / grid.slot_s - 1e-9)
    # A line that is counted to its room must have its bar line.
    return max(-PICKUP_SLOTS, min(0, wanted), last + grid.smallest_gap + 1)


def _placed(line: LyricLine, setting: Setting, wishes: Sequence[int], earliest: int) -> tuple[int, ...]:
    """A line's rhythm, drawn anew."""
    syllables = line.syllables
    return place(
        emphasis(syllables, line.language),
        [not before.ends_word and not after.starts_word for before, after in pairwise(syllables)],
        setting.grid,
        accents=setting.accents,
        rng=stream(setting.seed, "rhythm", setting.kind.value, setting.letter),
        wishes=wishes,
        figure=() if wishes or setting.grid.flow is RAPPED else setting.figure_slots(sum(sizes(syllables))),
        commas=commas(syllables),
        wants=sizes(syllables),
        earliest=earliest,
    )


def _with_lengths(drafts: Sequence[_Draft]) -> list[_Draft]:
    """Syllables last until the next one; the last of a line is held, but leaves a breath before the next line."""
    finished = []
    for draft, after in zip(drafts, [*drafts[1:], None], strict=True):
        grid = draft.setting.grid
        hold_s = grid.flow.section_hold_s if draft.setting.is_last else grid.flow.hold_s
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


def _rapped(draft: _Draft, voice: VoiceChoice) -> VocalLine:
    """The line as speech on the grid."""
    return VocalLine(
        text=draft.line.text,
        language=draft.line.language,
        section=draft.section,
        syllables=rapped(draft.line.syllables, draft.slots, draft.lengths, draft.setting, voice),
        is_rapped=True,
    )


def _written(draft: _Draft, pitches: Sequence[int], plan: Plan, voice: VoiceChoice) -> VocalLine:
    """The line as notes."""
    setting = draft.setting
    lift = setting.lift_semitones
    steps = _steps(draft, pitches, plan, voice)
    strength = metre(setting.grid)
    sung = []
    for syllable, slot, moves in zip(draft.line.syllables, draft.slots, steps, strict=True):
        velocity = 80 + round(18 * float(strength[slot + PICKUP_SLOTS]))
        start = (setting.start_slot + slot) * SLOT_TICKS
        notes = _notes([(pitch + lift, length) for pitch, length in moves], start, velocity, plan.swing)
        sung.append(SungSyllable(syllable=syllable, notes=notes))
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


def _steps(draft: _Draft, pitches: Sequence[int], plan: Plan, voice: VoiceChoice) -> list[list[tuple[int, int]]]:
    """The pitches of each syllable with their lengths in slots."""
    setting = draft.setting
    top = voice.high_pitch - setting.lift_semitones
    ladder = [pitch for pitch in range(voice.low_pitch, top + 1) if pitch % 12 in setting.scale()]
    rng = stream(plan.seed, "melisma", setting.kind.value, draft.line.text)
    steps = []
    for index, (syllable, pitch, length) in enumerate(zip(draft.line.syllables, pitches, draft.lengths, strict=True)):
        is_last = index == len(pitches) - 1
        chance = melisma_chance(
            syllable,
            taste=row_of(plan).melisma,
            is_last=is_last,
            per_bar=len(pitches) / setting.grid.bars,
        )
        # Drawn for every syllable, so that the length of one does not change the runs of others.
        moves = rng.random() < chance and is_long(length, setting.grid)
        goal = None if is_last else pitches[index + 1]
        run = melisma(pitch, length, goal=goal, ladder=ladder, grid=setting.grid, rng=rng)
        steps.append(run if moves else [(pitch, length)])
    return steps


def _notes(steps: Sequence[tuple[int, int]], start: int, velocity: int, swing: float) -> tuple[Note, ...]:
    """Pitches with their lengths in slots, one after the other, in played time."""
    notes = []
    for pitch, length in steps:
        note = Note(onset_ticks=start, length_ticks=length * SLOT_TICKS, pitch=pitch, velocity=velocity)
        notes.append(swing_note(note, swing))
        start += length * SLOT_TICKS
    return tuple(notes)


def _harmony(sung: Sequence[SungSyllable], setting: Setting, voice: VoiceChoice) -> tuple[int, ...]:
    """The second voice of a line, where it sounds."""
    lift = setting.lift_semitones
    notes = [(note.onset_ticks, note.pitch - lift) for each in sung for note in each.notes]
    return tuple(pitch + lift for pitch in harmony_pitches(notes, setting, voice.high_pitch - lift))
