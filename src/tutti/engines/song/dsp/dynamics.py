"""Gain that moves with the sound: followers, compressors, de-essing.

Gains are curves in decibels at a control rate, one value every `HOP_SAMPLES`, and only become samples while they are
applied. The follower needs no loop: an exponential release is a straight line in decibels, so "the larger of the level
and the line falling from earlier levels" is a running maximum after tilting time by the slope.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.signal import lfilter

from tutti.engines.song.dsp.filters import BLOCK_SAMPLES, equalise, high_shelf, highpass
from tutti.engines.song.dsp.levels import HOP_SAMPLES, SILENCE_DB
from tutti.engines.song.model import SAMPLE_RATE_HZ, Audio

Curve = NDArray[np.float32]

HOP_S = HOP_SAMPLES / SAMPLE_RATE_HZ

# An amplitude falls by this many decibels in one time constant.
_DB_PER_TIME_CONSTANT = 8.686
_KNEE_DB = 6.0

# How far along from one hop's centre to the next each sample lies.
_ALONG = np.arange(HOP_SAMPLES, dtype=np.float32) / HOP_SAMPLES


def compress(
    audio: Audio,
    *,
    threshold_db: float,
    ratio: float,
    attack_s: float = 0.008,
    release_s: float = 0.12,
    makeup_db: float = 0.0,
    out: Audio | None = None,
) -> Audio:
    """Levels above the threshold come through at 1/ratio of their excess, with a knee of 6 dB; channels move as one.

    `out` takes the result and may be `audio` itself; without it there is a new array.
    """
    level = follow(peak_curve_db(audio), attack_s=attack_s, release_s=release_s)
    gain_db = np.asarray(makeup_db - _excess_db(level, threshold_db) * (1 - 1 / ratio), np.float32)
    return apply_gain(audio, gain_db, out=out)


def de_ess(audio: Audio, *, threshold_db: float, above_hz: float = 5500.0) -> Audio:
    """While hiss above `above_hz` exceeds the threshold it is taken down, by 10 dB from 15 dB of excess on."""
    level = follow(peak_curve_db(equalise(audio, highpass(above_hz))), attack_s=0.001, release_s=0.04)
    share = np.clip(_excess_db(level, threshold_db) / 15, 1e-4, 1)
    # Fading a shelf in keeps the phases; subtracting a filtered band would not.
    change = equalise(audio, high_shelf(above_hz, -10))
    change -= audio
    change = apply_gain(change, np.asarray(20 * np.log10(share), np.float32), out=change)
    change += audio
    return change


def peak_curve_db(audio: Audio) -> Curve:
    """The highest magnitude of each hop over all channels, in dB."""
    samples = audio.shape[1]
    hops = -(-samples // HOP_SAMPLES)
    peaks = np.zeros(hops, np.float32)
    whole = samples // HOP_SAMPLES
    for channel in audio:
        framed = channel[: whole * HOP_SAMPLES].reshape(whole, HOP_SAMPLES)
        np.maximum(peaks[:whole], np.maximum(framed.max(axis=1), -framed.min(axis=1)), out=peaks[:whole])
        peaks[whole:] = np.maximum(peaks[whole:], np.abs(channel[whole * HOP_SAMPLES :]).max(initial=0.0))
    floor = np.float32(10 ** (SILENCE_DB / 20))
    curve: Curve = np.float32(20) * np.log10(np.maximum(peaks, floor))
    return curve


def follow(level_db: Curve, *, attack_s: float, release_s: float) -> Curve:
    """The level smoothed: it rises within about `attack_s` and falls with the time constant `release_s`."""
    slope = _DB_PER_TIME_CONSTANT * HOP_S / release_s
    tilt = np.arange(level_db.size) * slope
    held = np.maximum.accumulate(level_db + tilt) - tilt
    return smooth(held.astype(np.float32), attack_s)


def smooth(curve: Curve, time_s: float) -> Curve:
    """A curve at control rate through a one-pole low-pass with this time constant, starting settled."""
    keep = float(np.exp(-HOP_S / max(time_s, HOP_S / 8)))
    smoothed, _ = lfilter([1 - keep], [1, -keep], curve, zi=[keep * float(curve[0])])
    return np.asarray(smoothed, np.float32)


def apply_gain(audio: Audio, gain_db: Curve, *, out: Audio | None = None) -> Audio:
    """The audio times a gain curve at control rate, drawn as straight lines between hop centres.

    `out` takes the result and may be `audio` itself; without it there is a new array.
    """
    samples = audio.shape[1]
    result = np.empty_like(audio) if out is None else out
    for start in range(0, samples, BLOCK_SAMPLES):
        end = min(start + BLOCK_SAMPLES, samples)
        np.multiply(audio[:, start:end], gain_samples(gain_db, start, end), out=result[:, start:end])
    return result


def gain_samples(gain_db: Curve, start: int, end: int) -> Curve:
    """The factors of samples `start`, a hop's first, to `end` of a gain curve at control rate."""
    first, last = start // HOP_SAMPLES, -(-end // HOP_SAMPLES)
    # Line n leads from the centre of hop n - 1 to that of hop n; before the first and after the last it is level.
    near = np.clip(np.arange(first - 1, last + 1), 0, gain_db.size - 1)
    ends: Curve = np.power(10.0, gain_db[near] / 20, dtype=np.float32)[:, None]
    lines = np.asarray(ends[:-1] + (ends[1:] - ends[:-1]) * _ALONG, np.float32)
    half = HOP_SAMPLES // 2
    drawn: Curve = lines.ravel()[half : half + end - start]
    return drawn


def _excess_db(level_db: Curve, threshold_db: float) -> Curve:
    over = level_db - np.float32(threshold_db)
    bent = np.square(np.clip(over + _KNEE_DB / 2, 0, _KNEE_DB)) / np.float32(2 * _KNEE_DB)
    excess: Curve = np.where(over > _KNEE_DB / 2, over, bent).astype(np.float32)
    return excess
