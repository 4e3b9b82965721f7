"""The breath a singer takes before a line, made of noise."""

import numpy as np
import scipy.signal
from numpy.typing import NDArray

from tutti.engines.song.model import SAMPLE_RATE_HZ, Audio

# Below the lines' level: a breath is heard in a quiet passage and lost in a loud one.
_LEVEL = 0.006
# The mouth's resonances while drawing breath, in Hz, with their weights: an open "h".
_RESONANCES = ((1_150.0, 1.0), (2_300.0, 0.7), (3_900.0, 0.45))
_QUALITY = 2.2
_SHORTEST_S, _LONGEST_S = 0.18, 0.5
# Quiet between the breath and the first consonant.
_PAUSE_S = 0.05


def breath_before(onset_s: float, free_from_s: float, rng: np.random.Generator) -> tuple[Audio, float] | None:
    """A breath that ends just before `onset_s` and begins after `free_from_s`; None where there is no time for one.

    Gives float32 mono at 44,100 Hz and the second it starts at.
    """
    end_s = onset_s - _PAUSE_S
    length_s = min(_LONGEST_S, (end_s - free_from_s) * 0.8) * rng.uniform(0.85, 1.0)
    if length_s < _SHORTEST_S or end_s - length_s < 0.0:
        return None
    return _drawn(round(length_s * SAMPLE_RATE_HZ), rng), end_s - length_s


def _drawn(samples: int, rng: np.random.Generator) -> Audio:
    noise = rng.normal(0.0, 1.0, samples)
    sound = np.zeros(samples)
    for hz, weight in _RESONANCES:
        numerator, denominator = scipy.signal.iirpeak(hz * rng.uniform(0.95, 1.05), _QUALITY, fs=SAMPLE_RATE_HZ)
        sound += weight * scipy.signal.lfilter(numerator, denominator, noise)
    # It swells as the lungs open and stops short.
    position = np.linspace(0.0, 1.0, samples)
    sound *= np.sin(np.pi * position**1.6) ** 1.5
    return np.asarray(_LEVEL * sound / max(float(np.sqrt(np.mean(sound**2))), 1e-9), np.float32)


def quiet_before(line: NDArray[np.float32], rate_hz: int) -> float:
    """Seconds of a take before its first sound, by which its onset is found."""
    loud = np.flatnonzero(np.abs(line) > 0.01 * float(np.abs(line).max(initial=0.0)))
    return float(loud[0]) / rate_hz if len(loud) else len(line) / rate_hz
