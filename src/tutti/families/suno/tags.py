"""From a few style words to a rich description of a style, for songs that are to follow it. Pure.

The words are data in `tags.toml`: a style there is a row with the words that ask for it, in English and Chinese.
"""

import re
import tomllib
from collections.abc import Iterator
from functools import cache
from importlib.resources import files

import msgspec

_SEPARATORS = re.compile(r"[,，、;；\n]+")
# So many traits of each style that was named are told; more would drown what the caller said.
_MOST_TRAITS = 4


class _Style(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a style is made of."""

    # Whole words that ask for it, in lower case; Chinese ones may stand within others.
    words: tuple[str, ...]
    # Instruments, groove, tempo and production in the order in which they matter.
    traits: tuple[str, ...]


def expand_tags(tags: str) -> str:
    """The caller's own words first, then what belongs to the styles among them; the same each time.

    Words that name no known style stand as they are, with what suits any song.
    """
    given = [word.strip() for word in _SEPARATORS.split(tags) if word.strip()]
    found = list(_styles_in(tags.lower())) or [_styles()["any"]]
    traits = (trait for style in found for trait in style.traits[:_MOST_TRAITS])
    said = tags.lower()
    return ", ".join(dict.fromkeys([*given, *(trait for trait in traits if trait not in said)]))


def _styles_in(text: str) -> Iterator[_Style]:
    for style in _styles().values():
        if any(_names(word, text) for word in style.words):
            yield style


def _names(word: str, text: str) -> bool:
    if not word.isascii():
        return word in text
    return re.search(rf"(?<![a-z]){re.escape(word)}(?![a-z])", text) is not None


@cache
def _styles() -> dict[str, _Style]:
    text = files("tutti.families.suno").joinpath("tags.toml").read_text("utf-8")
    return msgspec.convert(tomllib.loads(text), dict[str, _Style])
