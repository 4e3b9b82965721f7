"""A phrase read aloud on its notes, at lengths that the network knows, for it has never heard singing.

What a held vowel sounds like is then a matter of stretching the reading (`stretch.py`), not of asking the network for
vowels ten times as long as any it knows; so asked, it makes up syllables ("take my hand" was heard as "take it with my
hand", and four words in ten were wrong against one). English is spoken (`read`); Mandarin, whose syllables are short
and evenly long, is chanted (`chant`): at its sung lengths, until a vowel would be longer than the network bears.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from tutti.engines.song.singer.energy import energy_curve
from tutti.engines.song.singer.phrases import Phrase
from tutti.engines.song.singer.pitch import voiced
from tutti.engines.song.singer.timing import Timing
from tutti.engines.song.singer.tokens import UNVOICED, Role, Token
from tutti.models.runtime.kokoro import CURVE_HZ, FRAME_HZ, Kokoro, Prosody

_PER_FRAME = CURVE_HZ // FRAME_HZ
# Speech hurries over small words, whose vowels may last one frame: shorter than their sound comes before them, so that
# the silence before them was held instead ("and" was not to be heard), and pauses between words are not sung. On ten
# lines of two voices, words wrong fell from 0.05 and 0.14 to 0.06 and 0.02, frames within 50 cents rose from 0.944 to
# 0.979 for the first, with vowels of at least 4 frames and pauses of at most 2; with 3 and 1 half as much.
_SHORTEST_VOWEL = 4
_LONGEST_PAUSE = 2
# The silence after a sentence is counted with its last letter: a last "m" of 17 frames sounds for three.
_LONGEST_LAST = 5
# What has a sound of its own.
_SOUNDING = frozenset({Role.ONSET, Role.NUCLEUS, Role.GLIDE, Role.CODA})
# The network's own pitch is a few Hz where it hears no voice.
_VOICED_FROM_HZ = 30.0
# Speech lets the last vowels of a sentence fade and creak, and stretched they were noise, or an octave low: a note held
# on one lost 55 dB. In the network's unit, where a loud vowel has 8 to 12. On six lines that end on a low note, frames
# within 50 cents were 0.69 with 8, 0.86 with 10, 0.92 with 12 and 0.93 with 14, words and timbre alike.
_VOWEL_ENERGY = 12.0
# The consonants with a voice were whispered there as well ("told" ended on its vowel, a fifth of a second early). On
# ten lines of a fast song, frames within 50 cents were 0.92 as spoken and 0.95 with 8.
_CONSONANT_ENERGY = 8.0
# The longest vowel of a chant, in frames. On lines 17 to 40 of one voice 0.19 of the syllables were misheard with whole
# vowels and long first consonants, 0.14 with these and short ones.
_LONGEST_CHANTED = 8
# Where within a vowel's frames it is full, in curve values from their beginning and from their end.
_FULL_FROM, _FULL_UNTIL = -2, -4
# The same for every letter with a voice, before one that has none.
_VOICED_UNTIL = -2


@dataclass(frozen=True, kw_only=True, slots=True)
class Reading:
    """How a reading's letters are articulated."""

    # int64 of shape (tokens + 3,), frames of 25 ms: where the silence before, each letter and the silence after begin,
    # and the end.
    borders: NDArray[np.int64]
    # float32 of shape (1, channels, 2 * frames): `Kokoro.articulate`.
    features: NDArray[np.float32]


def read(
    kokoro: Kokoro,
    phrase: Phrase,
    tokens: Sequence[Token],
    *,
    ids: NDArray[np.int64],
    style: NDArray[np.float32],
    frames: NDArray[np.int64],
) -> Reading:
    """The phrase with letters of spoken lengths `frames` (shape (tokens + 2,)), each syllable already at its note.

    Its timbre is then that of the pitch it will be sung at.
    """
    frames = _unhurried(tokens, frames)
    borders = np.concatenate([[0], np.cumsum(frames)]).astype(np.int64)
    own = kokoro.prosody(ids, style, frames)
    least = _least_energy(tokens, borders)
    is_voiced = np.isfinite(least) | (own.f0 >= _VOICED_FROM_HZ)
    hz = np.where(is_voiced, _notes_hz(phrase, tokens, borders), 0.0).astype(np.float32)
    energy = np.maximum(own.energy, least)
    return Reading(borders=borders, features=kokoro.articulate(ids, style, frames, Prosody(f0=hz, energy=energy)))


def chant(
    kokoro: Kokoro,
    phrase: Phrase,
    tokens: Sequence[Token],
    timing: Timing,
    *,
    ids: NDArray[np.int64],
    style: NDArray[np.float32],
    frames: NDArray[np.int64],
) -> Reading:
    """The phrase with its letters' sung lengths, held vowels shortened; `frames` are the spoken lengths, as in `read`.

    How loud each letter is comes from the reading at spoken lengths.
    """
    lengths = timing.frames.copy()
    for n, token in enumerate(tokens, 1):
        if token.role is Role.NUCLEUS:
            lengths[n] = min(lengths[n], _LONGEST_CHANTED)
    brief = replace(timing, frames=lengths)
    hz = np.where(voiced(tokens, brief), _notes_hz(phrase, tokens, brief.borders), 0.0).astype(np.float32)
    energy = energy_curve(tokens, brief, kokoro.prosody(ids, style, frames).energy, frames)
    return Reading(
        borders=brief.borders, features=kokoro.articulate(ids, style, lengths, Prosody(f0=hz, energy=energy))
    )


def _unhurried(tokens: Sequence[Token], frames: NDArray[np.int64]) -> NDArray[np.int64]:
    """The lengths of one who speaks to be understood."""
    slow = frames.copy()
    for n, token in enumerate(tokens, 1):
        if token.role is Role.NUCLEUS:
            slow[n] = max(slow[n], _SHORTEST_VOWEL)
        elif token.role is Role.PAUSE:
            slow[n] = min(slow[n], _LONGEST_PAUSE)
    if tokens[-1].role is Role.CODA and tokens[-1].letter not in UNVOICED:
        slow[len(tokens)] = min(slow[len(tokens)], _LONGEST_LAST)
    return slow


def _least_energy(tokens: Sequence[Token], borders: NDArray[np.int64]) -> NDArray[np.float32]:
    """How loud every curve value must be at least; minus infinity where speech may fall silent."""
    least = np.full(int(borders[-1]) * _PER_FRAME, -np.inf, np.float32)
    for n, token in enumerate(tokens, 1):
        start, end = int(borders[n]) * _PER_FRAME, int(borders[n + 1]) * _PER_FRAME
        if token.letter not in UNVOICED and token.role in _SOUNDING:
            sounds = slice(max(0, start + _FULL_FROM), end if _goes_on(tokens[n:]) else end + _VOICED_UNTIL)
            least[sounds] = np.maximum(least[sounds], np.float32(_CONSONANT_ENERGY))
        if token.role in {Role.NUCLEUS, Role.GLIDE}:
            least[max(0, start + _FULL_FROM) : max(0, end + _FULL_UNTIL)] = _VOWEL_ENERGY
    return least


def _goes_on(following: Sequence[Token]) -> bool:
    """Whether the voice goes on into the next letter."""
    return bool(following) and following[0].role is not Role.PAUSE and following[0].letter not in UNVOICED


def _notes_hz(phrase: Phrase, tokens: Sequence[Token], borders: NDArray[np.int64]) -> NDArray[np.float64]:
    """The first note of each syllable over its letters, for every curve value."""
    syllables = [tokens[0].syllable, *(token.syllable for token in tokens), tokens[-1].syllable]
    pitches = np.array([phrase[syllable].notes[0].pitch for syllable in syllables])
    return np.repeat(440.0 * 2.0 ** ((pitches - 69.0) / 12.0), np.diff(borders) * _PER_FRAME)
