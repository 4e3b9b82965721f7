"""What each stage of a song hands to the next.

request -> `Brief` -> `Lyrics` -> `Plan` -> `Score` -> `Stems` -> mix -> master -> files. Every stage is a pure function
of the earlier ones and a seed, one module each; this module holds only the values they exchange, so that a stage can be
read, tested and replaced alone. Musical time is counted in ticks here (`TICKS_PER_BEAT` to a quarter note); seconds
exist only in audio, and `Score.seconds_at` is the one bridge.
"""

from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

Audio = NDArray[np.float32]

TICKS_PER_BEAT = 480
SAMPLE_RATE_HZ = 44_100


class Language(StrEnum):
    """The languages that the singer sings."""

    ENGLISH = "en"
    MANDARIN = "zh"
    JAPANESE = "ja"


class Gender(StrEnum):
    """Whose voice leads."""

    FEMALE = "f"
    MALE = "m"


class SectionKind(StrEnum):
    """The parts of a song's form."""

    INTRO = "intro"
    VERSE = "verse"
    PRE_CHORUS = "pre-chorus"
    CHORUS = "chorus"
    BRIDGE = "bridge"
    BREAK = "break"  # an instrumental passage between sung sections
    OUTRO = "outro"


@dataclass(frozen=True, kw_only=True, slots=True)
class Palette:
    """What is asked of the band beyond its genre."""

    # Another genre that lends of its own, such as the drums in "lo-fi jazz"; "" for none.
    second: str = ""
    # Instruments of `data/instruments.toml` that are to play, and that are not to: "piano", "drums" ...
    wanted: tuple[str, ...] = ()
    unwanted: tuple[str, ...] = ()
    # A row of `data/eras.toml`: "80s"; "" for none.
    era: str = ""
    # "4/4", "3/4" or "6/8"; "" leaves it to the genre.
    metre: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Brief:
    """What the caller's words ask for, understood: read from tags, description and lyrics by `brief.py`."""

    # A row of the genre table, such as "pop"; the nearest one where the words name none.
    genre: str
    # Mood words of our vocabulary, strongest first: "emotional", "happy", "dark" ...
    moods: tuple[str, ...] = ()
    language: Language = Language.ENGLISH
    # None leaves the choice to genre and seed.
    gender: Gender | None = None
    # Voice colours asked for: "soft", "power", "bright", "dark", "child"; "duet" for two singers.
    voice_colours: tuple[str, ...] = ()
    instrumental: bool = False
    # What the song is about, in the caller's words; "" when the lyrics say it.
    theme: str = ""
    title: str = ""
    # The style line as shown to people and written into the files.
    style: str = ""
    # Quarter notes a minute when the caller named a tempo.
    bpm: float | None = None
    # Pitch class of the tonic 0..11 and "major" or "minor" when the caller named a key, or a mode alone.
    tonic: int | None = None
    mode: str | None = None
    palette: Palette = Palette()


@dataclass(frozen=True, kw_only=True, slots=True)
class Syllable:
    """One sung syllable in the singer's phonetic letters (the Kokoro v1.0 alphabet)."""

    onset: tuple[str, ...]
    nucleus: tuple[str, ...]
    coda: tuple[str, ...] = ()
    # 0 none, 1 primary, 2 secondary; Mandarin syllables carry 1 unless neutral.
    stress: int = 0
    # The Mandarin tone 1..5 (5 neutral); 0 in other languages.
    tone: int = 0
    # The morae of a Japanese syllable, each wanting as much time as a short one; 0 in other languages.
    morae: int = 0
    # The letters that a karaoke display shows for it; a line's syllable texts joined give the line's words.
    text: str = ""
    starts_word: bool = True
    ends_word: bool = True


@dataclass(frozen=True, kw_only=True, slots=True)
class LyricLine:
    """One line of words; `language` may differ from line to line."""

    text: str
    language: Language
    syllables: tuple[Syllable, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class LyricSection:
    """One section under its mark; a mark without lines, such as [Solo], is an instrumental passage."""

    kind: SectionKind
    # The mark as written, without brackets: "Verse 2".
    label: str
    lines: tuple[LyricLine, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Lyrics:
    """All words of a song in singing order, and the text they came from."""

    text: str
    sections: tuple[LyricSection, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Chord:
    """A chord for some beats: `root` and `tones` are pitch classes 0..11 with C = 0, `bass` what the bass plays."""

    root: int
    tones: tuple[int, ...]
    bass: int
    beats: int
    # The name a musician reads: "Am7", "F/A".
    name: str


@dataclass(frozen=True, kw_only=True, slots=True)
class PlanSection:
    """One stretch of the form."""

    kind: SectionKind
    label: str
    start_bar: int
    bars: int
    # In playing order; their beats sum to bars * beats_per_bar.
    chords: tuple[Chord, ...]
    # 0 (bare) .. 1 (everything plays).
    energy: float
    # Which section of the lyrics is sung here; None is instrumental.
    lyric_section: int | None = None
    # Bars given to each sung line of that section, in order.
    line_bars: tuple[int, ...] = ()
    # How far above the plan's key the section lies, after a key change; `chords` are written where they sound.
    lift_semitones: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class VoiceColour:
    """What is done to a speaker's sound: nothing by default."""

    # The resonances' frequencies over the speaker's own, and the spectrum's tilt around 1 kHz in decibels per octave.
    formants: float = 1.0
    tilt_db: float = 0.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Partner:
    """The second singer of a duet, who sings so many octaves from where the tune is written."""

    blend: tuple[tuple[str, float], ...]
    colour: VoiceColour
    octaves: int


@dataclass(frozen=True, kw_only=True, slots=True)
class VoiceChoice:
    """Who sings: weighted Kokoro voices (weights sum to 1) and the comfortable range in MIDI notes, inclusive."""

    blend: tuple[tuple[str, float], ...]
    gender: Gender
    low_pitch: int
    high_pitch: int
    colour: VoiceColour = VoiceColour()
    # None: one singer sings every line.
    partner: Partner | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    """The form before any note: everything that makes two renderings the same song."""

    title: str
    style: str
    genre: str
    language: Language
    seed: int
    bpm: float
    beats_per_bar: int
    # Pitch class of the tonic 0..11 and "major" or "minor".
    tonic: int
    mode: str
    sections: tuple[PlanSection, ...]
    # None in an instrumental.
    voice: VoiceChoice | None
    # Fraction of a beat by which off-beat eighths come late: 0 straight, 1/6 triplet swing.
    swing: float = 0.0
    # Instrument of each part: part name -> General MIDI program 0..127; drums are a kit name in `drum_kit`.
    instruments: dict[str, int] = field(default_factory=dict)
    drum_kit: str = "acoustic"
    # 0..1: how far from the usual its tune and harmony go.
    weirdness: float = 0.0
    palette: Palette = Palette()
    # What the listener should know about how the wish was met, such as lines left out for want of time.
    remarks: tuple[str, ...] = ()

    @property
    def bars(self) -> int:
        """The length in bars."""
        return sum(section.bars for section in self.sections)


@dataclass(frozen=True, kw_only=True, slots=True)
class Note:
    """One played or sung pitch."""

    onset_ticks: int
    length_ticks: int
    # MIDI note number, 60 = middle C; drums use General MIDI percussion numbers.
    pitch: int
    velocity: int = 90


@dataclass(frozen=True, kw_only=True, slots=True)
class SungSyllable:
    """A syllable on its notes: several notes are a melisma, the first one starts on the beat."""

    syllable: Syllable
    notes: tuple[Note, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class VocalLine:
    """One sung line; `section` indexes `Plan.sections`."""

    text: str
    language: Language
    section: int
    syllables: tuple[SungSyllable, ...]
    # Whether it is spoken in rhythm about one pitch instead of sung to a tune.
    is_rapped: bool = False
    # Whether doubles and a harmony are laid around it, and the harmony's pitches, one per note in order.
    doubled: bool = False
    harmony_pitches: tuple[int, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Part:
    """One instrument's notes in onset order; `program` is None for drums."""

    name: str
    program: int | None
    notes: tuple[Note, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Score:
    """Every note of the song."""

    bpm: float
    beats_per_bar: int
    bars: int
    vocals: tuple[VocalLine, ...]
    parts: tuple[Part, ...]

    def seconds_at(self, ticks: float) -> float:
        """Seconds from the song's start to a musical time in ticks."""
        return ticks / TICKS_PER_BEAT * 60.0 / self.bpm

    def ticks_at(self, seconds: float) -> float:
        """Musical time in ticks at a time in seconds; the inverse of `seconds_at`."""
        return seconds * self.bpm / 60.0 * TICKS_PER_BEAT

    @property
    def duration_s(self) -> float:
        """Length of the bars in seconds, without the last sound's tail."""
        return self.seconds_at(self.bars * self.beats_per_bar * TICKS_PER_BEAT)


@dataclass(frozen=True, kw_only=True, slots=True)
class Stems:
    """The sounding parts before the mix: float32, shape (2, samples), -1..1, at 44,100 Hz, all of one length."""

    # "lead", "doubles", "harmony", "breaths" where sung; then one per `Part.name`.
    tracks: dict[str, Audio]

    @property
    def samples(self) -> int:
        """Length of every track."""
        return int(next(iter(self.tracks.values())).shape[1])


@dataclass(frozen=True, kw_only=True, slots=True)
class TimedSyllable:
    """When a syllable is heard, in seconds from the start of the audio file."""

    text: str
    start_s: float
    end_s: float
    ends_word: bool = True


@dataclass(frozen=True, kw_only=True, slots=True)
class TimedLine:
    """When a line is heard, for karaoke, SYLT and LRC."""

    text: str
    start_s: float
    end_s: float
    syllables: tuple[TimedSyllable, ...]
