"""What a player sees of the song: its bars one by one, and the strokes of a pattern within a bar."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from tutti.engines.song import harmony
from tutti.engines.song.genre import FULL_ENERGY, Chair
from tutti.engines.song.model import TICKS_PER_BEAT, Chord, Plan, SectionKind
from tutti.engines.song.rhythm import SLOT_TICKS, SLOTS_PER_BEAT

# How much fuller a passage is at its end than at its beginning.
_SLOPES = {
    SectionKind.INTRO: 0.12,
    SectionKind.VERSE: 0.1,
    SectionKind.PRE_CHORUS: 0.22,
    SectionKind.BRIDGE: 0.34,
    SectionKind.OUTRO: -0.16,
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Bar:
    """One bar of the song."""

    start_ticks: int
    beats: int
    # The chord of each beat, and the one that follows the bar.
    chords: tuple[Chord, ...]
    next_chord: Chord
    kind: SectionKind
    # 0..1, rising or falling within the section.
    energy: float
    # Its number within the section, and how many bars the section has.
    index: int
    section_bars: int
    # The energy of the section that follows; 0 at the end of the song.
    next_energy: float
    is_sung: bool
    # The last bar of the song: one stroke that rings.
    is_final: bool

    @property
    def is_last_of_section(self) -> bool:
        """Whether the next bar begins something new."""
        return self.index == self.section_bars - 1

    @property
    def slots(self) -> int:
        """Sixteenths in the bar."""
        return self.beats * SLOTS_PER_BEAT

    def chord_at(self, slot: int) -> Chord:
        """The chord that sounds at a sixteenth of the bar."""
        return self.chords[min(slot // SLOTS_PER_BEAT, self.beats - 1)]


def bars_of(plan: Plan) -> list[Bar]:
    """All bars of a plan in order."""
    chords = [harmony.by_beat(section.chords) for section in plan.sections]
    every = [chord for section in chords for chord in section]
    bars = []
    for number, section in enumerate(plan.sections):
        following = plan.sections[number + 1].energy if number + 1 < len(plan.sections) else 0.0
        for index in range(section.bars):
            first_beat = (section.start_bar + index) * plan.beats_per_bar
            lift = _SLOPES.get(section.kind, 0.0) * (index / max(1, section.bars - 1) - 0.5)
            bars.append(
                Bar(
                    start_ticks=first_beat * TICKS_PER_BEAT,
                    beats=plan.beats_per_bar,
                    chords=tuple(every[first_beat : first_beat + plan.beats_per_bar]),
                    next_chord=every[min(first_beat + plan.beats_per_bar, len(every) - 1)],
                    kind=section.kind,
                    energy=min(1.0, max(0.05, section.energy + lift)),
                    index=index,
                    section_bars=section.bars,
                    next_energy=following,
                    is_sung=section.lyric_section is not None,
                    is_final=number == len(plan.sections) - 1 and index == section.bars - 1,
                )
            )
    return bars


@dataclass(frozen=True, slots=True)
class Stroke:
    """One letter of a pattern: where it falls and how long it rules, in sixteenths."""

    letter: str
    slot: int
    length: int


def strokes(pattern: str, slots: int) -> Iterator[Stroke]:
    """The strokes of a pattern cut to `slots` sixteenths; "." goes on, "_" is silence."""
    cut = pattern[:slots]
    starts = [slot for slot, letter in enumerate(cut) if letter != "."]
    for start, end in pairwise([*starts, len(cut)]):
        if cut[start] != "_":
            yield Stroke(cut[start], start, end - start)


def playing(chair: Chair, bars: list[Bar], final: str) -> Iterator[tuple[Bar, Stroke]]:
    """Every stroke of a chair through the song; in the last bar the pattern `final` instead of its own.

    A stroke over a change of chord within its time ends at the change: what rings on would be wrong.
    """
    for bar in bars:
        if bar.energy < chair.from_energy:
            continue
        pattern = final if bar.is_final else (chair.full if bar.energy >= FULL_ENERGY else chair.calm)
        for stroke in strokes(pattern, bar.slots):
            yield bar, Stroke(stroke.letter, stroke.slot, _until_change(bar, stroke))


def _until_change(bar: Bar, stroke: Stroke) -> int:
    """The stroke's length, or less where the chord changes under it."""
    chord = bar.chord_at(stroke.slot)
    for slot in range(stroke.slot + 1, stroke.slot + stroke.length):
        if bar.chord_at(slot) is not chord:
            return slot - stroke.slot
    return stroke.length


def loudness(chair: Chair, bar: Bar, slot: int, *, accent: int = 0) -> int:
    """A MIDI velocity: the chair's own, by the bar's energy, a little more on the beat."""
    pulse = 6 if slot == 0 else 3 if slot % SLOTS_PER_BEAT == 0 else -3
    return max(1, min(127, round(chair.velocity * (0.78 + 0.34 * bar.energy)) + pulse + accent))


def ticks(bar: Bar, slot: int) -> int:
    """A sixteenth of a bar in ticks from the song's start."""
    return bar.start_ticks + slot * SLOT_TICKS
