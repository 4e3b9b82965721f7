"""What a phrase weighs in a song: its syllables, and the sound that it rhymes by.

English rhymes from the last stressed vowel onward ("shading" with "fading", not with "waiting"); Mandarin by the final
of the last character, in the rhyme groups that singers use (ian with an, ing with eng and ong).
"""

import re
from functools import lru_cache

from tutti.engines.song.model import Language, Syllable
from tutti.engines.song.phonemes import line
from tutti.engines.song.phonemes.mandarin import HAN, pinyin_of, split_pinyin

# Final to the group it rhymes in.
_GROUPS = {
    "a": "a", "ia": "a", "ua": "a", "o": "o", "uo": "o", "e": "e", "ie": "ie", "üe": "ie", "ai": "ai", "uai": "ai",
    "ei": "ei", "uei": "ei", "ao": "ao", "iao": "ao", "ou": "ou", "iou": "ou", "an": "an", "ian": "an", "uan": "an",
    "üan": "an", "en": "en", "in": "en", "uen": "en", "ün": "en", "ang": "ang", "iang": "ang", "uang": "ang",
    "eng": "eng", "ing": "eng", "ueng": "eng", "ong": "eng", "iong": "eng", "i": "i", "ü": "i", "-i": "zhi", "u": "u",
    "er": "er",
}  # fmt: skip
# Letters that differ by position and not by sound.
_ALIKE = str.maketrans({"ɾ": "t", "ᵻ": "ɪ"})


@lru_cache(maxsize=8192)
def syllable_count(text: str, language: Language) -> int:
    """How many syllables are sung for the text."""
    return len(line(text, language).syllables)


@lru_cache(maxsize=8192)
def rhyme_of(text: str, language: Language) -> str:
    """The key that two endings share when they rhyme; "" when the text has no ending that can rhyme."""
    if language is Language.MANDARIN and HAN.search(text):
        return _mandarin_rhyme(text)
    syllables = line(text, language).syllables
    weighty = next((n for n in range(len(syllables) - 1, -1, -1) if syllables[n].stress), None)
    return "" if weighty is None else _sound(syllables[weighty:])


def last_word(text: str, language: Language) -> str:
    """The word on which the rhyme falls: a character in Mandarin."""
    if language is Language.MANDARIN:
        return text.strip()[-1:]
    return re.split(r"[\s-]", text.strip())[-1].strip(".,!?'\"").lower()


def rhymes(first: str, second: str, language: Language) -> bool:
    """Whether two different endings sound alike; a word does not rhyme with itself or with what ends in it."""
    one, other = last_word(first, language), last_word(second, language)
    if one.endswith(other) or other.endswith(one):
        return False
    return bool(rhyme_of(first, language)) and rhyme_of(first, language) == rhyme_of(second, language)


def _sound(syllables: tuple[Syllable, ...]) -> str:
    first, *rest = syllables
    sounds = [*first.nucleus, *first.coda, *(letter for s in rest for letter in (*s.onset, *s.nucleus, *s.coda))]
    return "".join(sounds).translate(_ALIKE)


def _mandarin_rhyme(text: str) -> str:
    run = HAN.findall(text)[-1]
    pinyin = pinyin_of(run)[-1]
    if not pinyin or pinyin.endswith("5"):
        return ""
    return _GROUPS.get(split_pinyin(pinyin[:-1])[1], "")
