"""English lines as sung syllables."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import replace
from functools import cache

from tutti.engines.song.model import Syllable
from tutti.engines.song.phonemes.lexicon import pronounce, tables
from tutti.engines.song.phonemes.numbers import NUMBER, in_words
from tutti.engines.song.phonemes.spelling import spread
from tutti.engines.song.phonemes.syllabify import syllabify

_SYMBOLS = {"&": "and", "%": "percent", "+": "plus", "@": "at", "=": "equals"}
_WORDS = re.compile(r"[A-Za-z']+")


def english_word(written: str) -> tuple[Syllable, ...]:
    """The syllables of one written word, number or symbol, whose texts join to `written`; empty when nothing sounds.

    A function word ("the", "of") is unstressed; any other word has at least one stressed syllable.
    """
    syllables = [syllable for word in _spoken(written) for syllable in _sung(word)]
    edges = ((n == 0, n == len(syllables) - 1) for n in range(len(syllables)))
    texts = spread(written, len(syllables))
    return tuple(
        replace(syllable, text=text, starts_word=first, ends_word=last)
        for syllable, text, (first, last) in zip(syllables, texts, edges, strict=True)
    )


def stress_ending(syllables: Sequence[Syllable]) -> tuple[Syllable, ...]:
    """The same line with weight on its last word, which a singer gives even to a "you" or "me"."""
    line = list(syllables)
    first = next((n for n in range(len(line) - 1, -1, -1) if line[n].starts_word), 0)
    if line and not any(syllable.stress for syllable in line[first:]) and not line[-1].tone:
        line[first] = replace(line[first], stress=1)
    return tuple(line)


def plain_spelling(text: str) -> str:
    """Latin letters without accents and with straight apostrophes; everything else unchanged."""
    straight = text.replace("’", "'").replace("‘", "'").replace("ʼ", "'").replace("`", "'")
    for special, letters in (("ß", "ss"), ("æ", "ae"), ("Æ", "Ae"), ("œ", "oe"), ("ø", "o"), ("Ø", "O"), ("ł", "l")):
        straight = straight.replace(special, letters)
    return "".join(letter for letter in unicodedata.normalize("NFKD", straight) if not unicodedata.combining(letter))


def _spoken(written: str) -> list[str]:
    """The plain words that are said for a written one."""
    if written in _SYMBOLS:
        return [_SYMBOLS[written]]
    if NUMBER.fullmatch(written):
        return in_words(written).split()
    return _WORDS.findall(plain_spelling(written))


@cache
def _sung(word: str) -> tuple[Syllable, ...]:
    syllables = list(syllabify(pronounce(word)))
    if word.lower() in _unstressed():
        return tuple(replace(syllable, stress=0) for syllable in syllables)
    if syllables and not any(syllable.stress for syllable in syllables):
        syllables[0] = replace(syllables[0], stress=1)
    return tuple(syllables)


@cache
def _unstressed() -> frozenset[str]:
    return frozenset(tables()["unstressed"]["words"].split())
