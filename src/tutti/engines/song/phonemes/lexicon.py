"""How an English word is pronounced: by dictionary, else by its parts, else by its spelling.

The dictionaries are the two that come with the package `misaki` 0.9.4 (Apache-2.0), about 180,000 words already
written in Kokoro's letters. They are read as data files: the package's own English module needs a tagger that we do
not install.
"""

import json
import re
import tomllib
from collections.abc import Callable
from functools import cache
from importlib.metadata import distribution
from importlib.resources import files
from pathlib import Path
from typing import Any

from tutti.engines.song.phonemes.syllabify import VOWELS

_DICTIONARIES = ("us_silver.json", "us_gold.json")
_SIBILANTS = frozenset("szʃʒʧʤ")
_VOICELESS = frozenset("ptkfθʔ")
# Shorter halves make compounds of chance: "t-able".
_SHORTEST_HALF = 3


@cache
def tables() -> dict[str, Any]:
    """The tables of `data/english.toml`: "readings", "unstressed", "spellings"."""
    return tomllib.loads(files(__package__).joinpath("data/english.toml").read_text(encoding="utf-8"))


@cache
def dictionary() -> dict[str, str]:
    """Word to reading; later dictionaries are better and win, our own readings win over all."""
    merged: dict[str, str] = {}
    for name in _DICTIONARIES:
        entries = json.loads(Path(str(distribution("misaki").locate_file(f"misaki/data/{name}"))).read_bytes())
        merged.update((word, reading) for word, entry in entries.items() if (reading := _default(entry)))
    merged.update(tables()["readings"])
    return merged


def _default(entry: str | dict[str, str | None]) -> str | None:
    """The reading of an entry; where it depends on the part of speech, the usual one."""
    return entry if isinstance(entry, str) else entry.get("DEFAULT")


@cache
def pronounce(word: str) -> str:
    """The reading of one word of ASCII letters and apostrophes; every word has one, and it may lack a vowel."""
    lower = word.lower()
    return known(lower) or _name(word) or _inflected(lower) or _compound(lower) or _spelled(lower)


def known(word: str) -> str | None:
    """The dictionary's reading of a lower-case word, with or without its capital."""
    return dictionary().get(word) or dictionary().get(word.capitalize()) or dictionary().get(word.strip("'"))


def is_known(word: str) -> bool:
    """Whether a lower-case word is English as far as the dictionaries know, by itself or by its stem."""
    return bool(known(word) or _inflected(word))


def _name(word: str) -> str | None:
    """Capitals that are read letter by letter: "DJ", "NYC"."""
    if not (word.isupper() and word.isalpha() and len(word) <= 4):
        return None
    letters = [dictionary().get(letter, "") for letter in word]
    return "".join(letters) if all(letters) else None


def _inflected(word: str) -> str | None:
    """A known stem with an ending whose sound follows a rule."""
    for ending, add in _ENDINGS.items():
        if not word.endswith(ending) or len(word) - len(ending) < 2:
            continue
        for stem in _stems(word.removesuffix(ending), ending):
            if reading := known(stem):
                return add(reading)
    return None


def _stems(rest: str, ending: str) -> tuple[str, ...]:
    """What the word may have been before the ending changed its spelling."""
    undoubled = (rest[:-1],) if len(rest) > 2 and rest[-1] == rest[-2] else ()
    y_restored = (f"{rest[:-1]}y",) if rest.endswith("i") else ()
    return (rest, *undoubled, *y_restored) if ending in {"'s", "s'"} else (rest, f"{rest}e", *undoubled, *y_restored)


def _with_s(reading: str) -> str:
    last = reading[-1]
    return reading + ("ᵻz" if last in _SIBILANTS else "s" if last in _VOICELESS else "z")


def _with_ed(reading: str) -> str:
    last = reading[-1]
    return reading + ("ᵻd" if last in "td" else "t" if last in _VOICELESS or last in "sʃʧ" else "d")


# Longer endings first: "dancin'" before "in".
_ENDINGS: dict[str, Callable[[str], str]] = {
    "'s": _with_s,
    "s'": _with_s,
    "in'": lambda reading: reading + "ɪn",
    "ing": lambda reading: reading + "ɪŋ",
    "ings": lambda reading: reading + "ɪŋz",
    "iest": lambda reading: reading + "ᵻst",
    "less": lambda reading: reading + "ləs",
    "ness": lambda reading: reading + "nəs",
    "'ll": lambda reading: reading + "əl",
    "'ve": lambda reading: reading + "əv",
    "'re": lambda reading: reading + "əɹ",
    "'d": _with_ed,
    "es": _with_s,
    "ed": _with_ed,
    "er": lambda reading: reading + "əɹ",
    "ly": lambda reading: reading + "li",
    "s": _with_s,
    "y": lambda reading: reading + "i",
}


def _compound(word: str) -> str | None:
    """Two known words written as one, the longest first half first: "starlit"."""
    for cut in range(len(word) - _SHORTEST_HALF, _SHORTEST_HALF - 1, -1):
        first, second = dictionary().get(word[:cut]), dictionary().get(word[cut:])
        if first and second:
            return first + second.replace("ˈ", "ˌ")
    return None


def _spelled(word: str) -> str:
    """A reading from the letters alone, stressed on its first vowel."""
    text = re.sub("[^a-z]", "", word)
    framed = f"^{_long_vowels(text)}$"
    sounds, at = "", 0
    while at < len(framed):
        spelling = next((s for s in _by_length() if framed.startswith(s, at)), framed[at])
        sounds += tables()["spellings"].get(spelling, spelling if spelling in VOWELS else "")
        # The edges belong to the word and not to a spelling: "^kn" uses its mark up, "e$" leaves nothing behind.
        at += len(spelling)
    return re.sub(f"([{''.join(sorted(VOWELS))}])", r"ˈ\1", sounds, count=1)


@cache
def _by_length() -> tuple[str, ...]:
    return tuple(sorted(tables()["spellings"], key=len, reverse=True))


def _long_vowels(text: str) -> str:
    """Vowels before a single consonant and a silent e, written as the diphthong they sound: "blake" -> "blAk"."""
    return re.sub(r"(?<![aeiou])([aiou])([bdfgklmnprstvz])e$", lambda found: _LONG[found[1]] + found[2], text)


_LONG = {"a": "A", "i": "I", "o": "O", "u": "ʊ"}
