"""A look-ahead limiter for true peaks: what it lets through stays below the ceiling between samples too.

Its gain is a curve at control rate that only depends on the sound's peaks, so a master can try gains and ceilings on
the curve and touch the samples once.
"""

import numpy as np
from scipy.ndimage import minimum_filter1d, uniform_filter1d

from tutti.engines.song.dsp.dynamics import Curve, apply_gain
from tutti.engines.song.dsp.levels import HOP_SAMPLES, true_peak_curve
from tutti.engines.song.model import SAMPLE_RATE_HZ, Audio

# The gain bends down over this many hops before a peak (2.9 ms) and holds as long after it.
_LOOKAHEAD_HOPS = 4
_RELEASE_S = 0.06
_DB_PER_TIME_CONSTANT = 8.686


def limit(audio: Audio, *, ceiling_db: float) -> Audio:
    """The audio with every true peak at or below `ceiling_db` (dBTP, within the 0.1 dB that 4x oversampling misses)."""
    return apply_gain(audio, limiting_gain_db(true_peak_curve(audio, HOP_SAMPLES), ceiling_db=ceiling_db))


def limiting_gain_db(peaks: Curve, *, ceiling_db: float) -> Curve:
    """The gain that keeps true peaks, linear and one every `HOP_SAMPLES`, at or below the ceiling; never above 0 dB."""
    needed_db = np.minimum(0, ceiling_db - 20 * np.log10(np.maximum(peaks, np.float32(1e-6))))
    # The minimum over one hop more than the mean is wide keeps the straight lines between hops under the need as well.
    held = minimum_filter1d(needed_db, 2 * (_LOOKAHEAD_HOPS + 1) + 1, mode="nearest")
    gain_db = uniform_filter1d(np.minimum(held, _released(held)), 2 * _LOOKAHEAD_HOPS + 1, mode="nearest")
    return np.asarray(gain_db, np.float32)


def _released(gain_db: Curve) -> Curve:
    """The gain rising back along straight lines in decibels after each reduction."""
    slope = _DB_PER_TIME_CONSTANT * HOP_SAMPLES / SAMPLE_RATE_HZ / _RELEASE_S
    tilt = np.arange(gain_db.size) * slope
    return np.asarray(np.minimum.accumulate(gain_db - tilt) + tilt, np.float32)
