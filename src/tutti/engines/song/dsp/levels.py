"""How loud sound is: powers, RMS, loudness by ITU-R BS.1770-4 and true peaks, all measured in blocks."""

import numpy as np
from numpy.typing import NDArray
from scipy.signal import resample_poly, sosfilt

from tutti.engines.song.dsp.filters import BLOCK_SAMPLES
from tutti.engines.song.model import SAMPLE_RATE_HZ, Audio

# Below this nothing is heard; it also keeps logarithms finite.
SILENCE_DB = -120.0

_OVERSAMPLING = 4
# Samples of context on both sides of a block, longer than half of the oversampling filter.
_CONTEXT = 64

# Loudness is taken over 400 ms windows every 100 ms.
_STEP_SAMPLES = SAMPLE_RATE_HZ // 10
_STEPS_PER_WINDOW = 4
_LUFS_OFFSET = -0.691
_ABSOLUTE_GATE_LUFS = -70.0
_RELATIVE_GATE_LU = -10.0

# The two K-weighting filters at 44,100 Hz: a head-shaped shelf above 1.7 kHz, then a high-pass at 38 Hz.
_K_WEIGHTING = np.array(
    [
        [1.5308412300503478, -2.6509799951547297, 1.1690790799215869, 1.0, -1.6636551132560204, 0.7125954280732254],
        [1.0, -2.0, 1.0, 1.0, -1.9891696736297957, 0.9891990357870394],
    ]
)


def to_db(amplitude: float) -> float:
    """Decibels of an amplitude, `SILENCE_DB` at the least."""
    return max(SILENCE_DB, 20 * float(np.log10(max(amplitude, 1e-12))))


def to_amplitude(db: float) -> float:
    """The amplitude factor of a gain in decibels."""
    return float(10 ** (db / 20))


def hop_powers(audio: Audio, hop: int) -> NDArray[np.float32]:
    """Mean square over channels and samples of each hop, shape (ceil(samples / hop),)."""
    channels, samples = audio.shape
    hops = -(-samples // hop)
    powers = np.zeros(hops, np.float32)
    whole = samples // hop
    for channel in audio:
        framed = channel[: whole * hop].reshape(whole, hop)
        powers[:whole] += np.einsum("ij,ij->i", framed, framed)
        rest = channel[whole * hop :]
        if rest.size:
            powers[whole] += rest @ rest
    powers /= np.float32(hop * channels)
    return powers


def active_rms_db(audio: Audio) -> float:
    """RMS level in dB of the stretches where something sounds: hops within 30 dB of the loudest."""
    powers = hop_powers(audio, 2048)
    loudest = float(powers.max(initial=0.0))
    if loudest <= 1e-12:
        return SILENCE_DB
    return to_db(float(np.sqrt(powers[powers > loudest * 1e-3].mean())))


def loudness_lufs(audio: Audio) -> float:
    """Integrated loudness of the whole, gated as BS.1770-4 says; -inf for silence or less than 400 ms."""
    steps = audio.shape[1] // _STEP_SAMPLES
    powers = np.zeros(steps)
    for channel in audio:
        state = np.zeros((len(_K_WEIGHTING), 2))
        for first in range(0, steps, 64):
            last = min(first + 64, steps)
            weighted, state = sosfilt(
                _K_WEIGHTING, channel[first * _STEP_SAMPLES : last * _STEP_SAMPLES].astype(np.float64), zi=state
            )
            powers[first:last] += np.square(weighted).reshape(last - first, _STEP_SAMPLES).mean(axis=1)
    if steps < _STEPS_PER_WINDOW:
        return float("-inf")
    return _gated_loudness(np.convolve(powers, np.full(_STEPS_PER_WINDOW, 1 / _STEPS_PER_WINDOW), "valid"))


def _gated_loudness(powers: NDArray[np.float64]) -> float:
    heard = powers[_lufs(powers) > _ABSOLUTE_GATE_LUFS]
    if not heard.size:
        return float("-inf")
    gate = _lufs(heard.mean()) + _RELATIVE_GATE_LU
    return float(_lufs(heard[_lufs(heard) > gate].mean()))


def _lufs(power: NDArray[np.float64] | np.float64) -> NDArray[np.float64]:
    return np.asarray(_LUFS_OFFSET + 10 * np.log10(np.maximum(power, 1e-12)))


def true_peak_curve(audio: Audio, hop: int) -> NDArray[np.float32]:
    """The highest 4x-oversampled magnitude over all channels in each hop, shape (ceil(samples / hop),).

    `hop` divides `BLOCK_SAMPLES`.
    """
    samples = audio.shape[1]
    peaks = np.zeros(-(-samples // hop), np.float32)
    for start in range(0, samples, BLOCK_SAMPLES):
        end = min(start + BLOCK_SAMPLES, samples)
        before = min(start, _CONTEXT)
        raised = resample_poly(audio[:, start - before : end + _CONTEXT], _OVERSAMPLING, 1, axis=1)
        heights = np.abs(raised[:, before * _OVERSAMPLING :][:, : (end - start) * _OVERSAMPLING]).max(axis=0)
        heights = np.pad(heights, (0, -heights.size % (hop * _OVERSAMPLING)))
        framed = heights.reshape(-1, hop * _OVERSAMPLING).max(axis=1)
        peaks[start // hop : start // hop + framed.size] = framed
    return peaks


def true_peak_db(audio: Audio) -> float:
    """The true peak of the whole in dBTP, by 4x oversampling."""
    return to_db(float(true_peak_curve(audio, 1024).max(initial=0.0)))
