"""Written lines as sung syllables: which sounds, which weight, and which letters of the line each syllable stands for.

`line` is the door. It walks through the line word by word, so that a Chinese or Japanese line may hold English words
and the reverse; what can be sung in no language (emoji, other scripts) stays in the text and is passed over. The texts
of a line's syllables join to exactly the line, spaces and punctuation included.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from tutti.engines.song.model import Language, LyricLine, Syllable
from tutti.engines.song.phonemes.english import english_word, stress_ending
from tutti.engines.song.phonemes.japanese import JAPANESE, KANA, japanese_words
from tutti.engines.song.phonemes.mandarin import HAN, chinese_number, han_words
from tutti.engines.song.phonemes.numbers import NUMBER

__all__ = ["detect_language", "english_line", "japanese_line", "line", "mandarin_line"]

_LATIN = r"[A-Za-z\u00c0-\u024f]"
_WESTERN = rf"(?P<number>{NUMBER.pattern})|(?P<word>['’]?{_LATIN}+(?:['’]{_LATIN}+)*(?<=[\w])['’]?)|(?P<symbol>[&%+@=])"
_UNIT = re.compile(rf"(?P<east>{HAN.pattern})|{_WESTERN}")
# Japanese counts read a numeral together with what it counts.
_JAPANESE_UNIT = re.compile(rf"(?P<east>{JAPANESE.pattern})|{_WESTERN}")
_SPACES = re.compile(r"\s+")
# A Chinese line may have a の for its looks; of Japanese lines half is kana.
_LEAST_KANA = 0.2


def line(text: str, language: Language) -> LyricLine:
    """One line, its white space set to single spaces; digits are read in `language`.

    A line of which nothing can be sung has no syllables.
    """
    clean = _SPACES.sub(" ", text).strip()
    syllables = tuple(_syllables(clean, language))
    return LyricLine(
        text=clean,
        language=language,
        syllables=syllables if language is Language.JAPANESE else stress_ending(syllables),
    )


def english_line(text: str) -> tuple[Syllable, ...]:
    """The syllables of an English line; Han characters in it are sung in Mandarin."""
    return line(text, Language.ENGLISH).syllables


def mandarin_line(text: str) -> tuple[Syllable, ...]:
    """The syllables of a Chinese line; Latin words in it are sung in English."""
    return line(text, Language.MANDARIN).syllables


def japanese_line(text: str) -> tuple[Syllable, ...]:
    """The syllables of a Japanese line; Latin words in it are sung in English."""
    return line(text, Language.JAPANESE).syllables


def detect_language(text: str) -> Language:
    """Mandarin when Han characters make up most of what is sung, a Latin word counting as about two of them.

    With a fair share of kana among them it is Japanese.
    """
    kana = len(KANA.findall(text))
    signs = kana + sum(len(run) for run in HAN.findall(text))
    words = len(re.findall(rf"{_LATIN}+", text))
    if not signs or signs < words:
        return Language.ENGLISH
    return Language.JAPANESE if kana >= _LEAST_KANA * signs else Language.MANDARIN


def _syllables(text: str, language: Language) -> list[Syllable]:
    """The syllables in order, each with every character that the display shows from it to the next."""
    pieces = list(_pieces(text, language))
    starts = [0, *(_start(text, pieces[n - 1][1], pieces[n][0]) for n in range(1, len(pieces))), len(text)]
    sung: list[Syllable] = []
    for n, (start, end, syllables) in enumerate(pieces):
        before, after = text[starts[n] : start], text[end : starts[n + 1]]
        first = replace(syllables[0], text=before + syllables[0].text)
        word = [first, *syllables[1:]]
        word[-1] = replace(word[-1], text=word[-1].text + after)
        sung.extend(word)
    return sung


def _start(text: str, left_end: int, right_start: int) -> int:
    """Where the right one of two neighbours begins on the display: after the last space between them."""
    space = text.rfind(" ", left_end, right_start)
    return right_start if space < 0 else space + 1


def _pieces(text: str, language: Language) -> Iterator[tuple[int, int, tuple[Syllable, ...]]]:
    """Start, end and syllables of each word that sounds."""
    is_japanese = language is Language.JAPANESE
    for unit in (_JAPANESE_UNIT if is_japanese else _UNIT).finditer(text):
        if unit["east"] is not None:
            words = (japanese_words if is_japanese else han_words)(unit[0])
            yield from _found(words, text, unit.start(), unit.end())
        elif syllables := _latin(unit[0], language, is_number=unit["number"] is not None):
            yield unit.start(), unit.end(), syllables


def _found(
    words: Iterable[tuple[Syllable, ...]], text: str, start: int, end: int
) -> Iterator[tuple[int, int, tuple[Syllable, ...]]]:
    """Where the words stand in the text."""
    for word in words:
        written = "".join(syllable.text for syllable in word)
        at = text.find(written, start, end)
        if word and at >= 0:
            yield at, at + len(written), word
            start = at + len(written)


def _latin(written: str, language: Language, *, is_number: bool) -> tuple[Syllable, ...]:
    plain = re.sub(r"[^\d.,]", "", written).strip(".,")
    if is_number and language is Language.MANDARIN and plain.isascii() and ":" not in written:
        return _spread_number(written, chinese_number(plain))
    return english_word(written)


def _spread_number(written: str, read: str) -> tuple[Syllable, ...]:
    """The syllables of a number read in Chinese, showing its digits."""
    syllables = [syllable for word in han_words(read) for syllable in word]
    last = len(syllables) - 1
    cuts = [round(len(written) * n / len(syllables)) for n in range(len(syllables) + 1)]
    return tuple(
        replace(syllable, text=written[cuts[n] : cuts[n + 1]], starts_word=n == 0, ends_word=n == last)
        for n, syllable in enumerate(syllables)
    )
