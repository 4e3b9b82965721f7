"""WAV files: 16 bits a sample with dither, as discs and editors want them."""

import wave
from pathlib import Path

import numpy as np

from tutti.engines.song.dsp.filters import BLOCK_SAMPLES
from tutti.engines.song.model import SAMPLE_RATE_HZ, Audio

_FULL_SCALE = 32767


def write_wav(path: Path, audio: Audio, *, seed: int) -> None:
    """Write sound of shape (2, samples) at 44,100 Hz; beyond -1..1 it is clipped.

    Triangular dither of two steps makes what rounding takes away a noise at -93 dB instead of distortion; the same
    seed gives the same file.
    """
    rng = np.random.default_rng(seed)
    with wave.open(str(path), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(SAMPLE_RATE_HZ)
        for start in range(0, audio.shape[1], BLOCK_SAMPLES):
            block = audio[:, start : start + BLOCK_SAMPLES].T.astype(np.float64) * _FULL_SCALE
            block += rng.random(block.shape) - rng.random(block.shape)
            file.writeframes(np.rint(np.clip(block, -_FULL_SCALE - 1, _FULL_SCALE)).astype("<i2").tobytes())
