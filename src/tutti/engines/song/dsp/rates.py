"""Raising and lowering the sample rate by a small whole factor: peaks between samples, and room for new overtones.

The filter is the usual windowed sinc (Kaiser, beta 5, ten crossings to each side), but run as a product: a frame of
samples and its neighbours times one banded matrix gives every new sample of the frame. The multiplications that meet a
zero are wasted, and it is still several times faster than a polyphase loop, since processors are made for products.
"""

from functools import cache

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from scipy.signal import firwin

from tutti.engines.song.model import Audio

# Samples at the lower rate that one product makes or takes, and how many neighbours on each side the filter sees.
FRAME_SAMPLES = 32
REACH_SAMPLES = 10

_KAISER_BETA = 5.0
# Frames in one product: so few that the linear algebra library does it in the caller's thread. Its own threads would
# wait in a busy loop for more, on cores that other work wants.
_BATCH = 32


def raised(audio: Audio, factor: int) -> Audio:
    """The audio at `factor` times its rate: (channels, samples) in, (channels, samples * factor) out."""
    return _framed_product(audio, FRAME_SAMPLES, _raising_matrix(factor))[:, : audio.shape[1] * factor]


def lowered(audio: Audio, factor: int) -> Audio:
    """The audio at 1/`factor` of its rate, (channels, samples / factor); samples are a multiple of `factor`."""
    return _framed_product(audio, FRAME_SAMPLES * factor, _lowering_matrix(factor))[:, : audio.shape[1] // factor]


def _framed_product(audio: Audio, hop: int, matrix: Audio) -> Audio:
    """Every `hop` samples with their neighbours times the matrix; beyond the ends there is silence."""
    channels, samples = audio.shape
    width = matrix.shape[0]
    reach = (width - hop) // 2
    padded = np.pad(audio, ((0, 0), (reach, -samples % (hop * _BATCH) + reach)))
    windows = np.ascontiguousarray(sliding_window_view(padded, width, axis=1)[:, ::hop])
    return np.asarray((windows.reshape(-1, _BATCH, width) @ matrix).reshape(channels, -1), np.float32)


@cache
def _raising_matrix(factor: int) -> Audio:
    taps = _sinc(factor) * factor
    matrix = np.zeros((FRAME_SAMPLES + 2 * REACH_SAMPLES, FRAME_SAMPLES * factor), np.float32)
    for row in range(matrix.shape[0]):
        _place(matrix[row], taps, (row - 2 * REACH_SAMPLES) * factor)
    return matrix


@cache
def _lowering_matrix(factor: int) -> Audio:
    taps = _sinc(factor)
    matrix = np.zeros(((FRAME_SAMPLES + 2 * REACH_SAMPLES) * factor, FRAME_SAMPLES), np.float32)
    for column in range(FRAME_SAMPLES):
        _place(matrix[:, column], taps, column * factor)
    return matrix


def _sinc(factor: int) -> Audio:
    """The low-pass at the lower rate's middle, of unit gain."""
    return np.asarray(firwin(2 * REACH_SAMPLES * factor + 1, 1 / factor, window=("kaiser", _KAISER_BETA)), np.float32)


def _place(line: Audio, taps: Audio, start: int) -> None:
    """Write the taps into a line from `start` on, as far as they lie on it."""
    first, last = max(0, -start), min(taps.size, line.size - start)
    if last > first:
        line[start + first : start + last] = taps[first:last]
