"""Which of the twelve notes sound, ten times a second: a filterbank of one bell a semitone.

A constant-Q transform (J. Brown: "Calculation of a constant Q spectral transform", JASA 89, 1991) read off a long
spectrum of the sound at a quarter of its rate; the instruments' tuning is found first, as few records are at 440 Hz.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import fft
from scipy.signal import resample_poly

from tutti.engines.song.hearing.onsets import FRAMES_PER_S, Values
from tutti.engines.song.model import SAMPLE_RATE_HZ, Audio

_SLOWER = 4
_RATE_HZ = SAMPLE_RATE_HZ // _SLOWER
_FFT_SAMPLES = 4096
_HOP_SAMPLES = 1102
CHROMA_HZ = _RATE_HZ / _HOP_SAMPLES

# E2 .. E6: below, a semitone is narrower than a bin; above, harmonics are most of what sounds.
_LOW_PITCH, _HIGH_PITCH = 40, 88
# Half the width of a bell in semitones.
_BELL = 0.35
_BLOCK_SAMPLES = 1 << 20
# Chords before and after a moment are compared over so many seconds.
_COMPARED_S = 1.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Chroma:
    """Notes over time."""

    # float64, shape (frames, 12), C first, each frame at most 1; `CHROMA_HZ` frames a second.
    frames: Values
    # How far the instruments are tuned above 440 Hz, in semitones, -0.5..0.5.
    tuning: float


def find_chroma(audio: Audio) -> Chroma:
    """The notes of a sound of shape (2, samples)."""
    power = _spectra(audio)
    pitches = 69 + 12 * np.log2(np.maximum(np.arange(power.shape[1]) * _RATE_HZ / _FFT_SAMPLES, 1.0) / 440)
    tuning = _tuning(power, pitches)
    magnitudes = np.sqrt(power @ _bells(pitches - tuning))
    classes = np.zeros((len(magnitudes), 12))
    for column, pitch in enumerate(range(_LOW_PITCH, _HIGH_PITCH)):
        classes[:, pitch % 12] += magnitudes[:, column]
    top = float(np.percentile(classes.max(axis=1), 90)) if len(classes) else 0.0
    # Soft frames count for less, loud ones no more than others.
    return Chroma(frames=classes / np.maximum(classes.max(axis=1, keepdims=True), max(top * 0.3, 1e-9)), tuning=tuning)


def harmony_changes(chroma: Chroma, frames: int) -> Values:
    """How much the chord after a moment differs from the one before, 0..1, at the onsets' frame rate."""
    reach = max(1, round(_COMPARED_S * CHROMA_HZ))
    padded = np.pad(chroma.frames, ((reach, reach), (0, 0)), mode="edge")
    sums = np.concatenate([np.zeros((1, 12)), np.cumsum(padded, axis=0)])
    before, after = sums[reach:-reach] - sums[: -2 * reach], sums[2 * reach :] - sums[reach:-reach]
    length = np.linalg.norm(before, axis=1) * np.linalg.norm(after, axis=1)
    unlike = 1 - (before * after).sum(axis=1) / np.maximum(length, 1e-9)
    return np.asarray(np.interp(np.arange(frames) / FRAMES_PER_S, np.arange(len(unlike)) / CHROMA_HZ, unlike))


def _spectra(audio: Audio) -> NDArray[np.float32]:
    """Power spectra, shape (frames, bins)."""
    middle = np.pad(_slower(audio.mean(axis=0)), _FFT_SAMPLES // 2)
    view = np.lib.stride_tricks.sliding_window_view(middle, _FFT_SAMPLES)[::_HOP_SAMPLES]
    window = np.hanning(_FFT_SAMPLES).astype(np.float32)
    bins = int(3000 * _FFT_SAMPLES / _RATE_HZ)
    power = np.zeros((len(view), bins), np.float32)
    for index, frame in enumerate(view):
        power[index] = np.square(np.abs(fft.rfft(frame * window)[:bins]))
    return power


def _slower(mono: NDArray[np.float32]) -> NDArray[np.float32]:
    """A quarter of the rate, in blocks that are joined where the filter does not ring."""
    context = 64 * _SLOWER
    pieces = []
    for start in range(0, mono.size, _BLOCK_SAMPLES):
        before = min(start, context)
        block = mono[start - before : start + _BLOCK_SAMPLES + context]
        kept = -(-min(_BLOCK_SAMPLES, mono.size - start) // _SLOWER)
        pieces.append(resample_poly(block, 1, _SLOWER)[before // _SLOWER :][:kept])
    return np.asarray(np.concatenate(pieces), np.float32)


def _tuning(power: NDArray[np.float32], pitches: Values) -> float:
    """Where between semitones the strongest partials lie: the angle of the mean of all on a circle of one semitone."""
    mean = power.mean(axis=0)
    is_heard = (pitches >= 55) & (pitches < _HIGH_PITCH)
    is_peak = np.r_[False, (mean[1:-1] > mean[:-2]) & (mean[1:-1] > mean[2:]), False] & is_heard
    if not is_peak.any():
        return 0.0
    at = np.flatnonzero(is_peak)
    left, middle, right = (np.log(np.maximum(mean[at + step], 1e-20)) for step in (-1, 0, 1))
    shift = 0.5 * (left - right) / np.minimum(left - 2 * middle + right, -1e-9)
    exact = 69 + 12 * np.log2((at + np.clip(shift, -0.5, 0.5)) * _RATE_HZ / _FFT_SAMPLES / 440)
    circle = (np.sqrt(mean[at]) * np.exp(2j * np.pi * exact)).sum()
    return float(np.angle(circle) / (2 * np.pi))


def _bells(pitches: Values) -> NDArray[np.float32]:
    """The weight of every bin for every semitone, shape (bins, semitones)."""
    distance = pitches[:, None] - np.arange(_LOW_PITCH, _HIGH_PITCH)[None, :]
    return np.exp(-0.5 * np.square(distance / _BELL)).astype(np.float32)
