"""Katakana as sung syllables: a mora each, but a long vowel, ン and ッ join the mora before them.

So singers have it who hold "kyō" and "san" as one: the vowel is drawn out, the nasal closes it, and ッ is the silence
in which the next consonant waits. Such a syllable says how many morae it holds, for it wants as much more time.
"""

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from typing import Any

from tutti.engines.song.model import Syllable

LONG, _CLOSURE, _NASAL = "ー", "ッ", "ン"
_JOINING = frozenset({LONG, _CLOSURE, _NASAL})
_LONG_LETTER, _CLOSURE_LETTER = "ː", "ʔ"
# The nasal where no consonant shapes it.
_OPEN_NASAL = "ɴ"


@dataclass(frozen=True, kw_only=True, slots=True)
class Mora:
    """One beat of a Japanese line: its katakana, and what is shown for it; without kana it only shows."""

    kana: str
    text: str
    starts_word: bool = False


def katakana(text: str) -> str:
    """Hiragana as katakana; everything else unchanged."""
    return "".join(chr(ord(letter) + 96) if "ぁ" <= letter <= "ゖ" else letter for letter in text)


def cut_morae(kana: str) -> list[str]:
    """Katakana in morae: small letters belong to the letter before them; what is no kana is passed over."""
    found: list[str] = []
    for letter in kana:
        if found and found[-1] + letter in _letters():
            found[-1] += letter
        elif letter in _letters() or letter in _JOINING:
            found.append(letter)
    return found


def sung_morae(line: Sequence[Mora]) -> list[Syllable]:
    """A line's morae as syllables whose texts join to all of theirs; none when nothing sounds.

    Where words end is left to the caller.
    """
    sung: list[Syllable] = []
    unsung = ""
    whole = _whole(line)
    for index, mora in enumerate(whole):
        following = next((later.kana for later in whole[index + 1 :] if later.kana), "")
        if sung and (mora.kana in _JOINING or not mora.kana):
            sung[-1] = _joined(sung[-1], mora, following)
        elif mora.kana in _letters() or mora.kana == _NASAL:
            sung.append(_syllable(replace(mora, text=unsung + mora.text, starts_word=mora.starts_word or not sung)))
            unsung = ""
        else:
            unsung += mora.text
    return sung


def _whole(line: Sequence[Mora]) -> list[Mora]:
    """The morae with small letters joined to the letter before them where the dictionary cut between the two."""
    whole: list[Mora] = []
    for mora in line:
        before = whole[-1] if whole else Mora(kana="", text="")
        if before.kana and mora.kana and before.kana + mora.kana in _letters():
            whole[-1] = replace(before, kana=before.kana + mora.kana, text=before.text + mora.text)
        else:
            whole.append(mora)
    return whole


def _syllable(mora: Mora) -> Syllable:
    letters = _letters().get(mora.kana, _OPEN_NASAL)
    return Syllable(
        onset=tuple(letters[:-1]),
        nucleus=(letters[-1],),
        text=mora.text,
        morae=1,
        starts_word=mora.starts_word,
        ends_word=False,
    )


def _joined(syllable: Syllable, mora: Mora, following: str) -> Syllable:
    """The syllable with one more mora; a closure with nothing after it is not heard, nor counted."""
    shown = replace(syllable, text=syllable.text + mora.text)
    if not mora.kana or (mora.kana == _CLOSURE and following not in _letters()):
        return shown
    longer = replace(shown, morae=shown.morae + 1)
    if mora.kana == LONG:
        return longer if _LONG_LETTER in longer.nucleus else replace(longer, nucleus=(*longer.nucleus, _LONG_LETTER))
    letter = _CLOSURE_LETTER if mora.kana == _CLOSURE else _nasal(following)
    return longer if letter in longer.coda else replace(longer, coda=(*longer.coda, letter))


def _nasal(following: str) -> str:
    first = _letters().get(following, " ")[0]
    return next(
        (nasal for nasal, before in japanese_tables()["nasals"].items() if first in before.split()), _OPEN_NASAL
    )


@cache
def _letters() -> dict[str, str]:
    """Mora to phonetic letters."""
    words = japanese_tables()["morae"].split()
    return dict(zip(words[::2], words[1::2], strict=True))


@cache
def japanese_tables() -> dict[str, Any]:
    """The tables of `data/japanese.toml`: "morae", "nasals", "readings"."""
    return tomllib.loads(files(__package__).joinpath("data/japanese.toml").read_text(encoding="utf-8"))
