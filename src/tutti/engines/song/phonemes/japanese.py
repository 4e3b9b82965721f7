"""Japanese lines as sung syllables: words to kana by dictionary, kana to the singer's letters.

Words are found and read by Janome with the dictionary that it brings (IPADIC), loaded at the first Japanese line in
half a second. Which of several readings is meant it judges by the words beside; words of songs that it takes for others
stand in `data/japanese.toml`. What is sung as one word is a word with its particles and endings.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from tutti.engines.song.model import Syllable
from tutti.engines.song.phonemes.counts import COUNTED_NUMERALS, counted
from tutti.engines.song.phonemes.furigana import over_kana
from tutti.engines.song.phonemes.kana import LONG, Mora, cut_morae, japanese_tables, katakana, sung_morae
from tutti.engines.song.phonemes.numerals import japanese_number

_HAN = "\u3005-\u3007\u3400-\u4dbf\u4e00-\u9fff"
_KANA = "\u3041-\u3096\u309d\u309e\u30a1-\u30fa\u30fd\u30fe\uff66-\uff6f\uff71-\uff9d"
# Drawn-out vowels, which are often written as waves, and the marks of half-width kana.
_MARKS = "ー〜～\uff70\uff9e\uff9f"
_NUMBER = r"[0-9０-９]+(?:[.,．，][0-9０-９]+)*[%％]?"
KANA = re.compile(f"[{_KANA}]")
# What is read in one piece: kanji and kana with the numbers among them.
JAPANESE = re.compile(f"(?:{_NUMBER}|[{_HAN}{_KANA}][{_HAN}{_KANA}{_MARKS}]*)+")
_PIECES = re.compile(f"(?P<number>{_NUMBER})|[\uff66-\uff9d][\uff9e\uff9f]|.", re.DOTALL)
# As many words of the dictionary as `readings` has for one.
_MOST_JOINED = 3


@dataclass(frozen=True, kw_only=True, slots=True)
class _Word:
    """A word as written, its katakana as spoken, and the dictionary's part of speech and base form."""

    written: str
    kana: str
    kind: str
    base_form: str


def japanese_words(text: str) -> tuple[tuple[Syllable, ...], ...]:
    """The words of a piece that `JAPANESE` matches, each as its syllables, whose texts join to `text`.

    Empty when nothing in it can be read.
    """
    words: list[list[Syllable]] = []
    for syllable in sung_morae(list(_morae(text))):
        if syllable.starts_word:
            words.append([])
        words[-1].append(syllable)
    return tuple(tuple(_as_word(word)) for word in words)


def _as_word(syllables: Sequence[Syllable]) -> Iterator[Syllable]:
    last = len(syllables) - 1
    for n, syllable in enumerate(syllables):
        yield replace(syllable, starts_word=n == 0, ends_word=n == last)


def _morae(text: str) -> Iterator[Mora]:
    """The text's morae in order, their texts together all of it."""
    letters = list(_letters(text))
    shown = [source for _, source in letters]
    before, at = "", 0
    for word in _counting(_words("".join(letter for letter, _ in letters))):
        end = at + len(word.written)
        yield from _over_morae(word, shown[at:end], starts_word=not _leans(word, before))
        before, at = word.kind, end


def _letters(text: str) -> Iterator[tuple[str, str]]:
    """The text as the dictionary has its words, each letter with the piece of the text that it stands for."""
    before = ""
    for piece in _PIECES.finditer(text):
        read = _number(piece[0]) if piece["number"] else _letter(piece[0], before)
        yield read[0], piece[0]
        yield from ((letter, "") for letter in read[1:])
        before = read[-1]


def _number(written: str) -> str:
    plain = unicodedata.normalize("NFKC", written)
    return japanese_number(plain.rstrip("%")) + ("パーセント" if plain.endswith("%") else "")


def _letter(written: str, before: str) -> str:
    """Half-width kana whole, waves as long vowels, repetition marks as what they repeat."""
    if written in "〜～":
        return LONG
    if before and written in "ゝヽ":
        return before
    if before and written in "ゞヾ":
        return unicodedata.normalize("NFC", f"{before}\u3099")[0]
    return unicodedata.normalize("NFKC", written) if "\uff66" <= written[0] <= "\uff9d" else written


def _over_morae(word: _Word, shown: Sequence[str], *, starts_word: bool) -> Iterator[Mora]:
    """A word's morae; one without a reading is shown and not sung."""
    sounds = cut_morae(word.kana)
    if not sounds:
        yield Mora(kana="", text="".join(shown))
        return
    texts, at = over_kana(word.written, word.kana, shown), 0
    for n, sound in enumerate(sounds):
        end = word.kana.index(sound, at) + len(sound) if n < len(sounds) - 1 else len(word.kana)
        yield Mora(kana=sound, text="".join(texts[at:end]), starts_word=starts_word and n == 0)
        at = end


def _words(text: str) -> list[_Word]:
    """The dictionary's words, joined where `readings` has several as one; together they are the text."""
    found = [_word(token) for token in _janome().tokenize(text)]
    words, at = [], 0
    while at < len(found):
        readings = _readings("counts")
        if not (at and _is_numeral(found[at - 1]) and _is_numeral(found[at])):
            readings = readings | _readings("words")
        size = next((size for size in range(_MOST_JOINED, 0, -1) if _written(found[at : at + size]) in readings), 0)
        joined = found[at : at + max(1, size)]
        written = _written(joined)
        word = replace(joined[0], written=written, kana=readings[written]) if size else joined[0]
        # "一人一人" are two words, and "十四人" is one.
        is_apart = size > 1 and _is_numeral(word) and written not in _readings("counts")
        words.append(replace(word, kind=_NOUN) if is_apart else word)
        at += len(joined)
    return words


def _written(words: Sequence[_Word]) -> str:
    return "".join(word.written for word in words)


def _word(token: Any) -> _Word:
    if token.reading == "*":
        kana = katakana(token.surface)
    elif token.surface == "う" and token.part_of_speech.startswith("助動詞"):
        # The ending of "行こう" draws the vowel out.
        kana = LONG
    else:
        # Where they differ in length the spelling is nearer: the dictionary speaks "ヴァイオリン" as "バイオリン".
        kana = token.phonetic if len(token.phonetic) == len(token.reading) else token.reading
    return _Word(written=token.surface, kana=kana, kind=token.part_of_speech, base_form=token.base_form)


def _counting(words: Sequence[_Word]) -> list[_Word]:
    """The words with numerals and what they count as they sound together."""
    spoken = list(words)
    for n in range(len(spoken) - 1):
        one, other = spoken[n : n + 2]
        is_counted = "助数詞" in other.kind or other.written in COUNTED_NUMERALS
        if _is_numeral(one) and is_counted:
            first, second = counted(one.kana, other.kana)
            spoken[n : n + 2] = [replace(one, kana=first), replace(other, kana=second)]
    return spoken


_NOUN, _NUMERAL = "名詞,一般", "名詞,数"
_LEANING = (
    "助詞",
    "助動詞",
    "記号",
    "動詞,非自立",
    "動詞,接尾",
    "名詞,非自立",
    "名詞,接尾",
    "形容詞,非自立",
    "形容詞,接尾",
)


def _is_numeral(word: _Word) -> bool:
    return word.kind.startswith(_NUMERAL)


def _leans(word: _Word, before: str) -> bool:
    """Whether a word goes with the one before it, of the part of speech `before`: particles, endings, counters."""
    return (
        word.kind.startswith(_LEANING)
        or before.startswith("接頭詞")
        or (_is_numeral(word) and before.startswith(_NUMERAL))
        or (word.base_form == "する" and before.startswith("名詞,サ変接続"))
    )


@cache
def _readings(name: str) -> dict[str, str]:
    words = japanese_tables()["readings"][name].split()
    return dict(zip(words[::2], words[1::2], strict=True))


@cache
def _janome() -> Any:
    from janome.tokenizer import Tokenizer  # noqa: PLC0415 - loaded at the first Japanese line

    return Tokenizer()
