"""A phrase as the letters that the network reads, each knowing what it does in its syllable."""

from collections.abc import Container, Iterator
from dataclasses import dataclass, replace
from enum import Enum, auto

from tutti.engines.song.model import Syllable
from tutti.engines.song.singer.phrases import Phrase


class Role(Enum):
    """What a letter does."""

    ONSET = auto()  # a consonant before the vowel
    STRESS = auto()  # a mark that weighs the vowel after it
    NUCLEUS = auto()  # the vowel that is held
    GLIDE = auto()  # the end of a diphthong, or the r of a coloured vowel: short, at the end of the hold
    TONE = auto()  # a Mandarin tone arrow: read by the network, given no time
    CODA = auto()  # a consonant after the vowel
    PAUSE = auto()  # the space between two words


@dataclass(frozen=True, kw_only=True, slots=True)
class Token:
    """One letter; `syllable` counts within the phrase (a pause belongs to the one before it)."""

    letter: str
    role: Role
    syllable: int


# Without a voice in them; "ʰ" is the breath of an aspirated stop, "ʔ" the closure before a Japanese one.
UNVOICED = frozenset("ptkfsʃʧθhʦʨꭧʂɕxʰçɸʔ")
_STRESS_MARKS = {1: "ˈ", 2: "ˌ"}
# As the network's own Mandarin texts mark them; the neutral tone has none.
_TONE_ARROWS = {1: "→", 2: "↗", 3: "↓", 4: "↘"}
# One letter each in the network's alphabet. Held long they collapse to their first half ("light" is heard as "lie"), so
# from this length on they are sung as two letters. Words misheard: 0.45 whole, 0.23 in two.
_DIPHTHONGS = {"I": ("a", "ɪ"), "A": ("e", "ɪ"), "O": ("o", "ʊ"), "W": ("a", "ʊ"), "Y": ("ɔ", "ɪ"), "Q": ("ə", "ʊ")}
_SPLIT_FROM_S = 0.3
_NEUTRAL_VOWEL = ("ə",)


def phrase_tokens(phrase: Phrase, alphabet: Container[str]) -> tuple[Token, ...]:
    """The letters of a phrase in order; letters outside `alphabet` are left out, but a syllable keeps a vowel."""
    return tuple(
        Token(letter=letter, role=role, syllable=n)
        for n, sung in enumerate(phrase)
        for letter, role in _letters(_within(sung.syllable, alphabet), sung.length_s, is_first=n == 0)
    )


def _within(syllable: Syllable, alphabet: Container[str]) -> Syllable:
    onset, nucleus, coda = (
        tuple(letter for letter in letters if letter in alphabet)
        for letters in (syllable.onset, syllable.nucleus, syllable.coda)
    )
    return replace(syllable, onset=onset, nucleus=nucleus or _NEUTRAL_VOWEL, coda=coda)


def _letters(syllable: Syllable, length_s: float, *, is_first: bool) -> Iterator[tuple[str, Role]]:
    if syllable.starts_word and not is_first:
        yield " ", Role.PAUSE
    for letter in syllable.onset:
        yield letter, Role.ONSET
    if not syllable.tone and syllable.stress in _STRESS_MARKS:
        yield _STRESS_MARKS[syllable.stress], Role.STRESS
    first, *rest = _vowels(syllable.nucleus, length_s)
    yield first, Role.NUCLEUS
    for letter in rest:
        yield letter, Role.GLIDE
    if syllable.tone in _TONE_ARROWS:
        yield _TONE_ARROWS[syllable.tone], Role.TONE
    for letter in syllable.coda:
        yield letter, Role.CODA


def _vowels(nucleus: tuple[str, ...], length_s: float) -> tuple[str, ...]:
    if length_s < _SPLIT_FROM_S:
        return nucleus
    return tuple(letter for vowel in nucleus for letter in _DIPHTHONGS.get(vowel, (vowel,)))
