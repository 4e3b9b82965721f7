"""How loud each letter is sung: the network's own reading at natural speed, stretched onto the sung lengths.

Asked for the energy of the sung lengths themselves, the network fades long vowels to nothing; it never heard any.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from tutti.engines.song.singer.timing import SHORTEST_REST, Timing
from tutti.engines.song.singer.tokens import Role, Token
from tutti.models.runtime.kokoro import CURVE_HZ, FRAME_HZ

Curve = NDArray[np.float32]

_PER_FRAME = CURVE_HZ // FRAME_HZ
# In the network's unit. Below the floor a held vowel loses its harmonics on the spectrogram; above 9 it grows rough.
# Let down by 0.5 a second, a note of three seconds lost 12 dB; held, it keeps its level.
_VOWEL_FLOOR = 8.0
_ATTACK_S = 0.05
# The end of "her" held loud is heard as another syllable.
_R_COLOURS = frozenset("ɹɻ")
_SILENCE = -9.5
_REST = -6.0


def energy_curve(tokens: Sequence[Token], timing: Timing, spoken: Curve, spoken_frames: NDArray[np.int64]) -> Curve:
    """The energy for every curve value of the phrase.

    `spoken` is the energy of the same letters read at natural speed, where they last `spoken_frames` (borders
    included).
    """
    sung_borders = timing.borders * _PER_FRAME
    spoken_borders = np.concatenate([[0], np.cumsum(spoken_frames)]) * _PER_FRAME
    energy = np.full(int(sung_borders[-1]), _SILENCE, np.float32)
    last = len(timing.frames) - 1
    for n in range(last + 1):
        source = spoken[spoken_borders[n] : spoken_borders[n + 1]]
        target = energy[sung_borders[n] : sung_borders[n + 1]]
        if not len(target):
            continue
        if n == 0:
            keep = min(len(source), len(target))
            target[len(target) - keep :] = source[len(source) - keep :]
        elif n == last:
            keep = min(len(source), len(target))
            target[:keep] = source[:keep]
        else:
            target[:] = _letter(tokens[n - 1], source, len(target))
    return _rounded(energy)


def _letter(token: Token, source: Curve, length: int) -> Curve:
    """One letter's energy over its sung length."""
    if token.role is Role.PAUSE and length >= SHORTEST_REST * _PER_FRAME:
        return np.full(length, _REST, np.float32)
    stretched = np.interp(np.linspace(0, len(source) - 1, length), np.arange(len(source)), source)
    if token.role not in {Role.NUCLEUS, Role.GLIDE} or token.letter in _R_COLOURS:
        return stretched.astype(np.float32)
    since_s = np.arange(length) / CURVE_HZ
    held = np.full(length, max(float(source.max()), _VOWEL_FLOOR))
    if token.role is Role.NUCLEUS:
        risen = np.clip((since_s + 0.02) / _ATTACK_S, 0.0, 1.0)
        held = (1.0 - risen) * stretched + risen * held
    return np.asarray(np.maximum(stretched, held), np.float32)


def _rounded(energy: Curve) -> Curve:
    """The curve without its steps, over 40 ms."""
    padded = np.pad(energy, 1, mode="edge")
    return np.asarray(0.25 * padded[:-2] + 0.5 * padded[1:-1] + 0.25 * padded[2:], np.float32)
