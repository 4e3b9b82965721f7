"""A reading laid onto the sung lengths: every letter's articulation stretched from what it lasts to what it is held."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from tutti.engines.song.singer.reading import Reading
from tutti.engines.song.singer.timing import LEAD_FRAMES, SHORTEST_REST, Timing
from tutti.engines.song.singer.tokens import Role, Token
from tutti.models.runtime.kokoro import CURVE_HZ, FRAME_HZ

_PER_FRAME = CURVE_HZ // FRAME_HZ
# A letter's sound comes before its frames by this many curve values, in the reading and in the song alike.
_LEAD = LEAD_FRAMES * _PER_FRAME
# A vowel is held in its middle: this much of its beginning, where a stop's breath may still sound, keeps its speed, or
# the voice would enter as late as the vowel is long; and this much of its end, where the mouth moves to what follows.
_ATTACK, _RELEASE = 5, 3
# A rest is reached and left within 50 ms.
_FADE = 4


def stretched(reading: Reading, tokens: Sequence[Token], timing: Timing) -> NDArray[np.float32]:
    """The reading's features over the sung frames: float32 of shape (1, channels, 2 * sung frames)."""
    source = _source_positions(tokens, reading.borders, timing.borders)
    before = np.clip(np.floor(source).astype(np.int64), 0, max(0, reading.features.shape[2] - 2))
    after = np.minimum(before + 1, reading.features.shape[2] - 1)
    share = (source - before).astype(np.float32)
    features = reading.features[:, :, before] * (1 - share) + reading.features[:, :, after] * share
    silence = reading.features[:, :, :1]
    resting = _rests(tokens, timing)
    return np.ascontiguousarray(features + (silence - features) * resting, np.float32)


def _source_positions(
    tokens: Sequence[Token], spoken_borders: NDArray[np.int64], sung_borders: NDArray[np.int64]
) -> NDArray[np.float64]:
    """For every sung curve value the place in the reading that sounds there, in curve values.

    The silence before and after is not stretched: it holds the first letter's attack and the last one's release.
    """
    spoken, sung = spoken_borders * _PER_FRAME - _LEAD, sung_borders * _PER_FRAME - _LEAD
    knots = [(int(sung[1]), int(spoken[1]))]
    for n, token in enumerate(tokens, 1):
        knots += _vowel_knots(token, int(sung[n]), int(sung[n + 1]), int(spoken[n]), int(spoken[n + 1]))
        knots.append((int(sung[n + 1]), int(spoken[n + 1])))
    first, last = knots[0], knots[-1]
    attack = max(0, min(first))
    release = max(0, min(int(sung[-1] - sung[-2]), int(spoken[-1] - spoken[-2])) + _LEAD - 1)
    knots = [(first[0] - attack, first[1] - attack), *knots, (last[0] + release, last[1] + release)]
    # Letters without a length, such as tone marks, share a border.
    kept = [knot for n, knot in enumerate(knots) if n == 0 or knot[0] > knots[n - 1][0]]
    places, sources = np.array(kept, np.float64).T
    return np.asarray(np.interp(np.arange(int(sung_borders[-1]) * _PER_FRAME), places, sources))


def _vowel_knots(token: Token, start: int, end: int, spoken_start: int, spoken_end: int) -> list[tuple[int, int]]:
    """Where a held vowel's attack ends and its release begins; nothing for other letters and vowels not held."""
    spoken = spoken_end - spoken_start
    if token.role not in {Role.NUCLEUS, Role.GLIDE} or end - start <= spoken:
        return []
    attack = min(_ATTACK, spoken // 2) if token.role is Role.NUCLEUS else 0
    release = min(_RELEASE, spoken // 4)
    return [(start + attack, spoken_start + attack), (end - release, spoken_end - release)]


def _rests(tokens: Sequence[Token], timing: Timing) -> NDArray[np.float32]:
    """1 within the rests between words, 0 where something sounds, for every sung curve value."""
    resting = np.zeros(int(timing.borders[-1]) * _PER_FRAME, np.float32)
    for n, token in enumerate(tokens, 1):
        if token.role is Role.PAUSE and timing.frames[n] >= SHORTEST_REST:
            start, end = timing.borders[n] * _PER_FRAME, timing.borders[n + 1] * _PER_FRAME - _LEAD
            at = np.arange(start, max(start, end))
            resting[at] = np.clip(np.minimum(at - start, end - at) / _FADE, 0.0, 1.0)
    return resting
