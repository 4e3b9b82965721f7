"""Keys, chords and voicings: Roman numerals in, pitch classes and close-lying chords out."""

import itertools
import re
from collections.abc import Sequence

from tutti.engines.song.model import Chord

_MAJOR = (0, 2, 4, 5, 7, 9, 11)
_MINOR = (0, 2, 3, 5, 7, 8, 10)
_SCALES = {
    ("major", "diatonic"): _MAJOR,
    ("minor", "diatonic"): _MINOR,
    ("major", "pentatonic"): (0, 2, 4, 7, 9),
    ("minor", "pentatonic"): (0, 3, 5, 7, 10),
}
_DEGREES = ("I", "II", "III", "IV", "V", "VI", "VII")
_NUMERAL = re.compile(r"(?P<flat>b?)(?P<degree>[IViv]+)(?P<quality>[a-z0-9]*)(?:/(?P<bass>[357]))?")
# Semitones over the root, by the letters behind the numeral.
_QUALITIES = {
    "": (0, 4, 7),
    "7": (0, 4, 7, 10),
    "maj7": (0, 4, 7, 11),
    "add9": (0, 4, 7, 2),
    "sus4": (0, 5, 7),
    "7sus4": (0, 5, 7, 10),
    "6": (0, 4, 7, 9),
    "9": (0, 4, 7, 10, 2),
    "maj9": (0, 4, 7, 11, 2),
    "m7b5": (0, 3, 6, 10),
}
# Those whose third is the numeral's: small where it is written small.
_THIRD_BY_CASE = frozenset({"", "6", "7", "9", "add9"})
_SHARP_NAMES = ("C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B")
_FLAT_NAMES = ("C", "Db", "D", "Eb", "E", "F", "Gb", "G", "Ab", "A", "Bb", "B")
# Tonics whose major key is written with flats.
_FLAT_TONICS = frozenset({5, 10, 3, 8, 1})


def scale(tonic: int, mode: str, kind: str = "diatonic") -> tuple[int, ...]:
    """The pitch classes of a key from its tonic up; `kind` is "diatonic" or "pentatonic"."""
    return tuple((tonic + step) % 12 for step in _SCALES[mode, kind])


def chord(numeral: str, *, tonic: int, mode: str, beats: int) -> Chord:
    """The chord that a Roman numeral such as "vi7", "bVII" or "V/3" (third in the bass) means in a key.

    Raises `ValueError` when the numeral is none.
    """
    match = _NUMERAL.fullmatch(numeral)
    if match is None or match["degree"].upper() not in _DEGREES or match["quality"] not in _QUALITIES:
        raise ValueError(f"Not a chord: {numeral!r}.")
    steps = _MAJOR if mode == "major" else _MINOR
    root = (tonic + steps[_DEGREES.index(match["degree"].upper())] - bool(match["flat"])) % 12
    is_minor = match["degree"].islower()
    shape = _QUALITIES[match["quality"]]
    if is_minor and match["quality"] in _THIRD_BY_CASE:
        shape = tuple(3 if step == 4 else step for step in shape)
    tones = tuple((root + step) % 12 for step in shape)
    bass = tones[(int(match["bass"] or 1) - 1) // 2]
    return Chord(root=root, tones=tones, bass=bass, beats=beats, name=_name(match, root, bass, tonic, mode))


def _name(match: re.Match[str], root: int, bass: int, tonic: int, mode: str) -> str:
    """What a musician reads: "F#m7", "C/E"."""
    names = _FLAT_NAMES if (tonic if mode == "major" else tonic + 3) % 12 in _FLAT_TONICS else _SHARP_NAMES
    letters = "m" if match["degree"].islower() and not match["quality"].startswith("m") else ""
    slash = f"/{names[bass]}" if bass != root else ""
    return names[root] + letters + match["quality"] + slash


def progression(
    text: str, *, bars: int, tonic: int, mode: str, beats_per_bar: int, ending: str = ""
) -> tuple[Chord, ...]:
    """Chords for `bars` bars: the progression over and over, its last bar replaced by `ending` where one is given.

    Two chords of one bar, written "ii7-V7", share it as evenly as whole beats allow.
    """
    written = text.split()
    by_bar = [written[bar % len(written)] for bar in range(bars)]
    if ending and by_bar:
        by_bar[-1] = ending
    chords = []
    for bar in by_bar:
        numerals = bar.split("-")
        shares = [beats_per_bar] if len(numerals) == 1 else [(beats_per_bar + 1) // 2, beats_per_bar // 2]
        chords += [
            chord(numeral, tonic=tonic, mode=mode, beats=beats) for numeral, beats in zip(numerals, shares, strict=True)
        ]
    return tuple(chords)


def by_beat(chords: Sequence[Chord]) -> tuple[Chord, ...]:
    """The chord of every beat."""
    return tuple(itertools.chain.from_iterable([each] * each.beats for each in chords))


def voicing(tones: Sequence[int], *, centre: int, previous: Sequence[int] = ()) -> tuple[int, ...]:
    """Pitches, low to high, for a chord's pitch classes: the inversion near `centre` closest to `previous`."""
    candidates = []
    for lowest in tones:
        ordered = sorted(tones, key=lambda tone: (tone - lowest) % 12)
        base = centre - 6 + (lowest - (centre - 6)) % 12
        close = tuple(base + (tone - lowest) % 12 for tone in ordered)
        candidates += [close, tuple(pitch - 12 for pitch in close)]

    def effort(pitches: tuple[int, ...]) -> tuple[float, tuple[int, ...]]:
        moved = sum(min(abs(pitch - old) for old in previous) for pitch in pitches) if previous else 0
        return moved + 0.6 * abs(sum(pitches) / len(pitches) - centre), pitches

    return min(candidates, key=effort)
