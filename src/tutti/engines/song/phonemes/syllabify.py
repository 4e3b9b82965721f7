"""Cuts a pronounced word into syllables: one vowel each, and as many consonants before it as a word could begin with.

The letters are those of the English dictionaries that Kokoro was trained with: `A I O W Y` are diphthongs, a stress
mark stands right before its vowel. Two of their habits do not sing and are changed here: the hint of a vowel in
"little" becomes a whole one, and "button", written without any vowel in its second syllable, gets one.
"""

from itertools import pairwise

from tutti.engines.song.model import Syllable

VOWELS = frozenset("AIOQWYaeiouæɐɑɒɔəɚɛɜɪʊʌᵻ")
_STRESS = {"ˈ": 1, "ˌ": 2}
# A vowel and the r that colours it are held as one.
_R_COLOURED = frozenset("ɜə")
# Clusters that can begin an English word: the second letters that may follow each first one.
_SECONDS = {
    "b": "ɹlj", "d": "ɹwj", "f": "ɹlj", "h": "j", "k": "ɹlwj", "m": "j", "n": "j", "p": "ɹlj", "s": "klmnptwf",
    "t": "ɹw", "v": "j", "ɡ": "ɹlw", "ʃ": "ɹ", "θ": "ɹw",
}  # fmt: skip
_NEVER_FIRST = "ŋ"


def syllabify(reading: str) -> tuple[Syllable, ...]:
    """The syllables of one word, without texts; empty when the reading holds no vowel.

    `starts_word` and `ends_word` are true at the first and the last syllable only.
    """
    sounds, stresses = _sounds(reading)
    nuclei = [index for index, sound in enumerate(sounds) if sound in VOWELS]
    starts = [0, *(_border(sounds, a, b) for a, b in pairwise(nuclei)), len(sounds)]
    codas = [_coda_start(sounds, nucleus, end) for nucleus, end in zip(nuclei, starts[1:], strict=False)]
    return tuple(
        Syllable(
            onset=tuple(sounds[starts[n] : nucleus]),
            nucleus=tuple(sounds[nucleus : codas[n]]),
            coda=tuple(sounds[codas[n] : starts[n + 1]]),
            stress=stresses.get(nucleus, 0),
            starts_word=n == 0,
            ends_word=n == len(nuclei) - 1,
        )
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
    # Three begin only with s and a stop: "str", "spl".
    is_start = cluster[1] in _SECONDS.get(cluster[0], "")
    return is_start and (len(cluster) == 2 or (cluster[:2] in {"sp", "st", "sk"} and _can_begin(cluster[1:])))


def _coda_start(sounds: list[str], nucleus: int, end: int) -> int:
    after = nucleus + 1
    return after + 1 if after < end and sounds[nucleus] in _R_COLOURED and sounds[after] == "ɹ" else after
