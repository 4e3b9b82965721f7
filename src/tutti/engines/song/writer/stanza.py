"""Writes one stanza: pairs heads with tails so that every line has its length and every rhyme its partner."""

import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from tutti.engines.song.model import Language
from tutti.engines.song.writer.lexicon import Half
from tutti.engines.song.writer.measure import last_word


@dataclass(frozen=True, kw_only=True, slots=True)
class Shape:
    """How a stanza is built: one letter and one length in syllables per line; lines of one letter rhyme."""

    scheme: str
    lengths: tuple[int, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Stock:
    """What a stanza may be written with."""

    # The heads allowed for each line.
    heads: Sequence[Sequence[Half]]
    tails: Sequence[Half]
    # The only rhyme keys to use, if any are given.
    rhymes: Sequence[str] = ()
    # Words on which lines beside the stanza end, so that it does not rhyme by repeating them.
    endings: Sequence[str] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class _Line:
    head: Half
    tail: Half


class Pen:
    """Writes the stanzas of one song and never uses a half twice."""

    def __init__(self, rng: random.Random, language: Language) -> None:
        self._rng = rng
        self._language = language
        self._used: set[str] = set()

    def stanza(self, shapes: Iterable[Shape], stock: Stock) -> tuple[Shape, list[str]] | None:
        """The lines in the first of the shapes that can be filled, with that shape; None when none can.

        While some of the caller's words are unsung, the shape that sings most of them is taken instead.
        """
        best: tuple[Shape, list[_Line]] | None = None
        for shape in shapes:
            lines = self._fill(shape, stock)
            if lines and (best is None or _own_count(lines) > _own_count(best[1])):
                best = shape, lines
            if best and not self._has_unsung(stock):
                break
        if best is None:
            return None
        shape, lines = best
        self._used.update(*(_keys(half) for line in lines for half in (line.head, line.tail)))
        return shape, [self._written(line) for line in lines]

    def _has_unsung(self, stock: Stock) -> bool:
        halves = (half for pool in (*stock.heads, stock.tails) for half in pool)
        return any(half.own and half.own not in self._used for half in halves)

    def _fill(self, shape: Shape, stock: Stock) -> list[_Line]:
        """A line for each place of the shape; empty when some letter finds no rhyme that serves."""
        lines: dict[int, _Line] = {}
        for letter in dict.fromkeys(shape.scheme):
            places = [n for n, other in enumerate(shape.scheme) if other == letter]
            rhymed = self._rhymed(places, shape.lengths, stock, list(lines.values()))
            if not rhymed:
                return []
            lines.update(zip(places, rhymed, strict=True))
        return [lines[n] for n in sorted(lines)]

    def _rhymed(self, places: list[int], lengths: Sequence[int], stock: Stock, beside: list[_Line]) -> list[_Line]:
        """Lines that rhyme with one another for these places, and not with the lines beside them."""
        heard = {line.tail.rhyme for line in beside}
        groups: dict[str, list[Half]] = {}
        for tail in stock.tails:
            if tail.rhyme and tail.rhyme not in heard and (not stock.rhymes or tail.rhyme in stock.rhymes):
                groups.setdefault(tail.rhyme, []).append(tail)
        for group in sorted(groups.values(), key=self._liking):
            lines: list[_Line] = []
            while len(lines) < len(places):
                place = places[len(lines)]
                line = self._line(
                    lengths[place], replace(stock, heads=(stock.heads[place],), tails=group), [*beside, *lines]
                )
                if line is None:
                    break
                lines.append(line)
            else:
                return lines
        return []

    def _line(self, length: int, stock: Stock, beside: list[_Line]) -> _Line | None:
        """One of the stock's heads and a tail that make the length, the dearest first; None when there are none."""
        used = self._used.union(*(_keys(line.head) | _keys(line.tail) for line in beside))
        endings = [*stock.endings, *(last_word(line.tail.text, self._language) for line in beside)]
        heads = [head for head in stock.heads[0] if not used & _keys(head)]
        tails = [
            tail
            for tail in stock.tails
            if not used & _keys(tail) and not _clashes(last_word(tail.text, self._language), endings)
        ]
        pairs = [
            _Line(head=head, tail=tail)
            for tail in tails
            for head in heads
            if head.takes(tail)
            and head.syllables + tail.syllables == length
            and not self._words(head.text) & self._words(tail.text)
        ]
        return min(pairs, key=lambda pair: self._liking([pair.head, pair.tail]), default=None)

    def _liking(self, halves: Sequence[Half]) -> tuple[int, float]:
        """Sorts what is liked best first: the caller's words, then by weight and chance."""
        own = len({half.own for half in halves if half.own})
        return -own, -self._rng.random() * sum(half.weight**2 for half in halves) / len(halves)

    def _words(self, text: str) -> set[str]:
        """What a line should not say twice: words in English, pairs of characters in Mandarin."""
        if self._language is Language.MANDARIN:
            return {a + b for a, b in pairwise(text)}
        return {word for word in text.lower().replace(",", "").split() if len(word) > 3 or word in {"and", "i'm", "my"}}

    @staticmethod
    def _written(line: _Line) -> str:
        text = f"{line.head.text} {line.tail.text}".strip()
        return text[:1].upper() + text[1:]


def _keys(half: Half) -> set[str]:
    """What is used up with a half: itself, and the caller's words in it."""
    return {half.text, half.own} - {""}


def _own_count(lines: list[_Line]) -> int:
    """How much of the caller's is sung, a thing and its place in one line counting for more than in two."""
    sung = {half.own for line in lines for half in (line.head, line.tail) if half.own}
    return len(sung) + sum(bool(line.head.own and line.tail.own) for line in lines)


def _clashes(ending: str, endings: list[str]) -> bool:
    return any(ending.endswith(other) or other.endswith(ending) for other in endings)
