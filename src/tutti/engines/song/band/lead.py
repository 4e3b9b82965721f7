"""The melody where nobody sings: breaks, some intros and outros, and the whole of an instrumental."""

from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np

from tutti.engines.song.blend import row_of
from tutti.engines.song.model import Chord, Note, Plan, PlanSection, SectionKind
from tutti.engines.song.motif import Motif, Motifs, scheme
from tutti.engines.song.phrase import Setting, pitches_for
from tutti.engines.song.rhythm import SLOT_TICKS, Grid, Values, place
from tutti.engines.song.seeds import stream

# C4..A5: above the chords, below what tires the ear.
_LOW, _HIGH = 60, 81
_CENTRE = 70
_PHRASE_BARS = 2
_VELOCITY = 82


def play(plan: Plan, seed: int, chords: Sequence[Chord], motifs: Motifs) -> list[Note]:
    """The lead part in straight time. It quotes the chorus that was sung; its own tunes go into `motifs`."""
    notes: list[Note] = []
    previous: int | None = None
    for number, section in enumerate(plan.sections):
        if not _leads(plan, section, number, seed):
            continue
        for setting in _phrases(plan, section, seed, chords):
            slots, pitches = _phrase(setting, motifs, previous)
            notes += _notes(setting, slots, pitches)
            previous = pitches[-1]
    return notes


def _leads(plan: Plan, section: PlanSection, number: int, seed: int) -> bool:
    """Whether the lead plays in a section."""
    if section.lyric_section is not None:
        return False
    if section.kind in {SectionKind.INTRO, SectionKind.OUTRO}:
        return stream(seed, "lead", number).random() < (0.3 if plan.voice is None else 0.6)
    return True


def _phrases(plan: Plan, section: PlanSection, seed: int, chords: Sequence[Chord]) -> Iterator[Setting]:
    """The section in phrases of two bars; a bar that is left over rests, and the very last bar of a song rings."""
    whole = section.bars // _PHRASE_BARS
    if section is plan.sections[-1]:
        whole = (section.bars - 1) // _PHRASE_BARS
    kind = (
        SectionKind.CHORUS
        if section.kind in {SectionKind.BREAK, SectionKind.INTRO, SectionKind.OUTRO}
        else section.kind
    )
    for index in range(whole):
        yield Setting(
            plan=plan,
            seed=seed,
            kind=kind,
            letter=scheme(plan, kind)[index % 4],
            index=index,
            is_last=index == whole - 1,
            start_bar=section.start_bar + index * _PHRASE_BARS,
            grid=Grid(
                bars=_PHRASE_BARS,
                beats_per_bar=plan.beats_per_bar,
                bpm=plan.bpm,
                is_compound=row_of(plan).compound,
                swing=plan.swing,
            ),
            chords=chords,
        )


def _phrase(setting: Setting, motifs: Motifs, previous: int | None) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Slots and pitches of one phrase: an echo of its letter's motif where there is one."""
    rng = stream(setting.seed, "lead", setting.start_bar)
    echo = motifs.of_letter(setting.kind, setting.letter, setting.grid.bars)
    slots = tuple(slot for slot in echo.slots if slot >= 0) if echo else ()
    shift = _octaves(echo) if echo else 0
    weights = _weights(len(slots), rng)
    if not slots:
        weights = _weights(int(rng.integers(5, 10)), rng)
        slots = _rhythm(setting, weights, rng)
    lengths = [later - earlier for earlier, later in pairwise([*slots, setting.grid.slots])]
    pitches = pitches_for(
        setting,
        slots,
        lengths,
        emphasis=weights,
        low=_LOW,
        high=_HIGH,
        echo=echo,
        echo_shift=shift,
        previous=previous,
    )
    if echo is None:
        motifs.keep(
            setting.kind,
            setting.letter,
            Motif(text="", bars=setting.grid.bars, slots=slots, pitches=pitches, chords=setting.chord_names),
        )
    return slots, pitches


def _weights(count: int, rng: np.random.Generator) -> Values:
    """Stresses for notes without words."""
    return np.where(rng.random(count) < 0.45, 1.0, -0.4)


def _rhythm(setting: Setting, weights: Values, rng: np.random.Generator) -> tuple[int, ...]:
    """Where the notes of a new phrase fall."""
    return place(weights, [False] * (len(weights) - 1), setting.grid, accents=setting.accents, rng=rng)


def _octaves(echo: Motif) -> int:
    """The whole octaves, in semitones, that bring a motif nearest to the lead's middle."""
    middle = sorted(echo.pitches)[len(echo.pitches) // 2]
    return 12 * round((_CENTRE - middle) / 12)


def _notes(setting: Setting, slots: Sequence[int], pitches: Sequence[int]) -> list[Note]:
    """The phrase as notes; the last one leaves a rest."""
    ends = [*slots[1:], min(setting.grid.slots - 1, slots[-1] + 8)]
    return [
        Note(
            onset_ticks=(setting.start_slot + slot) * SLOT_TICKS,
            length_ticks=max(1, round((end - slot) * SLOT_TICKS * 0.95)),
            pitch=pitch + setting.lift_semitones,
            velocity=_VELOCITY + (8 if slot % 8 == 0 else 0),
        )
        for slot, end, pitch in zip(slots, ends, pitches, strict=True)
    ]
