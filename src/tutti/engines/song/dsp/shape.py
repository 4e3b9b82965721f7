"""Bending the waveform: saturation, computed at a higher rate so that the new overtones do not fold back."""

from collections.abc import Callable

import numpy as np
from scipy.signal import resample_poly

from tutti.engines.song.dsp.filters import BLOCK_SAMPLES
from tutti.engines.song.model import Audio

# Samples of context on both sides of a block, longer than half of the resampling filter.
_CONTEXT = 64


def oversampled(audio: Audio, shaper: Callable[[Audio], Audio], *, factor: int = 4) -> Audio:
    """The audio through a memoryless function at `factor` times the rate, block by block."""
    samples = audio.shape[1]
    result = np.empty_like(audio)
    for start in range(0, samples, BLOCK_SAMPLES):
        end = min(start + BLOCK_SAMPLES, samples)
        before = min(start, _CONTEXT)
        raised = resample_poly(audio[:, start - before : end + _CONTEXT], factor, 1, axis=1)
        lowered = resample_poly(shaper(raised), 1, factor, axis=1)
        result[:, start:end] = lowered[:, before : before + end - start]
    return result


def saturate(audio: Audio, *, drive_db: float, factor: int = 2) -> Audio:
    """Soft clipping by tanh after `drive_db` of gain; small signals keep their level."""
    drive = np.float32(10 ** (drive_db / 20))
    return oversampled(audio, lambda x: np.tanh(x * drive) / drive, factor=factor)
