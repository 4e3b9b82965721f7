"""Bending the waveform: saturation, computed at a higher rate so that the new overtones do not fold back."""

from collections.abc import Callable

import numpy as np

from tutti.engines.song.dsp.filters import BLOCK_SAMPLES
from tutti.engines.song.dsp.rates import REACH_SAMPLES, lowered, raised
from tutti.engines.song.model import Audio

# Samples of context on both sides of a block: raising and lowering both look at their neighbours.
_CONTEXT = 4 * REACH_SAMPLES


def oversampled(audio: Audio, shaper: Callable[[Audio], Audio], *, factor: int = 4, out: Audio | None = None) -> Audio:
    """The audio through a memoryless function at `factor` times the rate, block by block; `out` may be `audio`."""
    samples = audio.shape[1]
    result = np.empty_like(audio) if out is None else out
    # What a block needs of the one before, which `out` may have overwritten.
    before = np.zeros((audio.shape[0], 0), np.float32)
    for start in range(0, samples, BLOCK_SAMPLES):
        end = min(start + BLOCK_SAMPLES, samples)
        block = np.concatenate([before, audio[:, start : end + _CONTEXT]], axis=1)
        skipped = before.shape[1]
        before = audio[:, end - _CONTEXT : end].copy()
        bent = lowered(shaper(raised(block, factor)), factor)
        result[:, start:end] = bent[:, skipped : skipped + end - start]
    return result


def saturate(audio: Audio, *, drive_db: float, factor: int = 2, out: Audio | None = None) -> Audio:
    """Soft clipping by tanh after `drive_db` of gain; small signals keep their level. `out` may be `audio`."""
    drive = np.float32(10 ** (drive_db / 20))

    def bend(sound: Audio) -> Audio:
        sound *= drive
        np.tanh(sound, out=sound)
        sound /= drive
        return sound

    return oversampled(audio, bend, factor=factor, out=out)
