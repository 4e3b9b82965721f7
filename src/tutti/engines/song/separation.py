"""Voice and instruments of sound whose parts nobody has: a classical method, without a trained model.

Instruments repeat and voices do not: every moment is compared with the moments most like it, and what they share is
taken for the accompaniment (Z. Rafii and B. Pardo: "Music/voice separation using the similarity matrix", ISMIR 2012). A
voice stands in the middle, has no lows and is not struck: what lies to the sides, below it, or is percussive
(D. FitzGerald: "Harmonic/percussive separation using median filtering", DAFx 2010) is kept from it. The two stems sum
to the mix. How good that is, is measured in the architecture page of the song engine: each is heard through the other.
"""

from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray
from scipy import fft
from scipy.ndimage import median_filter

from tutti.engines.song.model import SAMPLE_RATE_HZ, Audio

METHOD = "separated by repetition and place (REPET-SIM)"

_FFT_SAMPLES = 4096
_HOP_SAMPLES = 1024
_WINDOW = np.hanning(_FFT_SAMPLES + 1)[:-1].astype(np.float32)
# Hann windows squared, overlapped by three quarters, sum to this.
_OVERLAP = 1.5
_BINS = _FFT_SAMPLES // 2 + 1
_HZ = np.arange(_BINS) * SAMPLE_RATE_HZ / _FFT_SAMPLES

# How many of the most similar moments are compared, and how far apart two of them are at least.
_ALIKE, _APART_S = 24, 0.6
_FEATURES = 48
# Frames worked on at once.
_BLOCK = 256
# A voice has nothing below, and full weight an octave above.
_VOICE_FROM_HZ = 100.0
# Width in frames and bins of the medians that tell held from struck sound.
_HELD, _STRUCK = 17, 31

Share = NDArray[np.float32]
OnShare = Callable[[float], None]


def separate(audio: Audio, on_share: OnShare = lambda _share: None) -> tuple[Audio, Audio]:
    """(voice, instruments) of a sound of shape (2, samples), each of that shape; `on_share` is told 0..1."""
    magnitudes = _magnitudes(audio)
    features = _features(magnitudes)
    voice = np.zeros((2, audio.shape[1] + 2 * _FFT_SAMPLES), np.float32)
    frames = len(magnitudes)
    for first in range(0, frames, _BLOCK):
        last = min(first + _BLOCK, frames)
        repeating = _repeating(magnitudes, features, first, last)
        held = _held(magnitudes, first, last)
        for frame, spectra in zip(range(first, last), _spectra(audio, first, last), strict=True):
            share = _not_repeating(magnitudes[frame], repeating[frame - first])
            share = share * _central(spectra) * _above_lows() * held[frame - first]
            sound = fft.irfft(spectra * share, axis=1)[:, :_FFT_SAMPLES] * _WINDOW
            start = frame * _HOP_SAMPLES
            voice[:, start : start + _FFT_SAMPLES] += sound / np.float32(_OVERLAP)
        on_share(last / frames)
    sung = voice[:, _FFT_SAMPLES : _FFT_SAMPLES + audio.shape[1]]
    return sung, audio - sung


def _spectra(audio: Audio, first: int, last: int) -> Iterator[NDArray[np.complex64]]:
    """The spectra of both sides, shape (2, bins), of the frames `first` up to `last`."""
    for frame in range(first, last):
        start = frame * _HOP_SAMPLES - _FFT_SAMPLES
        block = audio[:, max(0, start) : max(0, start + _FFT_SAMPLES)]
        before = max(0, -start)
        padded = np.pad(block, ((0, 0), (before, _FFT_SAMPLES - block.shape[1] - before)))
        yield np.asarray(fft.rfft(padded * _WINDOW, axis=1), np.complex64)


def _magnitudes(audio: Audio) -> NDArray[np.float16]:
    """Magnitudes of both sides together, shape (frames, bins), as compact as they can be: 110 MB for ten minutes."""
    frames = (audio.shape[1] + _FFT_SAMPLES) // _HOP_SAMPLES + 1
    rows = np.zeros((frames, _BINS), np.float16)
    for frame, spectra in enumerate(_spectra(audio, 0, frames)):
        rows[frame] = np.sqrt(np.square(np.abs(spectra)).sum(axis=0)).clip(0, 60_000)
    return rows


def _features(magnitudes: NDArray[np.float16]) -> Share:
    """What moments are compared by: log levels of bands, each row of no mean and length 1."""
    edges = np.unique(np.round(np.geomspace(4, _BINS - 1, _FEATURES + 1)).astype(int))
    levels = np.stack([np.add.reduceat(row.astype(np.float32), edges[:-1]) for row in magnitudes])
    levels = np.log1p(levels)
    levels -= levels.mean(axis=1, keepdims=True)
    return np.asarray(levels / np.maximum(np.linalg.norm(levels, axis=1, keepdims=True), 1e-6), np.float32)


def _repeating(magnitudes: NDArray[np.float16], features: Share, first: int, last: int) -> Share:
    """What each frame shares with those most like it: the median of their spectra, shape (frames, bins)."""
    alike = features[first:last] @ features.T
    apart = round(_APART_S * SAMPLE_RATE_HZ / _HOP_SAMPLES)
    shared = np.zeros((last - first, _BINS), np.float32)
    for row, likeness in enumerate(alike):
        chosen = _apart(likeness, apart)
        shared[row] = np.median(magnitudes[chosen].astype(np.float32), axis=0)
    return shared


def _apart(likeness: Share, apart: int) -> NDArray[np.int64]:
    """The frames most alike, at most one from each stretch of `apart` frames."""
    padded = np.pad(likeness, (0, -likeness.size % apart), constant_values=-2.0).reshape(-1, apart)
    best = padded.argmax(axis=1) + np.arange(len(padded)) * apart
    best = best[best < likeness.size]
    count = min(_ALIKE, best.size)
    return np.asarray(best[np.argpartition(-likeness[best], count - 1)[:count]])


def _held(magnitudes: NDArray[np.float16], first: int, last: int) -> Share:
    """How far each bin belongs to a held sound and not to a stroke, 0..1."""
    reach = _HELD // 2
    start, end = max(0, first - reach), min(len(magnitudes), last + reach)
    block = magnitudes[start:end].astype(np.float32)
    held = np.square(median_filter(block, size=(_HELD, 1)))
    struck = np.square(median_filter(block, size=(1, _STRUCK)))
    return np.asarray((held / np.maximum(held + struck, 1e-9))[first - start : first - start + last - first])


def _not_repeating(magnitude: NDArray[np.float16], repeating: Share) -> Share:
    """The share of a spectrum that its like do not have."""
    whole = np.square(magnitude.astype(np.float32))
    rest = np.square(np.maximum(np.sqrt(whole) - np.minimum(repeating, np.sqrt(whole)), 0))
    shared = np.square(np.minimum(repeating, np.sqrt(whole)))
    return np.asarray(rest / np.maximum(rest + shared, 1e-9))


def _central(spectra: NDArray[np.complex64]) -> Share:
    """How far each bin stands in the middle: equal on both sides, in phase."""
    left, right = spectra
    power = np.square(np.abs(left)) + np.square(np.abs(right))
    likeness = 2 * (left * right.conj()).real / np.maximum(power, 1e-9)
    return np.asarray(np.square(np.clip(likeness, 0, 1)), np.float32)


def _above_lows() -> Share:
    return np.clip(np.log2(np.maximum(_HZ, 1) / _VOICE_FROM_HZ), 0, 1).astype(np.float32)
