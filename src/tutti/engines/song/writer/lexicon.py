"""The halves that lines are made of, for one song: its themes' and its stance's, measured and ready to be paired."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from tutti.engines.song.model import Language
from tutti.engines.song.tables import table
from tutti.engines.song.writer.measure import rhyme_of, syllable_count
from tutti.engines.song.writer.request import OwnWords

_FILES = {Language.ENGLISH: "english", Language.MANDARIN: "mandarin"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Half:
    """One half of a line."""

    text: str
    syllables: int
    # What it rhymes by, if it comes second; "" for heads.
    rhyme: str = ""
    # How gladly it is taken: 4 the subject's, 3 the mood's, 1 everybody's.
    weight: int = 1
    # The caller's words in it, which the song says once, and before anything else.
    own: str = ""
    # A whole line stands as a tail after the empty head.
    is_line: bool = False
    # A picture is a head of which only things and weather speak; a personal tail says what only people do.
    is_picture: bool = False
    is_personal: bool = False

    def takes(self, tail: "Half") -> bool:
        """Whether this head and that tail make sense together."""
        return self.is_line == tail.is_line and not (self.is_picture and tail.is_personal)


NO_HEAD = Half(text="", syllables=0, weight=3, is_line=True)


@dataclass(frozen=True, kw_only=True, slots=True)
class Lexicon:
    """Everything one song may be written with."""

    language: Language
    titles: tuple[str, ...]
    calls: tuple[str, ...]
    # Heads, by the line they begin: pictures, persons, choruses, bridges; and those that hold the caller's words.
    images: tuple[Half, ...]
    heads: tuple[Half, ...]
    vows: tuple[Half, ...]
    turns: tuple[Half, ...]
    own_heads: tuple[Half, ...]
    # Tails: those that paint the scene, those that speak of feelings or of time, and whole lines.
    places: tuple[Half, ...]
    feelings: tuple[Half, ...]
    lines: tuple[Half, ...]


def build_lexicon(
    themes: Sequence[str], stance: str, language: Language, own: OwnWords, *, is_old_style: bool = False
) -> Lexicon:
    """The lexicon for a subject, a stance ("bright", "blue", "bold") and the caller's own words.

    In an old style nothing modern is spoken of.
    """
    words = _table(language, is_old_style=is_old_style)
    subjects = [words["theme"][theme] for theme in themes]
    mood = words["stance"][stance]

    def heads(texts: Iterable[str]) -> tuple[Half, ...]:
        return tuple(_half(text, language, weight=3) for text in texts)

    def tails(texts: Iterable[str], weight: int, *, are_personal: bool = False) -> tuple[Half, ...]:
        return tuple(_tail(text, language, weight=weight, is_personal=are_personal) for text in texts)

    # A Mandarin line sets two pictures side by side, whoever is in them; an English one is a single sentence.
    is_english = language is Language.ENGLISH
    return Lexicon(
        language=language,
        titles=tuple(subjects[0]["titles"]),
        calls=tuple(mood["calls"]),
        images=tuple(_half(t, language, weight=4, is_picture=True) for subject in subjects for t in subject["images"]),
        heads=heads(mood["heads"]),
        vows=heads(mood["vows"]),
        turns=heads(mood["turns"]),
        own_heads=tuple(_own_heads(own, words["woven"]["things"], mood["things"], language)),
        places=(
            *(_tail(place, language, weight=4, own=place) for place in own.places),
            *tails((place for subject in subjects for place in subject["places"]), 4),
        ),
        feelings=(
            *tails(mood["tails"], 3, are_personal=is_english),
            *tails(words["shared"]["manners"], 1, are_personal=is_english),
            *tails(words["shared"]["tails"], 1),
        ),
        lines=tuple(_tail(text, language, weight=3, is_line=True) for text in mood["lines"]),
    )


def _table(language: Language, *, is_old_style: bool) -> dict[str, Any]:
    words = table(__package__, _FILES[language])
    modern = words["woven"].get("modern")
    return _without(words, re.compile(modern)) if is_old_style and modern else words


def _without(node: Any, modern: re.Pattern[str]) -> Any:
    """The same tables without the texts that hold a modern word."""
    if isinstance(node, dict):
        return {key: _without(value, modern) for key, value in node.items()}
    return [text for text in node if not modern.search(text)] if isinstance(node, list) else node


def _half(text: str, language: Language, **traits: Any) -> Half:
    return Half(text=text, syllables=syllable_count(text, language), **traits)


def _tail(text: str, language: Language, **traits: Any) -> Half:
    return _half(text, language, rhyme=rhyme_of(text, language), **traits)


def _own_heads(own: OwnWords, frames: Sequence[str], fond_frames: Sequence[str], language: Language) -> Iterator[Half]:
    """The caller's clauses as they are, and their things in every frame that takes one.

    What people do ("losing my job") goes only into the frames that do not judge it.
    """
    framed = [(clause, clause) for clause in own.clauses]
    for thing in own.things:
        is_deed = thing.split()[0].endswith("ing")
        framed += [(frame.format(thing), thing) for frame in (*frames, *(() if is_deed else fond_frames))]
    for text, words in framed:
        yield _half(text, language, weight=4, own=words)
