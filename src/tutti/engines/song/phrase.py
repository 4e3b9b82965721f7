"""One melodic line over its chords: the common hand of the singer's lines and the lead instrument's."""

from collections.abc import Sequence
from dataclasses import dataclass

from tutti.engines.song import harmony
from tutti.engines.song.genre import genre
from tutti.engines.song.melody import CONTOURS, Place, register, tune
from tutti.engines.song.model import Chord, Plan, SectionKind
from tutti.engines.song.motif import Motif
from tutti.engines.song.rhythm import PICKUP_SLOTS, SLOTS_PER_BEAT, Grid, Values, metre
from tutti.engines.song.seeds import pick, stream

_CONTOURS = {
    SectionKind.VERSE: ("arch", "wave", "rise", "valley"),
    SectionKind.PRE_CHORUS: ("rise", "wave"),
    SectionKind.CHORUS: ("fall", "arch", "valley", "wave", "dive"),
    SectionKind.BRIDGE: ("arch", "valley", "rise"),
}
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
    def chord_names(self) -> tuple[str, ...]:
        """The chords of its own bars, beat by beat."""
        beats = self.grid.bars * self.grid.beats_per_bar
        start = self.start_bar * self.grid.beats_per_bar
        return tuple(chord.name for chord in self.chords[start : start + beats])

    def chord_at(self, slot: float) -> Chord:
        """The chord that sounds at a slot counted from the line's bar line."""
        beat = int((self.start_slot + slot) // SLOTS_PER_BEAT)
        return self.chords[min(max(0, beat), len(self.chords) - 1)]

    def scale(self) -> tuple[int, ...]:
        """The pitch classes that the melody uses."""
        return harmony.scale(self.plan.tonic, self.plan.mode, genre(self.plan.genre).scale)


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
    strength = metre(setting.grid)
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
        )
        for index, (slot, length, stress, tone) in enumerate(zip(slots, lengths, emphasis, spoken, strict=True))
    ]
    bottom, top = register(setting.kind, low, high)
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
    )


def _contours(kind: SectionKind) -> tuple[str, ...]:
    return _CONTOURS.get(kind, ("arch", "wave", "fall"))


def _weight(strength: float, stress: float, *, is_long: bool, is_last: bool) -> float:
    """How much the ear listens to a note."""
    if is_last:
        return 1.0
    return min(1.0, strength + (0.3 if is_long else 0.0) + 0.15 * max(0.0, stress))


def _cadence(setting: Setting, chord: Chord) -> tuple[int, ...]:
    """Pitch classes to rest on: home at a section's end, open halfway, any chord tone elsewhere."""
    scale = harmony.scale(setting.plan.tonic, setting.plan.mode)
    tonic, second, third, _, fifth, *_ = scale
    wanted: tuple[int, ...]
    if setting.is_last and setting.kind in {SectionKind.PRE_CHORUS, SectionKind.BRIDGE}:
        wanted = (fifth, second)
    elif setting.is_last:
        wanted = (tonic,)
    elif setting.index % 2 == 1:
        wanted = (second, fifth)
    else:
        wanted = (third, fifth)
    fitting = tuple(degree for degree in wanted if degree in chord.tones)
    return fitting or tuple(chord.tones[:3])
