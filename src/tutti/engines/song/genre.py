"""The genre table: what makes a song sound like pop, punk or a bossa, one file each in `genres/`.

A genre's band is a list of chairs; what a chair plays is one of the few manners in `band/`, with a pattern of its own.
What several genres share has a name: progressions (`progressions.toml`), grooves (`band/grooves.toml`), kits
(`drums/kits.toml`). To add a genre: one file in `genres/`, the words that ask for it in `data/brief.toml`, and a row in
`desk.toml` where its sound differs from pop's.
"""

import tomllib
from functools import cache
from importlib import resources

import msgspec

from tutti.engines.song.metre import metre_of, patterns_in
from tutti.engines.song.model import SectionKind


class Chair(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One player of the band.

    Patterns have one letter for each sixteenth of a bar, or of several bars that take turns: "." goes on sounding, "_"
    stops, other letters mean what the manner of playing says (see `band/`). They are written for the genre's first
    metre; in another one the manner's own pattern stands in (`data/metres.toml`).
    """

    # The part's name in the score: "bass", "keys", "guitar" ...
    name: str
    # The manner: "bass", "comp", "strum", "power", "arpeggio", "pad", "counter".
    play: str
    # General MIDI programs to choose from; synthesisers (38, 39, 80..) and electric guitars (26..30) are our own.
    programs: tuple[int, ...]
    # The pattern below and from `FULL_ENERGY` of a section's energy.
    calm: str = "x..............."
    full: str = "x..............."
    # How much of the time until the next stroke a note sounds, 0..1.
    gate: float = 0.95
    # MIDI note around which it plays.
    centre: int = 60
    # Silent in sections of less energy; what begins above 0.9 plays in the last chorus alone.
    from_energy: float = 0.0
    velocity: int = 70

    @property
    def is_lift(self) -> bool:
        """Whether it waits for the last chorus."""
        return self.from_energy > _LIFT_ENERGY


class Layout(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How a genre lays its songs out, as far as their length allows."""

    intro_bars: int = 4
    outro_bars: int = 4
    # When the band plays alone among the words: "last", before the last chorus where the song has time; "chorus", after
    # every chorus but the last; "never".
    breaks: str = "last"
    break_bars: int = 8
    # What an instrumental plays between intro and outro, each for eight bars.
    body: tuple[SectionKind, ...] = (
        *(SectionKind.VERSE, SectionKind.CHORUS) * 2,
        *(SectionKind.BRIDGE, SectionKind.CHORUS),
        *(SectionKind.BREAK, SectionKind.CHORUS) * 2,
    )


class Genre(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One row of the table."""

    # Slowest and fastest usual tempo in quarter notes a minute.
    bpm: tuple[int, int]
    # Beats a bar to choose from, repeated as often as they are likely.
    meters: tuple[int, ...] = (4,)
    # Whether bars of three beats are felt in two (6/8) instead of three (3/4).
    compound: bool = False
    # As `Plan.swing`; and the same for the second sixteenth of each half beat, in the band alone.
    swing: float = 0.0
    shuffle: float = 0.0
    # How likely a minor key and a female lead are when nobody asks, 0..1.
    minor: float
    female: float
    # The metre of its patterns where that is not its first one.
    written_in: str = ""
    # How much fuller (or barer) than usual everything is played, -0.3..0.3.
    energy: float = 0.0
    # Which notes of the key the voice uses: "diatonic" or "pentatonic".
    scale: str = "diatonic"
    # How words are given: "sung", or "rap": on the grid of sixteenths about one pitch.
    delivery: str = "sung"
    # Where sung syllables like to fall: one digit 0..9 for each sixteenth of the bar, several to choose from.
    accents: tuple[str, ...]
    # How likely a long syllable moves through several notes, 0..1.
    melisma: float
    # Rows of `band/grooves.toml` for the drums; none: no drums.
    grooves: tuple[str, ...]
    # Tonic pitch classes that lie well under the hands.
    keys: tuple[int, ...]
    # General MIDI programs for melodies without a singer.
    lead: tuple[int, ...]
    drum_kit: str
    # A row of `band/fills.toml`, and what lies under everything: "vinyl" or nothing.
    fills: str = "toms"
    texture: str = ""
    # How uneven hands are, against a careful band's; and by how many milliseconds the backbeat is late.
    looseness: float = 1.0
    laid_back_ms: float = 0.0
    # Pools of `progressions.toml`.
    harmony: tuple[str, ...]
    layout: Layout = Layout()
    # Ways into a livelier passage to choose from, each of words that `band/turns.py` explains.
    turns: tuple[str, ...] = ("fill", "fill", "fill reverse")
    # How a song may begin and end, as `band/turns.py` explains.
    intros: tuple[str, ...] = ("plain", "enter")
    endings: tuple[str, ...] = ("ring",)
    # What it gives when another genre leads ("lo-fi jazz"): "drums", "tempo", "harmony", names of its chairs, or of the
    # columns that say how words are given: "delivery", "scale", "melisma".
    lends: tuple[str, ...] = ()
    chairs: tuple[Chair, ...]

    def swing_in(self, beats_per_bar: int) -> float:
        """The swing in a metre: 6/8 has its triplets already."""
        return 0.0 if metre_of(beats_per_bar, is_compound=self.compound) == "6/8" else self.swing

    @property
    def metre(self) -> str:
        """The metre that its patterns are written for."""
        return self.written_in or metre_of(self.meters[0], is_compound=self.compound)

    def accents_in(self, metre: str) -> tuple[str, ...]:
        """Where sung syllables like to fall in a metre: the groups of 6/8 are those of no other one."""
        return _COMPOUND_ACCENTS if metre == "6/8" != self.metre else self.accents

    def progressions(self, mode: str, kind: SectionKind) -> tuple[str, ...]:
        """What may be played in a section of `kind`: passages without words borrow the verse or the chorus."""
        wanted = _LENDERS.get(kind, kind)
        return tuple(dict.fromkeys(text for pool in self.harmony for text in progressions()[pool][mode][wanted]))


def in_metre(chair: Chair, row: Genre, metre: str) -> Chair:
    """A chair of a row with patterns for a metre: its own where the row is written in it."""
    patterns = patterns_in(metre, chair.play)
    if metre == row.metre or patterns is None:
        return chair
    return msgspec.structs.replace(chair, calm=patterns.calm, full=patterns.full)


FULL_ENERGY = 0.6
_COMPOUND_ACCENTS = ("914141914151", "814131918141", "914151914131")
_LIFT_ENERGY = 0.9
_LENDERS = {
    SectionKind.INTRO: SectionKind.VERSE,
    SectionKind.BREAK: SectionKind.CHORUS,
    SectionKind.OUTRO: SectionKind.CHORUS,
}
# Names that people use for what the table calls otherwise.
_NEAREST = {
    "alternative": "indie", "emo": "punk", "acoustic": "folk", "electronic": "edm", "dance": "edm", "rap": "hip-hop",
    "r&b": "rnb", "swing": "jazz", "bossa nova": "bossa", "classical": "orchestral", "lo-fi": "lofi",
    "latin": "salsa", "dnb": "drum-and-bass",
}  # fmt: skip


@cache
def genres() -> dict[str, Genre]:
    """The whole table by name; raises `msgspec.ValidationError` naming the field when a file is wrong."""
    folder = resources.files(__package__ or "").joinpath("genres")
    files = sorted((file for file in folder.iterdir() if file.name.endswith(".toml")), key=lambda file: file.name)
    return {
        file.name.removesuffix(".toml"): msgspec.convert(tomllib.loads(file.read_text(encoding="utf-8")), Genre)
        for file in files
    }


@cache
def progressions() -> dict[str, dict[str, dict[SectionKind, tuple[str, ...]]]]:
    """All pools of progressions: pool -> mode -> kind of section -> progressions."""
    text = resources.files(__package__ or "").joinpath("progressions.toml").read_text(encoding="utf-8")
    return msgspec.convert(tomllib.loads(text), dict[str, dict[str, dict[SectionKind, tuple[str, ...]]]])


def genre_name(wanted: str) -> str:
    """The row for a genre by any name: itself, its nearest relative, else pop."""
    name = wanted.strip().lower()
    return name if name in genres() else _NEAREST.get(name, "pop")


def genre(wanted: str) -> Genre:
    """The row of `genre_name(wanted)`."""
    return genres()[genre_name(wanted)]
