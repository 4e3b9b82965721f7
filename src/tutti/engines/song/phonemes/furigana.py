"""Lays a Japanese word's writing over its kana, for the display that follows the singer.

Kana stand over themselves ("歩いた": い た over イ タ), kanji evenly over what is left to them.
"""

import re
from collections.abc import Sequence
from functools import cache

from tutti.engines.song.phonemes.kana import LONG, katakana

_RUNS = re.compile("[ぁ-ゖァ-ヺー]+|[^ぁ-ゖァ-ヺー]+")
# Kana that may be spoken as others: particles, long vowels, "いう", and two that sound alike.
_SPOKEN = {"ハ": "ワ", "ヘ": "エ", "イ": "ユ", "ヅ": "ズ", "ヂ": "ジ"}
_VOWELS = frozenset("アイウエオァィゥェォ")


def over_kana(written: str, kana: str, shown: Sequence[str]) -> list[str]:
    """For each letter of a reading in katakana what is shown over it; together they join to all of `shown`.

    `shown` is what is shown for each letter of `written`. A reading that does not fit its kana has everything evenly.
    """
    texts = [""] * len(kana)
    fits = re.fullmatch(_pattern(written), kana)
    spans = [(0, len(written), 0, len(kana))]
    if fits:
        spans = [(*run.span(), *fits.span(n)) for n, run in enumerate(_RUNS.finditer(written), 1)]
    for start, end, kana_start, kana_end in spans:
        for index in range(start, end):
            texts[kana_start + (index - start) * (kana_end - kana_start) // (end - start)] += shown[index]
    return texts


@cache
def _pattern(written: str) -> str:
    """The readings that a word may have: its own kana, and anything where it is written otherwise."""
    runs = _RUNS.findall(written)
    return "".join(f"({''.join(map(_spoken_as, katakana(run))) if _is_kana(run) else '.+?'})" for run in runs)


def _is_kana(run: str) -> bool:
    return bool(re.match("[ぁ-ゖァ-ヺー]", run))


def _spoken_as(kana: str) -> str:
    return f"[{kana}{_SPOKEN.get(kana, '')}{LONG if kana in _VOWELS else ''}]"
