"""One melodic line over its chords: the common hand of the singer's lines and the lead instrument's.

Lines are thought in the song's own key; whoever writes them down adds `Setting.lift_semitones`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from tutti.engines.song import harmony
from tutti.engines.song.blend import row_of, song_metre
from tutti.engines.song.hook import Figure, line_figure
from tutti.engines.song.melody import CONTOURS, Place, register, tune
from tutti.engines.song.model import Chord, Plan, PlanSection, SectionKind
from tutti.engines.song.motif import Motif, sign_of
from tutti.engines.song.rhythm import PICKUP_SLOTS, SLOTS_PER_BEAT, Grid, Values, metre
from tutti.engines.song.seeds import pick, stream

_CONTOURS = {
    SectionKind.VERSE: ("arch", "wave", "rise", "valley"),
    SectionKind.PRE_CHORUS: ("rise", "wave"),
    SectionKind.CHORUS: ("fall", "arch", "valley", "wave", "dive"),
    SectionKind.BRIDGE: ("arch", "valley", "rise"),
}
_Degrees = tuple[tuple[int, ...], ...]
# Scale degrees, counted from 0, that a line may end on, better ones first.
_OPEN: _Degrees = ((1, 4), (6, 2))
_HALF_CLOSED: _Degrees = ((2, 0), (4,))
_CLOSED: _Degrees = ((0,), (2,), (4,))
# Semitones by which each line of a pre-chorus lies above the one before.
_PRE_CHORUS_RISE = 1
# A note this long is heard as a resting point.
_LONG_S = 0.5
# The chord under a note is the one that sounds in its middle, but not later than an eighth in: long notes meet the
# chord they begin with, notes just before a bar line the one that follows.
_HEARD_SLOTS = 2


@dataclass(frozen=True, kw_only=True, slots=True)
class Setting:
    """Where a line stands in the song."""

    plan: Plan
    seed: int
    kind: SectionKind
    # Its letter in the section's scheme, its place among the section's lines, and whether it is the last.
    letter: str
    index: int
    is_last: bool
    start_bar: int
    grid: Grid
    # The chord of every beat of the whole song.
    chords: Sequence[Chord]

    @property
    def start_slot(self) -> int:
        """Its bar line in sixteenths from the song's start."""
        return self.start_bar * self.grid.beats_per_bar * SLOTS_PER_BEAT

    @property
    def section(self) -> PlanSection:
        """The section that it stands in."""
        sections = self.plan.sections
        return next((each for each in reversed(sections) if each.start_bar <= self.start_bar), sections[0])

    @property
    def lift_semitones(self) -> int:
        """How far above the song's own key it sounds."""
        return self.section.lift_semitones

    @property
    def chord_names(self) -> tuple[str, ...]:
        """The chords of its own bars, beat by beat, as motifs remember them."""
        beats = self.grid.bars * self.grid.beats_per_bar
        start = self.start_bar * self.grid.beats_per_bar
        return tuple(sign_of(chord, self.lift_semitones) for chord in self.chords[start : start + beats])

    def chord_at(self, slot: float) -> Chord:
        """The chord that sounds at a slot counted from the line's bar line, in the song's own key.

        What leads into a section belongs to it, and so to its key.
        """
        beat = max(int((self.start_slot + slot) // SLOTS_PER_BEAT), self.section.start_bar * self.grid.beats_per_bar)
        chord = self.chords[min(beat, len(self.chords) - 1)]
        lift = self.lift_semitones
        if not lift:
            return chord
        root, bass, *tones = ((each - lift) % 12 for each in (chord.root, chord.bass, *chord.tones))
        return replace(chord, root=root, bass=bass, tones=tuple(tones))

    @property
    def accents(self) -> str:
        """Where the syllables of its kind of section like to fall: one digit 0..9 for each sixteenth of a bar."""
        templates = row_of(self.plan).accents_in(song_metre(self.plan))
        return pick(stream(self.seed, "accents", self.kind.value), templates)

    @property
    def figure(self) -> Figure:
        """What its bars are made from."""
        return line_figure(self.plan, self.kind, self.letter)

    def scale(self) -> tuple[int, ...]:
        """The pitch classes that the melody uses, in the song's own key."""
        return harmony.scale(self.plan.tonic, self.plan.mode, row_of(self.plan).scale)

    def figure_slots(self, syllables: int) -> tuple[int, ...]:
        """The slots of its figure in every bar, for a line of so many syllables."""
        figure, length = self.figure, self.grid.beats_per_bar * SLOTS_PER_BEAT
        share = self.grid.last_slot / length
        in_bar = figure.slots(max(2, round(syllables / max(1.0, share))))
        return tuple(bar * length + slot for bar in range(self.grid.bars) for slot in in_bar)


def pitches_for(
    setting: Setting,
    slots: Sequence[int],
    lengths: Sequence[int],
    *,
    emphasis: Values,
    low: int,
    high: int,
    tones: Sequence[int] = (),
    echo: Motif | None = None,
    echo_shift: int = 0,
    previous: int | None = None,
) -> tuple[int, ...]:
    """The tune of a line whose rhythm stands; `echo_shift` semitones lift an echoed motif into another range."""
    strength, figure = metre(setting.grid), setting.figure
    semitones = 12 / len(setting.scale())
    spoken = tones or [0] * len(slots)
    places = [
        Place(
            weight=_weight(
                float(strength[slot + PICKUP_SLOTS]),
                float(stress),
                is_long=length * setting.grid.slot_s >= _LONG_S,
                is_last=index == len(slots) - 1,
            ),
            chord=setting.chord_at(slot + min(length / 2, _HEARD_SLOTS)),
            tone=tone,
            echo=echo.pitch_near(slot) + echo_shift if echo else None,
            step=figure.step(slots[index - 1], slot) if index else None,
            lean=figure.lean(slot) * semitones,
            position=_position(setting.grid, slot),
        )
        for index, (slot, length, stress, tone) in enumerate(zip(slots, lengths, emphasis, spoken, strict=True))
    ]
    bottom, top = _register(setting, low, high)
    shape = pick(stream(setting.seed, "contour", setting.kind.value, setting.letter), _contours(setting.kind))
    return tune(
        places,
        scale=setting.scale(),
        low=bottom,
        high=top,
        contour=CONTOURS[shape],
        cadence=_cadence(setting, places[-1].chord),
        rng=stream(setting.seed, "melody", setting.start_bar),
        previous=previous,
        boldness=setting.plan.weirdness,
        plain=harmony.scale(setting.plan.tonic, setting.plan.mode, "pentatonic")
        if setting.kind is SectionKind.CHORUS
        else (),
    )


def _register(setting: Setting, low: int, high: int) -> tuple[int, int]:
    """The pitches of a line: its section's, each line of a pre-chorus above the one before.

    Where a section of the kind comes lifted, all keep so much below the top.
    """
    lift = max(each.lift_semitones for each in setting.plan.sections if each.kind is setting.section.kind)
    bottom, top = register(setting.kind, low, high - lift)
    if setting.kind is SectionKind.PRE_CHORUS:
        rise = min(_PRE_CHORUS_RISE * setting.index, high - lift - top)
        return bottom + rise, top + rise
    return bottom, top


def _position(grid: Grid, slot: int) -> float:
    """Where the middle of a slot's bar lies in its line, 0..1; a pickup goes with the bar that it leads to."""
    bar = max(0, slot) * grid.bars // grid.slots
    return (bar + 0.5) / grid.bars


def _contours(kind: SectionKind) -> tuple[str, ...]:
    return _CONTOURS.get(kind, ("arch", "wave", "fall"))


def _weight(strength: float, stress: float, *, is_long: bool, is_last: bool) -> float:
    """How much the ear listens to a note."""
    if is_last:
        return 1.0
    return min(1.0, strength + (0.3 if is_long else 0.0) + 0.15 * max(0.0, stress))


def _cadence(setting: Setting, chord: Chord) -> tuple[int, ...]:
    """Pitch classes to rest on: a call stays open, its answer half closes, home at the section's end.

    Pre-choruses and bridges stay open, for what follows.
    """
    scale = harmony.scale(setting.plan.tonic, setting.plan.mode)
    if setting.is_last:
        choices = _OPEN if setting.kind in {SectionKind.PRE_CHORUS, SectionKind.BRIDGE} else _CLOSED
    else:
        choices = _HALF_CLOSED if setting.index % 2 else _OPEN
    for degrees in choices:
        fitting = tuple(scale[degree] for degree in degrees if scale[degree] in chord.tones)
        if fitting:
            return fitting
    return tuple(chord.tones[:3])
