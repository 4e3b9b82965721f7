"""Second-order filters: each function gives one section, `equalise` runs audio through a chain of them.

The formulas are those of the audio EQ cookbook by R. Bristow-Johnson. A section is a row of six
coefficients b0 b1 b2 a0 a1 a2 with a0 = 1, as scipy wants them.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.signal import sosfilt

from tutti.engines.song.model import SAMPLE_RATE_HZ, Audio

Section = NDArray[np.float64]

# Filtering computes in float64; a block of this many samples keeps that temporary at a few megabytes.
BLOCK_SAMPLES = 1 << 17

_BUTTERWORTH_Q = 0.7071

# Laid under what is filtered: in silence a filter's memory decays to subnormal numbers, which processors compute a
# hundred times slower. In float32, which the result has, it is nothing.
_FLOOR = 1e-100


class Chain:
    """Sections in order with their memory, for sound that comes in blocks."""

    def __init__(self, *sections: Section, channels: int) -> None:
        self._sections = np.stack(sections)
        self._state = np.zeros((len(sections), channels, 2))

    def __call__(self, block: Audio) -> Audio:
        """A block that follows the earlier ones, filtered; float32 of its shape."""
        filtered, self._state = sosfilt(
            self._sections, np.add(block, _FLOOR, dtype=np.float64), axis=-1, zi=self._state
        )
        return np.asarray(filtered, np.float32)


def equalise(audio: Audio, *sections: Section, out: Audio | None = None) -> Audio:
    """The audio through all sections in order; shape and length stay.

    `out` takes the result and may be `audio` itself; without it there is a new array, but for no sections.
    """
    if not sections:
        return audio
    chain = Chain(*sections, channels=audio.shape[0])
    result = np.empty_like(audio) if out is None else out
    for start in range(0, audio.shape[1], BLOCK_SAMPLES):
        part = slice(start, start + BLOCK_SAMPLES)
        result[:, part] = chain(audio[:, part])
    return result


def highpass(hz: float, q: float = _BUTTERWORTH_Q) -> Section:
    """Takes away what lies below `hz`, 12 dB an octave."""
    cos, alpha = _angle(hz, q)
    edge = (1 + cos) / 2
    return _section((edge, -2 * edge, edge), (1 + alpha, -2 * cos, 1 - alpha))


def lowpass(hz: float, q: float = _BUTTERWORTH_Q) -> Section:
    """Takes away what lies above `hz`, 12 dB an octave."""
    cos, alpha = _angle(hz, q)
    edge = (1 - cos) / 2
    return _section((edge, 2 * edge, edge), (1 + alpha, -2 * cos, 1 - alpha))


def bandpass(hz: float, q: float = 1.0) -> Section:
    """Keeps a band around `hz`, unchanged at its centre."""
    cos, alpha = _angle(hz, q)
    return _section((alpha, 0.0, -alpha), (1 + alpha, -2 * cos, 1 - alpha))


def peak(hz: float, gain_db: float, q: float = 1.0) -> Section:
    """Lifts or cuts a bell around `hz`."""
    cos, alpha = _angle(hz, q)
    amp = 10 ** (gain_db / 40)
    return _section((1 + alpha * amp, -2 * cos, 1 - alpha * amp), (1 + alpha / amp, -2 * cos, 1 - alpha / amp))


def high_shelf(hz: float, gain_db: float) -> Section:
    """Lifts or cuts all above `hz`."""
    return _shelf(hz, gain_db, side=1)


def low_shelf(hz: float, gain_db: float) -> Section:
    """Lifts or cuts all below `hz`."""
    return _shelf(hz, gain_db, side=-1)


def _shelf(hz: float, gain_db: float, *, side: int) -> Section:
    cos, alpha = _angle(hz, _BUTTERWORTH_Q)
    amp = 10 ** (gain_db / 40)
    root = 2 * np.sqrt(amp) * alpha
    plus, minus = amp + 1, (amp - 1) * side
    numerator = (
        amp * (plus + minus * cos + root),
        -2 * side * amp * (amp - 1 + side * plus * cos),
        amp * (plus + minus * cos - root),
    )
    denominator = (plus - minus * cos + root, 2 * side * (amp - 1 - side * plus * cos), plus - minus * cos - root)
    return _section(numerator, denominator)


def _angle(hz: float, q: float) -> tuple[float, float]:
    omega = 2 * np.pi * hz / SAMPLE_RATE_HZ
    return float(np.cos(omega)), float(np.sin(omega) / (2 * q))


def _section(numerator: tuple[float, float, float], denominator: tuple[float, float, float]) -> Section:
    return np.array(numerator + denominator) / denominator[0]
