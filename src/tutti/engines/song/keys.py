"""Keys as musicians write them: "Am", "Bb major", "F#小调"."""

import re

# The twelve pitch classes as ID3 and musicians write them.
NOTE_NAMES = ("C", "C#", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")

_NATURALS = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
_STEPS = {"#": 1, "♯": 1, "sharp": 1, "b": -1, "♭": -1, "flat": -1, "": 0}
_MINOR = frozenset({"m", "min", "minor", "小调"})
_KEY = re.compile(
    r"(?<![a-z])(?P<letter>[a-g])\s*(?P<step>#|♯|b|♭|sharp|flat)?\s*"
    r"(?P<mode>major|maj|minor|min|大调|小调|m)?(?![a-z])",
    re.IGNORECASE,
)


def read_key(text: str) -> tuple[int, str] | None:
    """Tonic pitch class 0..11 and mode of a key; None for what is none.

    >>> read_key("F# minor"), read_key("Am"), read_key("C"), read_key("H")
    ((6, 'minor'), (9, 'minor'), (0, 'major'), None)
    """
    match = _KEY.fullmatch(text.strip())
    return _meant(match) if match else None


def key_name(tonic: int, mode: str) -> str:
    """A key of a tonic 0..11 and "major" or "minor" as ID3 and musicians write it: "Am", "F#"."""
    return NOTE_NAMES[tonic % 12] + ("m" if mode == "minor" else "")


def key_in(words: str) -> tuple[int, str] | None:
    """The key that running words name with its mode; a letter alone ("a girl") is none."""
    return next((_meant(match) for match in _KEY.finditer(words) if len(match["mode"] or "") > 1), None)


def _meant(match: re.Match[str]) -> tuple[int, str]:
    step = _STEPS[(match["step"] or "").lower()]
    mode = "minor" if (match["mode"] or "").lower() in _MINOR else "major"
    return (_NATURALS[match["letter"].upper()] + step) % 12, mode
