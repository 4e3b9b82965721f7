"""Sounds laid one after the other so that nobody hears where they meet.

Each goes on under the beginning of the next, which fades in over half a bar; levels are matched where they meet.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tutti.engines.song.dsp.levels import loudness_lufs, to_amplitude
from tutti.engines.song.model import SAMPLE_RATE_HZ, Audio

# Equal-power over so much of the bar after the join; a whole bar blurs the words of both.
FADE_BARS = 0.5
# A step of level is measured over this long on both sides, and taken back over so many bars.
_COMPARED_S = 3.0
SETTLE_BARS = 8
# What is softer is an ending that fades, not a level to go on from.
_HEARD_LUFS = -40.0
_MOST_DB = 9.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Piece:
    """A stretch of sound to lay: float32, shape (2, samples)."""

    audio: Audio
    # Where in `audio` it begins, and how long it is the one that is heard; None: to the end.
    from_s: float = 0.0
    length_s: float | None = None
    # Gain at its beginning, and after how long it is back at its own level; 0: it stays.
    gain_db: float = 0.0
    settle_s: float = 0.0


def lay(pieces: Sequence[Piece], *, fade_s: float) -> Audio:
    """The pieces one after the other, each fading in over the end of the one before: float32, shape (2, samples)."""
    starts = [0]
    for piece in pieces[:-1]:
        starts.append(starts[-1] + _samples(piece))
    whole = np.zeros((2, starts[-1] + _samples(pieces[-1])), np.float32)
    for start, piece, is_first in zip(starts, pieces, [True, *[False] * len(pieces)], strict=False):
        _lay(whole, start, piece, fade=0 if is_first else round(fade_s * SAMPLE_RATE_HZ))
        # It is heard on under what comes next.
        _spill(whole, start + _samples(piece), piece, fade=round(fade_s * SAMPLE_RATE_HZ))
    return whole


def step_db(before: Audio, after: Audio) -> float:
    """The gain that makes `after`'s beginning as loud as `before`'s end, -9..9 dB; 0 when one of them is silent."""
    compared = round(_COMPARED_S * SAMPLE_RATE_HZ)
    loudness = loudness_lufs(before[:, -compared:]), loudness_lufs(after[:, :compared])
    if min(loudness) < _HEARD_LUFS:
        return 0.0
    return float(np.clip(loudness[0] - loudness[1], -_MOST_DB, _MOST_DB))


def _samples(piece: Piece) -> int:
    left = int(piece.audio.shape[1]) - round(piece.from_s * SAMPLE_RATE_HZ)
    if piece.length_s is None:
        return max(0, left)
    # Counted between rounded ends, so that a stretch put back where it was lies on the same samples.
    return round((piece.from_s + piece.length_s) * SAMPLE_RATE_HZ) - round(piece.from_s * SAMPLE_RATE_HZ)


def _lay(whole: Audio, start: int, piece: Piece, *, fade: int) -> None:
    """Add a piece at a sample, over what already sounds on there."""
    sound = _gained(piece, 0, _samples(piece))
    length, under = sound.shape[1], whole[:, start : start + fade].any()
    fade = min(fade, length)
    if fade and under:
        whole[:, start : start + fade] += sound[:, :fade] * _rise(fade)
        whole[:, start + fade : start + length] = sound[:, fade:]
    else:
        whole[:, start : start + length] = sound


def _spill(whole: Audio, end: int, piece: Piece, *, fade: int) -> None:
    """What a piece still sounds after its end, dying away."""
    first = _samples(piece)
    rest = _gained(piece, first, min(first + fade, first + whole.shape[1] - end))
    whole[:, end : end + rest.shape[1]] = rest * _rise(fade)[::-1][: rest.shape[1]]


def _rise(fade: int) -> Audio:
    return np.sin(np.linspace(0, np.pi / 2, fade, dtype=np.float32))


def _gained(piece: Piece, first: int, last: int) -> Audio:
    """Samples of a piece counted from its beginning, at its level."""
    begin = round(piece.from_s * SAMPLE_RATE_HZ)
    sound = piece.audio[:, begin + first : begin + last]
    if not piece.gain_db:
        return sound
    if not piece.settle_s:
        return sound * np.float32(to_amplitude(piece.gain_db))
    passed = np.arange(first, first + sound.shape[1], dtype=np.float32) / np.float32(piece.settle_s * SAMPLE_RATE_HZ)
    return sound * np.power(np.float32(10), np.float32(piece.gain_db / 20) * np.clip(1 - passed, 0, 1))
