"""How loud sound is: powers, RMS, loudness by ITU-R BS.1770-4 and true peaks, all measured in blocks."""

import numpy as np
from numpy.typing import NDArray

from tutti.engines.song.dsp.filters import BLOCK_SAMPLES, Chain
from tutti.engines.song.dsp.rates import FRAME_SAMPLES, raised
from tutti.engines.song.model import SAMPLE_RATE_HZ, Audio

# Below this nothing is heard; it also keeps logarithms finite.
SILENCE_DB = -120.0

# The control rate: gains and short-time levels have one value every so many samples.
HOP_SAMPLES = 32

_OVERSAMPLING = 4

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


class LoudnessMeter:
    """Integrated loudness of sound that comes in blocks, each a multiple of `HOP_SAMPLES` but for the last one."""

    def __init__(self, channels: int = 2) -> None:
        self._weighted = Chain(*_K_WEIGHTING, channels=channels)
        self._powers: list[NDArray[np.float32]] = []

    def add(self, block: Audio) -> None:
        """Hear a block that follows the earlier ones."""
        self._powers.append(hop_powers(self._weighted(block), HOP_SAMPLES) * np.float32(block.shape[0]))

    @property
    def powers(self) -> NDArray[np.float32]:
        """K-weighted mean squares of the hops so far, summed over channels."""
        return np.concatenate(self._powers) if self._powers else np.zeros(0, np.float32)

    @property
    def lufs(self) -> float:
        """Loudness of all that was heard; -inf for silence or less than 400 ms."""
        return loudness_of_powers(self.powers)


def loudness_lufs(audio: Audio) -> float:
    """Integrated loudness of the whole, gated as BS.1770-4 says; -inf for silence or less than 400 ms."""
    meter = LoudnessMeter(audio.shape[0])
    for start in range(0, audio.shape[1], BLOCK_SAMPLES):
        meter.add(audio[:, start : start + BLOCK_SAMPLES])
    return meter.lufs


def loudness_of_powers(powers: NDArray[np.float32]) -> float:
    """Integrated loudness of K-weighted hop powers, such as a meter gives or a gain curve has changed."""
    steps = int(powers.size * HOP_SAMPLES / _STEP_SAMPLES)
    if steps < _STEPS_PER_WINDOW:
        return float("-inf")
    # A step is no whole number of hops: its power is a difference of the running sum between hops.
    sums = np.concatenate([[0.0], np.cumsum(powers, dtype=np.float64)])
    ends = np.interp(np.arange(steps + 1) * (_STEP_SAMPLES / HOP_SAMPLES), np.arange(sums.size), sums)
    step_powers = np.diff(ends) * (HOP_SAMPLES / _STEP_SAMPLES)
    return _gated_loudness(np.convolve(step_powers, np.full(_STEPS_PER_WINDOW, 1 / _STEPS_PER_WINDOW), "valid"))


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
        before = min(start, FRAME_SAMPLES)
        heights = raised(audio[:, start - before : end + FRAME_SAMPLES], _OVERSAMPLING)
        heights = heights[:, before * _OVERSAMPLING :][:, : (end - start) * _OVERSAMPLING]
        highest = np.maximum(heights.max(axis=0), -heights.min(axis=0))
        highest = np.pad(highest, (0, -highest.size % (hop * _OVERSAMPLING)))
        framed = highest.reshape(-1, hop * _OVERSAMPLING).max(axis=1)
        peaks[start // hop : start // hop + framed.size] = framed
    return peaks


def true_peak_db(audio: Audio) -> float:
    """The true peak of the whole in dBTP, by 4x oversampling."""
    return to_db(float(true_peak_curve(audio, 1024).max(initial=0.0)))
