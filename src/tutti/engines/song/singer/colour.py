"""A take in a voice's colour: its resonances moved and its spectrum tilted, the pitch left as it is."""

import numpy as np
from numpy.typing import NDArray

from tutti.engines.song.model import VoiceColour
from tutti.engines.song.singer.grains import regrained
from tutti.models.runtime.kokoro import SAMPLE_RATE_HZ

# The tilt turns around 1 kHz and ends where there is no voice, or rumble and hiss would be lifted.
_PIVOT_HZ = 1_000.0
_LOWEST_HZ, _HIGHEST_HZ = 200.0, 8_000.0
# A mouth this near to the speaker's own is the speaker's own.
_UNHEARD = 0.005


def coloured(audio: NDArray[np.float32], hz: NDArray[np.float32], colour: VoiceColour) -> NDArray[np.float32]:
    """The take, float32 mono at 24,000 Hz, whose pitch curve is `hz` (80 values a second), in the colour."""
    if abs(colour.formants - 1.0) > _UNHEARD:
        audio = regrained(audio, hz, hz, formants=colour.formants)
    return _tilted(audio, colour.tilt_db) if colour.tilt_db and len(audio) else audio


def _tilted(audio: NDArray[np.float32], db_per_octave: float) -> NDArray[np.float32]:
    frequencies = np.clip(np.fft.rfftfreq(len(audio), 1.0 / SAMPLE_RATE_HZ), _LOWEST_HZ, _HIGHEST_HZ)
    gains = 10.0 ** (db_per_octave * np.log2(frequencies / _PIVOT_HZ) / 20.0)
    return np.fft.irfft(np.fft.rfft(audio) * gains, len(audio)).astype(np.float32)
