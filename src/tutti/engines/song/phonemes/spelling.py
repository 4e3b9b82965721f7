"""Spreads a word's spelling over its syllables, for the display that follows the singer: "wonderful" -> "won der ful".

Only the look is decided here; any cut that rejoins to the word is right, a good one falls where a reader expects it.
"""

import re
from itertools import pairwise

_VOWEL_RUN = re.compile(r"[aeiouyáàâäãåéèêëíìîïóòôöõúùûüœæ]+", re.IGNORECASE)
# Consonants written with several letters are never cut in two, nor are the clusters that begin syllables.
_UNITS = re.compile(r"[scptwg]h|ck|ng|qu|[bcdfgpt]r|[bcfgp]l|[dktz]l(?=e)|.", re.IGNORECASE)


def spread(word: str, count: int) -> tuple[str, ...]:
    """`count` pieces that join to `word`; some are empty when it has fewer letters than syllables (as "2000" has)."""
    if count <= 1:
        return (word,) * count
    groups = _vowel_groups(word, count)
    cuts = [_cut(word, a, b) for a, b in pairwise(groups)] if len(groups) == count else _even_cuts(word, count)
    return tuple(word[start:end] for start, end in pairwise([0, *cuts, len(word)]))


def _vowel_groups(word: str, count: int) -> list[tuple[int, int]]:
    """Start and end of the vowels that sound, as many as there are syllables when that can be arranged."""
    groups = [match.span() for match in _VOWEL_RUN.finditer(word)]
    groups = [(start, end) for start, end in groups if not _is_consonant(word, start, end)]
    while len(groups) > count and (silent := _silent_e(word, groups)) is not None:
        del groups[silent]
    while 0 < len(groups) < count and (wide := max(range(len(groups)), key=lambda n: groups[n][1] - groups[n][0])) >= 0:
        start, end = groups[wide]
        if end - start < 2:
            break
        groups[wide : wide + 1] = [(start, end - 1), (end - 1, end)]
    return groups


def _is_consonant(word: str, start: int, end: int) -> bool:
    """Whether the letters at `start` are the u of "qu" or the y that begins "yes"."""
    return end - start == 1 and (
        (word[start] in "uU" and word[start - 1 : start] in {"q", "Q"})
        or (start == 0 and word[0] in "yY" and len(word) > 1)
    )


def _silent_e(word: str, groups: list[tuple[int, int]]) -> int | None:
    """The likeliest e that does not sound: the last one that stands alone after a consonant."""
    for index in range(len(groups) - 1, 0, -1):
        start, end = groups[index]
        if word[start:end].lower() == "e":
            return index
    return None


def _cut(word: str, left: tuple[int, int], right: tuple[int, int]) -> int:
    """Where to cut between two vowel groups: before the last consonant or cluster."""
    # The vowel that follows is looked at too: "lit-tle", but "at-las".
    starts = [match.start() for match in _UNITS.finditer(word[left[1] : right[0] + 1])]
    return left[1] + starts[-2] if len(starts) > 1 else right[0]


def _even_cuts(word: str, count: int) -> list[int]:
    return [round(len(word) * n / count) for n in range(1, count)]
