"""What a song remembers of itself, so that a chorus comes back and a second verse sounds like the first."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from tutti.engines.song.feel import straight
from tutti.engines.song.model import Chord, Plan, PlanSection, Score, SectionKind, SungSyllable, VocalLine
from tutti.engines.song.rhythm import SLOT_TICKS, SLOTS_PER_BEAT
from tutti.engines.song.seeds import pick, stream

# Which lines of four share a tune.
_SCHEMES = {
    SectionKind.VERSE: ("ABAC", "AABC", "ABAB", "AABA"),
    SectionKind.CHORUS: ("ABAC", "AABA", "ABAB", "AAAB"),
}
_OTHER_SCHEMES = ("AABB", "ABAB", "ABAC")


@dataclass(frozen=True, kw_only=True, slots=True)
class Motif:
    """The tune of one line: slots counted from its bar line (see `rhythm.py`) and a pitch for each.

    It is kept in the song's own key: what was sung after a key change is moved back.
    """

    text: str
    bars: int
    slots: tuple[int, ...]
    pitches: tuple[int, ...]
    # The chords under it, beat by beat, as `sign_of` has them: only over the same ones does it come back unchanged.
    chords: tuple[str, ...]

    def pitch_near(self, slot: int) -> int:
        """The pitch of the syllable that lies nearest to a slot."""
        nearest = min(range(len(self.slots)), key=lambda index: abs(self.slots[index] - slot))
        return self.pitches[nearest]


@dataclass(slots=True)
class Motifs:
    """The motifs so far, by kind of section and letter in its scheme, and by the very words."""

    _by_letter: dict[tuple[SectionKind, str], Motif] = field(default_factory=dict)
    _by_text: dict[tuple[SectionKind, str], Motif] = field(default_factory=dict)

    def keep(self, kind: SectionKind, letter: str, motif: Motif) -> None:
        """Remember a line; the first of its letter and the first of its words stay."""
        self._by_letter.setdefault((kind, letter), motif)
        if motif.text:
            self._by_text.setdefault((kind, motif.text), motif)

    def of_letter(self, kind: SectionKind, letter: str, bars: int) -> Motif | None:
        """The motif that a line of `bars` bars should echo."""
        motif = self._by_letter.get((kind, letter))
        return motif if motif is not None and motif.bars == bars else None

    def of_text(self, kind: SectionKind, text: str, bars: int) -> Motif | None:
        """The motif of the very same words."""
        motif = self._by_text.get((kind, text)) if text else None
        return motif if motif is not None and motif.bars == bars else None


def scheme(plan: Plan, kind: SectionKind) -> str:
    """Four letters: which lines of a section share a tune, the same for all sections of a kind."""
    return pick(stream(plan.seed, "scheme", kind.value), _SCHEMES.get(kind, _OTHER_SCHEMES))


def sign_of(chord: Chord, lift_semitones: int = 0) -> str:
    """What tells chords apart wherever the key has gone: root and tones against the song's own key."""
    return " ".join(str((tone - lift_semitones) % 12) for tone in (chord.root, *chord.tones))


def remembered(plan: Plan, score: Score, chords: Sequence[Chord]) -> Motifs:
    """The motifs of a finished song, for one that goes on from it; `chords` has one for each beat."""
    motifs = Motifs()
    places: dict[int, int] = {}
    for line in score.vocals:
        section = plan.sections[line.section]
        index = places.get(line.section, 0)
        places[line.section] = index + 1
        if not line.is_rapped:
            motifs.keep(section.kind, scheme(plan, section.kind)[index % 4], _motif(plan, section, index, line, chords))
    return motifs


def _motif(plan: Plan, section: PlanSection, index: int, line: VocalLine, chords: Sequence[Chord]) -> Motif:
    """What to remember of a sung line, the `index`th of its section."""
    # Lines without syllables have no bars of their own.
    line_bars = [bars for bars in section.line_bars if bars]
    bars = line_bars[index] if index < len(line_bars) else 2
    start_bar = section.start_bar + sum(line_bars[:index])
    start_beat = start_bar * plan.beats_per_bar
    onsets = [straight(each.notes[0].onset_ticks, plan.swing) for each in line.syllables]
    return Motif(
        text=line.text,
        bars=bars,
        slots=tuple(round(onset / SLOT_TICKS) - start_beat * SLOTS_PER_BEAT for onset in onsets),
        pitches=tuple(_held_pitch(each) - section.lift_semitones for each in line.syllables),
        chords=tuple(
            sign_of(chord, section.lift_semitones)
            for chord in chords[start_beat : start_beat + bars * plan.beats_per_bar]
        ),
    )


def _held_pitch(sung: SungSyllable) -> int:
    """The pitch that a syllable is held on, whatever leads to or from it."""
    return max(sung.notes, key=lambda note: note.length_ticks).pitch
