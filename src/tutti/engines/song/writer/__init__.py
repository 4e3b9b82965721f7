"""Writes lyrics: whole songs in English or Mandarin, by theme lexicons, line grammars, syllable counts and rhyme.

No language model is asked. Every line is two halves out of the lexicons in `data/`, chosen so that lines that answer
each other are equally long and rhyme; the chorus turns around the title; the caller's own words are sung where the
grammar takes them. A song wanted in another language is written in English. To add a theme, give it words in
`data/themes.toml` and a lexicon in `data/english.toml` and `data/mandarin.toml`.
"""

import random
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TypeVar

from tutti.engines.song.brief import shorten_title
from tutti.engines.song.model import Brief, Language
from tutti.engines.song.writer.lexicon import NO_HEAD, Lexicon, build_lexicon
from tutti.engines.song.writer.measure import last_word, rhyme_of, syllable_count
from tutti.engines.song.writer.request import OwnWords, is_unsung, own_words
from tutti.engines.song.writer.stanza import Pen, Shape, Stock
from tutti.engines.song.writer.subject import stance_of, themes_of

__all__ = ["write_lyrics"]

_T = TypeVar("_T")

# Sections by the longest song in seconds: a section of four lines lasts about 18 s.
_FORMS = (
    (45.0, ("Verse", "Chorus")),
    (90.0, ("Verse 1", "Chorus", "Verse 2", "Chorus")),
    (float("inf"), ("Verse 1", "Chorus", "Verse 2", "Chorus", "Bridge", "Chorus", "Outro")),
)
# Syllables per line from which a stanza's lengths are drawn.
_VERSE_LENGTHS = {Language.ENGLISH: (9, 8, 10, 11, 12), Language.MANDARIN: (9, 8, 10, 11, 7)}
_CHORUS_LENGTHS = {Language.ENGLISH: (8, 9, 10, 7), Language.MANDARIN: (8, 7, 9, 10)}
_BRIDGE_LENGTHS = {Language.ENGLISH: (7, 8, 9), Language.MANDARIN: (8, 9, 7, 10)}
# English changes its rhyme within a stanza; Mandarin keeps one.
_SCHEMES = {Language.ENGLISH: ("AABB", "ABAB", "ABCB"), Language.MANDARIN: ("AAAA", "AABA")}
# A longer title is sung alone.
_LONGEST_TITLE_SYLLABLES = 8


def write_lyrics(brief: Brief, seed: int, *, longest_s: float) -> tuple[str, str]:
    """Title and text, with section marks, of a song that fits about `longest_s` seconds; the same seed, the same song.

    Whatever the brief says, words come back; unsung words of the caller's (slurs) are never repeated in them.
    """
    rng = random.Random(seed)
    themes = themes_of(brief, rng)
    own = own_words(brief.theme, brief.language)
    lexicon = build_lexicon(
        themes, stance_of(brief, themes), brief.language, own, is_old_style=brief.genre == "chinese-style"
    )
    title = brief.title or _own_title(own, brief.theme, brief.language) or rng.choice(lexicon.titles)
    sung_title = title if _is_singable(title, brief.language) else rng.choice(lexicon.titles)
    return title, _Song(lexicon, rng, sung_title).text(longest_s)


def _own_title(own: OwnWords, request: str, language: Language) -> str:
    """The caller's subject as a title, with its place if the two stand together, where it is short enough to sing."""
    placed = [f"{thing} {place}" for thing in own.things for place in own.places if f"{thing} {place}" in request]
    for subject, longest in (*((words, 5) for words in placed), *((thing, 6) for thing in own.things)):
        title = shorten_title(subject.removeprefix("the "))
        if 2 <= syllable_count(title, language) <= longest:
            return title
    return ""


def _is_singable(title: str, language: Language) -> bool:
    return not is_unsung(title) and 0 < syllable_count(title, language) <= _LONGEST_TITLE_SYLLABLES + 4


class _Song:
    """One song being written."""

    def __init__(self, lexicon: Lexicon, rng: random.Random, title: str) -> None:
        self._lexicon = lexicon
        self._rng = rng
        self._pen = Pen(rng, lexicon.language)
        self._hook = self._make_hook(title)
        self._verse_shape: Shape | None = None

    def text(self, longest_s: float) -> str:
        """All sections in order under their marks; choruses are the same each time."""
        form = next(marks for seconds, marks in _FORMS if longest_s <= seconds)
        written = {mark: self._section(mark) for mark in dict.fromkeys(form)}
        return "\n\n".join("\n".join([f"[{mark}]", *written[mark]]) for mark in form) + "\n"

    def _section(self, mark: str) -> list[str]:
        match mark:
            case "Chorus":
                return self._chorus()
            case "Bridge":
                return self._bridge()
            case "Outro":
                return [self._hook]
            case _:
                return self._verse()

    def _verse(self) -> list[str]:
        """Four lines, a picture and a person in turn; every verse has the shape of the first, to share its melody."""
        words = self._lexicon
        pictures, persons = (*words.own_heads, *words.images), (*words.own_heads, *words.heads)
        stock = Stock(heads=(pictures, persons, words.images, words.heads), tails=(*words.places, *words.feelings))
        shapes = [self._verse_shape] if self._verse_shape else []
        shapes += list(self._shapes(_VERSE_LENGTHS[words.language]))
        self._verse_shape, lines = self._best(shapes, stock)
        return lines

    def _chorus(self) -> list[str]:
        """The hook, an answer, the hook, an answer that rhymes with the first; in Mandarin all four rhyme."""
        words = self._lexicon
        rhymes = (rhyme_of(self._hook, words.language),) if words.language is Language.MANDARIN else ()
        vows = (*words.vows, NO_HEAD)
        shapes = [Shape(scheme="AA", lengths=(n, n)) for n in self._shuffled(_CHORUS_LENGTHS[words.language])]
        stock = Stock(
            heads=(vows, vows),
            tails=(*words.feelings, *words.lines),
            rhymes=rhymes,
            endings=(last_word(self._hook, words.language),),
        )
        _, (first, second) = self._best(shapes, stock)
        return [self._hook, first, self._hook, second]

    def _bridge(self) -> list[str]:
        """Four lines of another length, in which the caller's words that are still unsung come first."""
        words = self._lexicon
        own, turns = (*words.own_heads, *words.turns), (*words.turns, NO_HEAD)
        stock = Stock(heads=(own, turns, turns, turns), tails=(*words.feelings, *words.lines))
        return self._best(list(self._shapes(_BRIDGE_LENGTHS[words.language])), stock)[1]

    def _best(self, shapes: Sequence[Shape], stock: Stock) -> tuple[Shape, list[str]]:
        """A stanza, with the rhymes asked for if it can be."""
        found = self._pen.stanza(shapes, stock) or self._pen.stanza(shapes, replace(stock, rhymes=()))
        if found is None:
            raise RuntimeError("The lexicons are too small for a stanza: add halves to writer/data.")
        return found

    def _shapes(self, lengths: Sequence[int]) -> Iterator[Shape]:
        """Stanza shapes in the order to try them; lines that answer each other are equally long."""
        schemes = self._shuffled(_SCHEMES[self._lexicon.language])
        for length in self._shuffled(lengths):
            for scheme in schemes:
                yield Shape(scheme=scheme, lengths=(length,) * len(scheme))

    def _shuffled(self, items: Sequence[_T]) -> list[_T]:
        return self._rng.sample(list(items), len(items))

    def _make_hook(self, title: str) -> str:
        """The line that holds the title."""
        if syllable_count(title, self._lexicon.language) > _LONGEST_TITLE_SYLLABLES:
            return title
        comma = "，" if self._lexicon.language is Language.MANDARIN else ", "
        return f"{title}{comma}{self._rng.choice(self._lexicon.calls)}"
