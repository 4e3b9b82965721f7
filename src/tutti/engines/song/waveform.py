"""The outline of a sound as players draw it: how far it swings in each tenth of a second."""

import msgspec
import numpy as np

from tutti.engines.song.model import SAMPLE_RATE_HZ, Audio

VALUES_PER_S = 10
_HOP_SAMPLES = SAMPLE_RATE_HZ // VALUES_PER_S


def waveform(audio: Audio) -> tuple[float, ...]:
    """The peak of each tenth of a second against the loudest of all, 0..1, the last one perhaps of less."""
    starts = np.arange(0, audio.shape[1], _HOP_SAMPLES)
    peaks = np.zeros(starts.size, np.float32)
    for channel in audio:
        highest, lowest = np.maximum.reduceat(channel, starts), np.minimum.reduceat(channel, starts)
        np.maximum(peaks, np.maximum(highest, -lowest), out=peaks)
    loudest = max(float(peaks.max(initial=0.0)), 1e-9)
    return tuple(round(float(peak) / loudest, 3) for peak in peaks)


def to_json(audio: Audio) -> bytes:
    """`waveform` as it is kept beside a clip."""
    return msgspec.json.encode(waveform(audio))
