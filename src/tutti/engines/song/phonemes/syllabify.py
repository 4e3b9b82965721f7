"""Cuts a pronounced word into syllables: one vowel each, and as many consonants before it as a word could begin with.

The letters are those of the English dictionaries that Kokoro was trained with: `A I O W Y` are diphthongs, a stress mark
stands right before its vowel. Two of their habits do not sing and are changed here: the hint of a vowel in "little" becomes
a whole one, and "button", written without any vowel in its second
syllable, gets one.
"""

import itertools

from tutti.engines.song.model import Syllable

VOWELS = frozenset("AIOQWYaeiouæɐɑɒɔəɚɛɜɪʊʌᵻ")
_STRESS = {"ˈ": 1, "ˌ": 2}
# A vowel and the r that colours it are held as one.
_R_COLOURED = frozenset("ɜə")
_PAIRS = frozenset(
    [
        "bɹ",
        "bl",
        "dɹ",
        "dw",
        "fɹ",
        "fl",
        "ɡɹ",
        "ɡl",
        "ɡw",
        "kɹ",
        "kl",
        "kw",
        "pɹ",
        "pl",
        "sk",
        "sl",
        "sm",
        "sn",
        "sp",
        "st",
        "sw",
        "sf",
        "tɹ",
        "tw",
        "θɹ",
        "θw",
        "ʃɹ",
        "pj",
        "bj",
        "fj",
        "kj",
        "mj",
        "hj",
        "vj",
        "nj",
        "dj",
    ]
)
_TRIPLES = frozenset(["stɹ", "spɹ", "skɹ", "spl", "skw", "spj", "skj"])
_NEVER_FIRST = frozenset("ŋ")


def syllabify(reading: str) -> tuple[Syllable, ...]:
    """The syllables of one word, without texts; empty when the reading holds no vowel.

    `starts_word` and `ends_word` are true at the first and the last syllable only.
    """
    sounds, stresses = _sounds(reading)
    nuclei = [index for index, sound in enumerate(sounds) if sound in VOWELS]
    borders = [0, *(_border(sounds, a, b) for a, b in itertools.pairwise(nuclei)), len(sounds)]
    return tuple(
        _syllable(sounds, borders[n], nucleus, borders[n + 1], stresses.get(nucleus, 0), (n == 0, n == len(nuclei) - 1))
        for n, nucleus in enumerate(nuclei)
    )


def _sounds(reading: str) -> tuple[list[str], dict[int, int]]:
    """The letters without stress marks, and the stress of each stressed vowel by its index."""
    sounds: list[str] = []
    stresses: dict[int, int] = {}
    stress = 0
    for letter in reading.replace("ʔn", "tən").replace("ᵊ", "ə").replace("hw", "w"):
        if letter in _STRESS:
            stress = _STRESS[letter]
            continue
        if stress and letter in VOWELS:
            stresses[len(sounds)] = stress
            stress = 0
        sounds.append(letter)
    return sounds, stresses


def _border(sounds: list[str], left: int, right: int) -> int:
    """Where the syllable of the vowel at `right` begins: the longest cluster before it that can begin a word."""
    between = right - left - 1
    for length in range(min(3, between), 0, -1):
        if _can_begin("".join(sounds[right - length : right])):
            return right - length
    return right


def _can_begin(cluster: str) -> bool:
    if len(cluster) == 1:
        return cluster not in _NEVER_FIRST
    return cluster in _PAIRS or cluster in _TRIPLES


def _syllable(sounds: list[str], start: int, nucleus: int, end: int, stress: int, edges: tuple[bool, bool]) -> Syllable:
    after = nucleus + 1
    if after < end and sounds[nucleus] in _R_COLOURED and sounds[after] == "ɹ":
        after += 1
    return Syllable(
        onset=tuple(sounds[start:nucleus]),
        nucleus=tuple(sounds[nucleus:after]),
        coda=tuple(sounds[after:end]),
        stress=stress,
        starts_word=edges[0],
        ends_word=edges[1],
    )
