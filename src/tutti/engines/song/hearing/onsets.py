"""Where notes begin: a curve that rises with every new sound, whatever plays it.

Spectral flux over log-compressed bands (S. Böck, F. Krebs, M. Schedl: "Evaluating the online capabilities of onset
detection methods", ISMIR 2012), for the whole and for the lows alone, where kick and bass mark the bars.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import fft
from scipy.ndimage import uniform_filter1d

from tutti.engines.song.model import SAMPLE_RATE_HZ, Audio

Values = NDArray[np.float64]

HOP_SAMPLES = 441
FRAMES_PER_S = SAMPLE_RATE_HZ / HOP_SAMPLES

_FFT_SAMPLES = 2048
_BANDS, _LOW_HZ, _HIGH_HZ = 36, 30.0, 12_000.0
# Bands up to about 150 Hz.
_LOW_BANDS = 10
_COMPRESSION = 50.0
# A new sound is one against what was there this many frames ago, so that vibrato is none.
_LAG = 3
_MEAN_S = 1.0
_BLOCK_FRAMES = 2048


@dataclass(frozen=True, kw_only=True, slots=True)
class Onsets:
    """Novelty, not negative, one value for each hop; frame n is centred on sample n * `HOP_SAMPLES`."""

    all: Values
    low: Values


def find_onsets(audio: Audio) -> Onsets:
    """The onset curves of a sound of shape (2, samples)."""
    bands = _band_levels(audio)
    rise = np.maximum(bands[_LAG:] - bands[:-_LAG], 0.0)
    rise = np.pad(rise, ((_LAG, 0), (0, 0)))
    return Onsets(all=_above_mean(rise.mean(axis=1)), low=_above_mean(rise[:, :_LOW_BANDS].mean(axis=1)))


def _above_mean(curve: Values) -> Values:
    """What exceeds the running mean, at a standard deviation of 1."""
    raised = np.maximum(curve - uniform_filter1d(curve, int(_MEAN_S * FRAMES_PER_S), mode="nearest"), 0.0)
    spread = float(raised.std())
    return np.asarray(raised / spread if spread > 0 else raised)


def _band_levels(audio: Audio) -> NDArray[np.float32]:
    """Log-compressed magnitudes, shape (frames, bands)."""
    middle = np.pad(audio.mean(axis=0), _FFT_SAMPLES // 2)
    frames = (middle.size - _FFT_SAMPLES) // HOP_SAMPLES + 1
    view = np.lib.stride_tricks.sliding_window_view(middle, _FFT_SAMPLES)[::HOP_SAMPLES]
    weights, window = _band_weights(), np.hanning(_FFT_SAMPLES).astype(np.float32)
    levels = np.zeros((frames, _BANDS), np.float32)
    for first in range(0, frames, _BLOCK_FRAMES):
        block = view[first : first + _BLOCK_FRAMES] * window
        levels[first : first + len(block)] = np.abs(fft.rfft(block, axis=1)) @ weights
    top = float(np.percentile(levels, 99)) or 1.0
    return np.asarray(np.log1p(np.float32(_COMPRESSION / top) * levels), np.float32)


def _band_weights() -> NDArray[np.float32]:
    """Triangles evenly spaced in pitch, each at least two bins wide, shape (bins, bands)."""
    hz = np.arange(_FFT_SAMPLES // 2 + 1) * SAMPLE_RATE_HZ / _FFT_SAMPLES
    edges = np.geomspace(_LOW_HZ, _HIGH_HZ, _BANDS + 2)
    least = 2 * SAMPLE_RATE_HZ / _FFT_SAMPLES
    columns = []
    for below, middle, above in zip(edges, edges[1:], edges[2:], strict=False):
        left, right = min(below, middle - least), max(above, middle + least)
        columns.append(np.interp(hz, (left, middle, right), (0.0, 1.0, 0.0)))
    weights = np.stack(columns, axis=1)
    return np.asarray(weights / weights.sum(axis=0), np.float32)
