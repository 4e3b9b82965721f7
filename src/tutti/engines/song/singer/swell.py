"""The dynamics of held notes: a singer opens them and lets them go, where the network holds them level."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from tutti.engines.song.singer.phrases import PitchedNote
from tutti.models.runtime.kokoro import CURVE_HZ, SAMPLE_RATE_HZ

# Shorter notes have no time to swell; from the second length on the swell is whole.
_FROM_S, _WHOLE_FROM_S = 0.6, 1.5
# Its height in decibels: heard as life and not as loudness.
_SWELL_DB = 2.0
# Above one half, the loudest place lies before the note's middle.
_EARLY = 0.8


def swelled(audio: NDArray[np.float32], notes: Sequence[PitchedNote], start_s: float) -> NDArray[np.float32]:
    """The take, float32 mono at 24,000 Hz from second `start_s` of its notes' time on, each held note with a swell."""
    at_s = start_s + np.arange(len(audio) * CURVE_HZ // SAMPLE_RATE_HZ + 1) / CURVE_HZ
    decibels = np.zeros(len(at_s))
    for note in notes:
        height_db = _SWELL_DB * np.clip((note.length_s - _FROM_S) / (_WHOLE_FROM_S - _FROM_S), 0.0, 1.0)
        part = np.clip((at_s - note.start_s) / note.length_s, 0.0, 1.0)
        decibels += height_db * np.sin(np.pi * part**_EARLY)
    if not decibels.any():
        return audio
    gains = np.interp(np.arange(len(audio)) / SAMPLE_RATE_HZ, at_s - start_s, 10.0 ** (decibels / 20.0))
    return np.asarray(audio * gains, np.float32)
