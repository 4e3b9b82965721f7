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
# A rest is reached and left within 50 ms.
_FADE = 4


def stretched(reading: Reading, tokens: Sequence[Token], timing: Timing) -> NDArray[np.float32]:
    """The reading's features over the sung frames: float32 of shape (1, channels, 2 * sung frames)."""
    source = _source_positions(reading.borders, timing.borders)
    before = np.clip(np.floor(source).astype(np.int64), 0, max(0, reading.features.shape[2] - 2))
    after = np.minimum(before + 1, reading.features.shape[2] - 1)
    share = (source - before).astype(np.float32)
    features = reading.features[:, :, before] * (1 - share) + reading.features[:, :, after] * share
    silence = reading.features[:, :, :1]
    resting = _rests(tokens, timing)
    return np.ascontiguousarray(features + (silence - features) * resting, np.float32)


def _source_positions(spoken_borders: NDArray[np.int64], sung_borders: NDArray[np.int64]) -> NDArray[np.float64]:
    """For every sung curve value the place in the reading that sounds there, in curve values.

    The silence before and after is not stretched: it holds the first letter's attack and the last one's release.
    """
    spoken, sung = spoken_borders * _PER_FRAME, sung_borders * _PER_FRAME
    knots = [
        (int(at) - _LEAD, int(of) - _LEAD)
        for at, of in zip(sung[1:-1], spoken[1:-1], strict=True)
        if at > _LEAD and of > _LEAD
    ]
    # Letters without a length, such as tone marks, share a border.
    knots = [knot for n, knot in enumerate(knots) if n == 0 or knot[0] > knots[n - 1][0]]
    attack = min(knots[0])
    release = min(int(sung[-1]) - 1 - knots[-1][0], int(spoken[-1]) - 1 - knots[-1][1])
    first, last = knots[0], knots[-1]
    knots = [(first[0] - attack, first[1] - attack), *knots, (last[0] + release, last[1] + release)]
    places, sources = np.array(knots, np.float64).T
    return np.asarray(np.interp(np.arange(int(sung[-1])), places, sources))


def _rests(tokens: Sequence[Token], timing: Timing) -> NDArray[np.float32]:
    """1 within the rests between words, 0 where something sounds, for every sung curve value."""
    resting = np.zeros(int(timing.borders[-1]) * _PER_FRAME, np.float32)
    for n, token in enumerate(tokens, 1):
        if token.role is Role.PAUSE and timing.frames[n] >= SHORTEST_REST:
            start, end = timing.borders[n] * _PER_FRAME, timing.borders[n + 1] * _PER_FRAME - _LEAD
            at = np.arange(start, max(start, end))
            resting[at] = np.clip(np.minimum(at - start, end - at) / _FADE, 0.0, 1.0)
    return resting
