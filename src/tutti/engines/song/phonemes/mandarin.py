"""Mandarin lines as sung syllables: characters to pinyin, pinyin to the singer's letters, tones as they are spoken.

Words are found by jieba and read by pypinyin, which knows characters with several readings by the phrases they stand
in. Both are loaded at the first Chinese line, in about a second.
"""

import logging
import re
import tomllib
import warnings
from dataclasses import replace
from functools import cache
from importlib.resources import files
from itertools import pairwise
from typing import Any

from tutti.engines.song.model import Syllable

HAN = re.compile(r"[\u3007\u3400-\u4dbf\u4e00-\u9fff]+")
_DIGITS = "零一二三四五六七八九"
_PLACES = ((10**8, "亿"), (10**4, "万"), (1000, "千"), (100, "百"), (10, "十"))
# Tones that 一 takes before each tone of the next syllable (a neutral one counts as the fourth it usually was).
_YI_BEFORE = {1: 4, 2: 4, 3: 4, 4: 2, 5: 2}


def han_words(text: str) -> tuple[tuple[Syllable, ...], ...]:
    """The words of a run of Han characters, each as its syllables, whose texts join to `text`.

    Tones are 1..5 after sandhi (3-3 becomes 2-3, 不 and 一 follow their neighbour); 儿 as an ending joins its syllable.
    """
    words = [_word(word) for word in _segment(text)]
    flat = [syllable for word in words for syllable in word]
    toned = iter(_sandhi(flat, [len(word) for word in words]))
    return tuple(tuple(next(toned) for _ in word) for word in words)


def chinese_number(written: str) -> str:
    """Arabic digits as they are read in a Chinese line: years and long numbers digit by digit, others by value."""
    whole, _, fraction = written.replace(",", "").partition(".")
    is_read_by_digit = (
        len(whole) > 9 or (len(whole) == 4 and not fraction and "1000" <= whole <= "2999") or whole[0] == "0"
    )
    words = _by_digit(whole) if is_read_by_digit else _by_value(int(whole))
    return words + (f"点{_by_digit(fraction)}" if fraction else "")


@cache
def pinyin_syllable(pinyin: str) -> Syllable:
    """One pinyin syllable with its tone digit ("lü4", "zhang3", "er2") as a syllable without text.

    Raises `KeyError` for what is not pinyin.
    """
    spelling, tone = pinyin.rstrip("012345"), int(pinyin[-1]) if pinyin[-1] in "12345" else 5
    initial, final = split_pinyin(spelling)
    medial, nucleus, coda = _tables()["finals"][final]
    return Syllable(
        onset=(*_tables()["initials"].get(initial, ""), *medial),
        nucleus=tuple(nucleus),
        coda=tuple(coda),
        tone=tone,
        stress=0 if tone == 5 else 1,
    )


def split_pinyin(spelling: str) -> tuple[str, str]:
    """Initial and full final of a syllable without tone: "liu" -> ("l", "iou"), "yuan" -> ("", "üan")."""
    spelling = spelling.replace("v", "ü").replace("u:", "ü")
    if full := _tables()["full_finals"].get(spelling):
        return "", full
    initial = next((i for i in (spelling[:2], spelling[:1]) if i in _tables()["initials"]), "")
    final = spelling.removeprefix(initial)
    if final in {"", "g"}:
        return "", spelling
    final = _tables()["short_finals"].get(final, final)
    if initial in {"j", "q", "x"} and final.startswith("u"):
        final = {"uan": "üan", "u": "ü", "ue": "üe", "uen": "ün"}[final]
    if final == "ue":
        final = "üe"
    if final == "i" and initial in {"zh", "ch", "sh", "r", "z", "c", "s"}:
        final = "-i"
    return initial, final


@cache
def pinyin_of(word: str) -> tuple[str, ...]:
    """The pinyin of each character of a word with tone digits; "" where the character has none."""
    pypinyin = _pypinyin()
    return tuple(
        reading if re.fullmatch("[a-zêü:]+[1-5]", reading) else ""
        for reading in pypinyin.lazy_pinyin(
            word,
            style=pypinyin.Style.TONE3,
            neutral_tone_with_five=True,
            v_to_u=True,
            errors=lambda run: [""] * len(run),
        )
    )


def is_noun_phrase(text: str) -> bool:
    """Whether a run of Han characters reads as the name of a person, thing, place or time, and not as a sentence.

    Judged by jieba's dictionary: the last word names something, the first neither does anything nor stands for a name.
    """
    flags = [_flag(word) for word in _segment(text)]
    return (
        bool(flags) and (flags[-1][0] in "nsti" or flags[-1] == "vn") and flags[0][0] not in "pdcr" and flags[0] != "v"
    )


def _flag(word: str) -> str:
    """The part of speech of a word in jieba's dictionary; what it does not know is taken for a name."""
    at = _dictionary_text().find(f"\n{word} ")
    return "n" if at < 0 else _dictionary_text()[at + 1 : at + 100].split(maxsplit=3)[2]


def _word(word: str) -> tuple[Syllable, ...]:
    syllables: list[Syllable] = []
    for character, pinyin in zip(word, pinyin_of(word), strict=True):
        if character == "儿" and syllables and word not in _own_syllable_words():
            syllables[-1] = _with_er(syllables[-1])
        elif pinyin and _is_pinyin(pinyin):
            syllables.append(replace(pinyin_syllable(pinyin), text=character))
        elif syllables:
            syllables[-1] = replace(syllables[-1], text=syllables[-1].text + character)
    last = len(syllables) - 1
    return tuple(replace(s, starts_word=n == 0, ends_word=n == last) for n, s in enumerate(syllables))


def _with_er(syllable: Syllable) -> Syllable:
    """The syllable with the ending 儿: a final i or n falls away before it."""
    nucleus = syllable.nucleus[:-1] if len(syllable.nucleus) > 1 and syllable.nucleus[-1] == "i" else syllable.nucleus
    coda = tuple(letter for letter in syllable.coda if letter != "n")
    return replace(syllable, nucleus=nucleus, coda=(*coda, "ɻ"), text=syllable.text + "儿")


def _is_pinyin(pinyin: str) -> bool:
    try:
        pinyin_syllable(pinyin)
    except KeyError:
        return False
    return True


def _sandhi(line: list[Syllable], word_lengths: list[int]) -> list[Syllable]:
    """Spoken tones for citation tones."""
    toned = list(line)
    for n, (now, after) in enumerate(pairwise(line)):
        repeats = n > 0 and line[n - 1].text == after.text
        if now.text in "不一" and repeats:
            toned[n] = replace(now, tone=5, stress=0)
        elif now.text == "不" and after.tone == 4:
            toned[n] = replace(now, tone=2)
        elif (
            now.text == "一"
            and after.text not in _DIGITS + "月号日楼"
            and not (n > 0 and line[n - 1].text in _DIGITS + "第十")
        ):
            toned[n] = replace(now, tone=_YI_BEFORE[after.tone])
    return _third_tones(toned, word_lengths)


def _third_tones(line: list[Syllable], word_lengths: list[int]) -> list[Syllable]:
    """Third tones before third tones rise: first inside words, then across words of one syllable."""
    toned = list(line)
    start = 0
    for length in word_lengths:
        for n in range(start, start + length - 1):
            if toned[n].tone == 3 and toned[n + 1].tone == 3:
                toned[n] = replace(toned[n], tone=2)
        start += length
    for n in range(len(toned) - 1):
        if toned[n].tone == 3 and toned[n + 1].tone == 3 and (toned[n].starts_word or toned[n + 1].ends_word):
            toned[n] = replace(toned[n], tone=2)
    return toned


def _by_digit(digits: str) -> str:
    return "".join(_DIGITS[int(digit)] for digit in digits)


def _by_value(number: int) -> str:
    if number < 10:
        return _DIGITS[number]
    size, name = next((size, name) for size, name in _PLACES if number >= size)
    head, rest = divmod(number, size)
    words = ("" if size == 10 and head == 1 else _by_value(head)) + name
    if not rest:
        return words
    gap = "零" if rest < size // 10 else ""
    # Inside a larger number ten is read 一十.
    return words + gap + ("一" if 10 <= rest < 20 and size > 10 else "") + _by_value(rest)


def _segment(text: str) -> list[str]:
    # jieba gives single characters for what it does not know, so the words always join to the text.
    return list(_jieba().lcut(text))


@cache
def _tables() -> dict[str, Any]:
    return tomllib.loads(files(__package__).joinpath("data/mandarin.toml").read_text(encoding="utf-8"))


@cache
def _own_syllable_words() -> frozenset[str]:
    return frozenset(["儿", *_tables()["erhua"]["own_syllable"].split()])


@cache
def _jieba() -> Any:
    with warnings.catch_warnings():
        # Importing it warns of the deprecated module through which it finds its dictionary.
        warnings.simplefilter("ignore")
        import jieba  # noqa: PLC0415 - loaded at the first Chinese line

        jieba.setLogLevel(logging.WARNING)
        jieba.initialize()
    return jieba


@cache
def _dictionary_text() -> str:
    """Jieba's dictionary, one word a line with its frequency and part of speech."""
    with _jieba().get_dict_file() as file:
        return "\n" + str(file.read(), "utf-8")


@cache
def _pypinyin() -> Any:
    import pypinyin  # noqa: PLC0415 - loaded at the first Chinese line

    return pypinyin
