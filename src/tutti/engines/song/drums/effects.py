"""Sounds between sections, made like strokes: what swells for the length of its note, falls, lands, or crackles."""

import numpy as np

from tutti.engines.song.drums.strokes import Stroke, finished, noise, time_axis
from tutti.engines.song.dsp.filters import bandpass, equalise, highpass, lowpass
from tutti.engines.song.model import SAMPLE_RATE_HZ


def riser(rng: np.random.Generator, *, length_s: float) -> Stroke:
    """Noise and a tone that climb for `length_s` and break off: the breath before a drop."""
    time = time_axis(length_s)
    way = time / max(length_s, 1e-3)
    hiss = rng.standard_normal(time.size)
    # A sweep of the filter by cross-fading four fixed bands.
    swept = np.zeros(time.size)
    for step, hz in enumerate((500.0, 1500.0, 4000.0, 9000.0)):
        weight = np.clip(1 - np.abs(way * 3 - step), 0, 1)
        swept += weight * equalise(hiss[None].astype(np.float32), bandpass(hz, 0.7))[0]
    tone = np.sin(2 * np.pi * np.cumsum(180 * 8**way) / SAMPLE_RATE_HZ)
    return finished((swept + 0.25 * tone) * way**1.7 * np.clip((1 - way) * 40, 0, 1))


def impact(rng: np.random.Generator, *, decay_s: float = 0.8) -> Stroke:
    """A sub drop with a burst of air: what a drop lands on."""
    time = time_axis(decay_s * 4)
    sub = np.sin(2 * np.pi * np.cumsum(34 + 70 * np.exp(-time / 0.18)) / SAMPLE_RATE_HZ) * np.exp(-time / decay_s)
    air = noise(rng, time.size, bandpass(1800, 0.4)) * np.exp(-time / (decay_s * 0.4))
    return finished(np.tanh(1.5 * sub) + 0.5 * air)


def reverse(rng: np.random.Generator, *, length_s: float) -> Stroke:
    """A cymbal played backwards: it swells over `length_s` and is cut off."""
    time = time_axis(length_s)
    left = max(length_s, 1e-3) - time
    total = np.zeros(time.size)
    for hz, life in ((1200, 0.5), (3500, 0.35), (8000, 0.25)):
        total += noise(rng, time.size, bandpass(hz, 0.7)) * np.exp(-left / (life * max(length_s, 0.2)))
    return finished(total * np.clip(left / 0.004, 0, 1))


def downlifter(rng: np.random.Generator, *, length_s: float) -> Stroke:
    """Air and a tone that fall away over `length_s`: what a drop leaves behind."""
    time = time_axis(length_s)
    way = time / max(length_s, 1e-3)
    bright = noise(rng, time.size, bandpass(5000, 0.6)) * (1 - way) ** 3
    dull = noise(rng, time.size, bandpass(900, 0.6)) * (1 - way) ** 1.5
    tone = np.sin(2 * np.pi * np.cumsum(900 * 0.08**way) / SAMPLE_RATE_HZ) * (1 - way) ** 2
    return finished(bright + dull + 0.3 * tone)


def crackle(rng: np.random.Generator, *, length_s: float) -> Stroke:
    """An old record: hiss, a rumble, and dust about twelve times a second."""
    time = time_axis(length_s)
    dust = np.zeros(time.size)
    places = rng.integers(0, max(1, time.size), int(12 * length_s))
    dust[places] = rng.exponential(1.0, places.size) * rng.choice([-1.0, 1.0], places.size)
    # The loudest grains are bent, or the mix would have to leave room for them.
    clicks = np.tanh(4 * equalise(dust[None].astype(np.float32), highpass(1200), lowpass(7000))[0])
    hiss = noise(rng, time.size, highpass(2500), lowpass(9000))
    return finished(clicks + 0.02 * hiss + 0.03 * noise(rng, time.size, highpass(40), lowpass(120)))
