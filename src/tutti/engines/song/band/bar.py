"""What a player sees of the song: its bars one by one, and the strokes of a pattern within a bar."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from tutti.engines.song import harmony
from tutti.engines.song.band.turns import ending_of, intro_of, turn_out_of
from tutti.engines.song.blend import row_of, song_metre
from tutti.engines.song.genre import FULL_ENERGY, Chair
from tutti.engines.song.model import TICKS_PER_BEAT, Chord, Plan, PlanSection, SectionKind
from tutti.engines.song.rhythm import SLOT_TICKS, SLOTS_PER_BEAT

# How much fuller a passage is at its end than at its beginning.
_SLOPES = {
    SectionKind.INTRO: 0.12,
    SectionKind.VERSE: 0.1,
    SectionKind.PRE_CHORUS: 0.22,
    SectionKind.BRIDGE: 0.34,
    SectionKind.OUTRO: -0.16,
}


# An intro that begins with everybody is at least this full.
_FULL_INTRO_ENERGY = 0.74
# What is left of the sound in the last bar of a fade.
_FADED = 0.12


@dataclass(frozen=True, kw_only=True, slots=True)
class Bar:
    """One bar of the song."""

    start_ticks: int
    beats: int
    metre: str
    # The chord of each beat, and the one that follows the bar.
    chords: tuple[Chord, ...]
    next_chord: Chord
    kind: SectionKind
    # 0..1, rising or falling within the section.
    energy: float
    # Its number within the section, and how many bars the section has.
    index: int
    section_bars: int
    # How the section leads into the next one, and how the one before led here, in the words of `turns.py`.
    turn: tuple[str, ...]
    arrival: tuple[str, ...]
    # How the song begins, in its intro; how it ends, in its last section; "" elsewhere.
    intro: str
    ending: str
    is_sung: bool
    # The last chorus, which has a layer more than the others.
    is_lifted: bool
    # The last bar of the song: one stroke that rings.
    is_final: bool

    @property
    def bars_left(self) -> int:
        """Bars until something new begins, this one counted."""
        return self.section_bars - self.index

    @property
    def slots(self) -> int:
        """Sixteenths in the bar."""
        return self.beats * SLOTS_PER_BEAT

    @property
    def open_slots(self) -> int:
        """Sixteenths until the band falls silent: all of them but before a stop and at a short end."""
        if self.is_final and self.ending == "stop":
            return 2
        if "stop" in self.turn and self.bars_left == 1:
            return 8 if self.metre == "3/4" else self.slots // 2
        return self.slots

    @property
    def is_held(self) -> bool:
        """Whether chords are struck once and held: in the last bar, and before it in a tag."""
        if self.ending == "tag":
            return self.bars_left <= min(3, self.section_bars)
        return self.is_final and self.ending != "fade"

    @property
    def fade(self) -> float:
        """How loud it is against the usual, 0..1."""
        if self.ending != "fade":
            return 1.0
        return 1 - (1 - _FADED) * self.index / max(1, self.section_bars - 1)

    def chord_at(self, slot: int) -> Chord:
        """The chord that sounds at a sixteenth of the bar."""
        return self.chords[min(slot // SLOTS_PER_BEAT, self.beats - 1)]

    def seats(self, chair: Chair) -> bool:
        """Whether a chair plays in it. In an intro that is arranged, entrances decide instead of energy."""
        if chair.is_lift:
            return self.is_lifted
        return self.energy >= chair.from_energy or self.intro not in {"", "plain"}


def bars_of(plan: Plan) -> list[Bar]:
    """All bars of a plan in order."""
    chords = [chord for section in plan.sections for chord in harmony.by_beat(section.chords)]
    row = row_of(plan)
    metre = song_metre(plan)
    turns = [turn_out_of(plan, row, number) for number in range(len(plan.sections))]
    last_chorus = _last_chorus(plan.sections)
    bars = []
    for number, section in enumerate(plan.sections):
        intro = intro_of(plan, row) if number == 0 else ""
        ending = ending_of(plan, row) if number == len(plan.sections) - 1 else ""
        for index in range(section.bars):
            first_beat = (section.start_bar + index) * plan.beats_per_bar
            bars.append(
                Bar(
                    start_ticks=first_beat * TICKS_PER_BEAT,
                    beats=plan.beats_per_bar,
                    metre=metre,
                    chords=tuple(chords[first_beat : first_beat + plan.beats_per_bar]),
                    next_chord=chords[min(first_beat + plan.beats_per_bar, len(chords) - 1)],
                    kind=section.kind,
                    energy=_energy(section, index, intro),
                    index=index,
                    section_bars=section.bars,
                    turn=turns[number],
                    arrival=turns[number - 1] if number else (),
                    intro=intro,
                    ending=ending,
                    is_sung=section.lyric_section is not None,
                    is_lifted=number == last_chorus,
                    is_final=number == len(plan.sections) - 1 and index == section.bars - 1,
                )
            )
    return bars


def _energy(section: PlanSection, index: int, intro: str) -> float:
    """The energy of one bar of a section."""
    if intro == "full" or (intro == "riff" and index >= section.bars // 2):
        return max(section.energy, _FULL_INTRO_ENERGY)
    lift = _SLOPES.get(section.kind, 0.0) * (index / max(1, section.bars - 1) - 0.5)
    return min(1.0, max(0.05, section.energy + lift))


def _last_chorus(sections: tuple[PlanSection, ...]) -> int | None:
    """The number of the chorus that is to top all others; None where there is no other."""
    choruses = [number for number, section in enumerate(sections) if section.kind is SectionKind.CHORUS]
    return choruses[-1] if len(choruses) > 1 else None


@dataclass(frozen=True, slots=True)
class Stroke:
    """One letter of a pattern: where it falls and how long it rules, in sixteenths."""

    letter: str
    slot: int
    length: int


def strokes(pattern: str, slots: int, turn: int = 0) -> Iterator[Stroke]:
    """The strokes of a pattern cut to `slots` sixteenths; "." goes on, "_" is silence.

    A pattern of several bars gives the bar whose turn it is.
    """
    first = slots * (turn % max(1, len(pattern) // slots))
    cut = pattern[first : first + slots]
    starts = [slot for slot, letter in enumerate(cut) if letter != "."]
    for start, end in pairwise([*starts, len(cut)]):
        if cut[start] != "_":
            yield Stroke(cut[start], start, end - start)


def playing(chair: Chair, bars: list[Bar], held: str) -> Iterator[tuple[Bar, Stroke]]:
    """Every stroke of a chair through the song; where chords are held the pattern `held` instead of its own.

    A stroke over a change of chord within its time ends at the change: what rings on would be wrong.
    """
    for bar in bars:
        if not bar.seats(chair):
            continue
        pattern = held if bar.is_held else (chair.full if bar.energy >= FULL_ENERGY else chair.calm)
        for stroke in strokes(pattern, bar.slots, bar.index):
            if stroke.slot < bar.open_slots:
                length = min(_until_change(bar, stroke), bar.open_slots - stroke.slot)
                yield bar, Stroke(stroke.letter, stroke.slot, length)


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
    wanted = chair.velocity * (0.78 + 0.34 * bar.energy) + pulse + accent
    return max(1, min(127, round(wanted * bar.fade)))


def ticks(bar: Bar, slot: int) -> int:
    """A sixteenth of a bar in ticks from the song's start."""
    return bar.start_ticks + slot * SLOT_TICKS
