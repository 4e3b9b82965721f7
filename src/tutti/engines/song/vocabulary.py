"""Finds the words of our tables in what people write, in English and Chinese."""

import re
from collections.abc import Iterable, Iterator
from functools import cache

from tutti.engines.song.phonemes.mandarin import HAN
from tutti.engines.song.tables import table

PHRASES = re.compile(r"[,;.!?/\n，、；。！？|]+")
# What stands between one of these and the end of its phrase, or a "but", is not wanted; in Chinese, where no space
# parts words, up to the next one.
_REFUSALS = re.compile(
    r"\b(?:no|without|sans|minus|drop the|skip the)\b(?P<rest>.*?)(?=\bbut\b|\bwith\b|[,;.!?\n，、；。！？|]|$)"
    r"|(?:不要|没有|去掉|不用|不加|无(?=[鼓吉钢贝弦合管打]))(?P<word>[^\s,;.!?，、；。！？|]*?)(?=但|\s|[,;.!?，、；。！？|]|$)",
    re.IGNORECASE,
)


def found(section: str, text: str) -> Iterator[str]:
    """The rows of a table of `data/brief.toml` that occur in the text, in the order of their first occurrence."""
    yield from found_in(table(__package__, "brief")[section], text)


def found_in(rows: dict[str, str], text: str) -> Iterator[str]:
    """The names of rows ("|" between their words) that occur in the text, in the order of their first occurrence."""
    places = {name: at for name, words in rows.items() if (at := place(words, text)) >= 0}
    yield from sorted(places, key=lambda name: places[name])


def place(words: str, text: str) -> int:
    """Where the first of "|"-parted words stands in the text; -1 when none does."""
    match = pattern(words).search(text)
    return match.start() if match else -1


@cache
def pattern(words: str) -> re.Pattern[str]:
    """Matches any of "|"-parted words, longer ones first."""
    longest_first = sorted(words.split("|"), key=len, reverse=True)
    return re.compile("|".join(map(_word_pattern, longest_first)), re.IGNORECASE)


def spans(rows: dict[str, str], text: str) -> list[tuple[int, int, str]]:
    """(start, end, row name) of every word that occurs, in text order; words inside a longer one do not count."""
    matches = [
        (match.start(), match.end(), name) for name, words in rows.items() for match in pattern(words).finditer(text)
    ]
    kept: list[tuple[int, int, str]] = []
    for start, end, name in sorted(matches, key=lambda match: match[0] - match[1]):
        if all(end <= before or start >= after for before, after, _ in kept):
            kept.append((start, end, name))
    return sorted(kept)


def parted(text: str) -> tuple[str, str]:
    """A text without what it refuses ("no drums"), and what it refuses."""
    return _REFUSALS.sub(" ", text), "\n".join(
        match["rest"] or match["word"] or "" for match in _REFUSALS.finditer(text)
    )


def without_words(rows: Iterable[str], text: str) -> str:
    """The text with all words of some rows taken out."""
    for words in rows:
        text = pattern(words).sub(" ", text)
    return text


def _word_pattern(word: str) -> str:
    """A Chinese word anywhere, but one of a single character (快) only alone; others between no letters or digits."""
    if HAN.search(word) and len(word) > 1:
        return re.escape(word)
    beside = r"\u4e00-\u9fff" if HAN.search(word) else "a-z0-9"
    return f"(?<![{beside}]){re.escape(word)}(?![{beside}])"
