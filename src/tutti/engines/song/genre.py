"""The genre table: what makes a song sound like pop, punk or a ballad, as data in `genres.toml`.

A genre's band is a list of chairs; what a chair plays is one of the few manners in `band/`, with a pattern of its own.
To add a genre: one table in `genres.toml`, and the words that ask for it in `brief.py`.
"""

import tomllib
from functools import cache
from importlib import resources

import msgspec

from tutti.engines.song.model import SectionKind


class Chair(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One player of the band.

    Patterns have sixteen letters, one for each sixteenth of a 4/4 bar (a 3/4 bar uses the first twelve): "." goes on
    sounding, "_" stops, other letters mean what the manner of playing says (see `band/`).
    """

    # The part's name in the score: "bass", "keys", "guitar" ...
    name: str
    # The manner: "bass", "comp", "strum", "power", "arpeggio", "pad", "counter".
    play: str
    # General MIDI programs to choose from.
    programs: tuple[int, ...]
    # The pattern below and from `FULL_ENERGY` of a section's energy.
    calm: str = "x..............."
    full: str = "x..............."
    # How much of the time until the next stroke a note sounds, 0..1.
    gate: float = 0.95
    # MIDI note around which it plays.
    centre: int = 60
    # Silent in sections of less energy.
    from_energy: float = 0.0
    velocity: int = 70


class Genre(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One row of the table."""

    # Slowest and fastest usual tempo in quarter notes a minute.
    bpm: tuple[int, int]
    # Beats a bar to choose from, repeated as often as they are likely.
    meters: tuple[int, ...] = (4,)
    # As `Plan.swing`.
    swing: float = 0.0
    # How likely a minor key and a female lead are when nobody asks, 0..1.
    minor: float
    female: float
    # Which notes of the key the voice uses: "diatonic" or "pentatonic".
    scale: str = "diatonic"
    # Where sung syllables like to fall: one digit 0..9 for each sixteenth of the bar, several to choose from.
    accents: tuple[str, ...]
    # How likely a long syllable moves through several notes, 0..1.
    melisma: float
    # Rows of `band/grooves.toml` for the drums.
    grooves: tuple[str, ...]
    # Tonic pitch classes that lie well under the hands.
    keys: tuple[int, ...]
    # General MIDI programs for melodies without a singer.
    lead: tuple[int, ...]
    drum_kit: str
    # Section kind -> progressions in Roman numerals, one chord a bar, "-" between two chords of one bar.
    major_progressions: dict[SectionKind, tuple[str, ...]]
    minor_progressions: dict[SectionKind, tuple[str, ...]]
    chairs: tuple[Chair, ...]

    def progressions(self, mode: str, kind: SectionKind) -> tuple[str, ...]:
        """What may be played in a section of `kind`: passages without words borrow the verse or the chorus."""
        table = self.major_progressions if mode == "major" else self.minor_progressions
        return table[_LENDERS.get(kind, kind)]


FULL_ENERGY = 0.6
_LENDERS = {
    SectionKind.INTRO: SectionKind.VERSE,
    SectionKind.BREAK: SectionKind.CHORUS,
    SectionKind.OUTRO: SectionKind.CHORUS,
}
# Names that people use for what the table calls otherwise.
_NEAREST = {
    "metal": "rock", "indie": "rock", "alternative": "rock", "emo": "punk", "country": "folk", "acoustic": "folk",
    "electronic": "edm", "dance": "edm", "house": "edm", "techno": "edm", "synthwave": "edm", "disco": "edm",
    "rap": "hip-hop", "trap": "hip-hop", "lofi": "hip-hop", "r&b": "rnb", "soul": "rnb", "blues": "jazz",
    "swing": "jazz", "bossa nova": "jazz", "classical": "ballad", "ambient": "ballad", "waltz": "ballad",
}  # fmt: skip


@cache
def genres() -> dict[str, Genre]:
    """The whole table by name; raises `msgspec.ValidationError` naming the field when the file is wrong."""
    text = resources.files(__package__ or "").joinpath("genres.toml").read_text(encoding="utf-8")
    return msgspec.convert(tomllib.loads(text), dict[str, Genre])


def genre_name(wanted: str) -> str:
    """The row for a genre by any name: itself, its nearest relative, else pop."""
    name = wanted.strip().lower()
    return name if name in genres() else _NEAREST.get(name, "pop")


def genre(wanted: str) -> Genre:
    """The row of `genre_name(wanted)`."""
    return genres()[genre_name(wanted)]
