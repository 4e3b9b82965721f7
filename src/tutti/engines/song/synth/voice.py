"""One note of a patch, made at once for its whole length: float32 of shape (2, samples), at 44,100 Hz.

Waves are tables of one cycle with the harmonics that fit under 18 kHz, so nothing folds back. A closing filter is a
cross-fade between the table as the note begins and as it settles: both have the same phases, so it sounds like a filter
that moves. Frequency modulation is computed as it is.
"""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from tutti.engines.song.model import SAMPLE_RATE_HZ, Audio
from tutti.engines.song.synth.patches import Patch

Wave = NDArray[np.float32]
Cycles = NDArray[np.float64]

_TABLE_SAMPLES = 2048
_HIGHEST_HZ = 18_000.0
# Formants of an open "ah" for the vowel: frequency and width in Hz, level in dB.
_MOUTH = ((800.0, 160.0, 0.0), (1150.0, 180.0, -5.0), (2900.0, 300.0, -16.0), (3900.0, 400.0, -22.0))


def sound_note(patch: Patch, pitch: int, *, seconds: float, beat_s: float, rng: np.random.Generator) -> Audio:
    """A note held for `seconds`, without its end; `beat_s` times the wobble, `rng` the oscillators' phases."""
    hz = 440.0 * 2 ** ((pitch - 69) / 12)
    time = np.arange(max(1, int(seconds * SAMPLE_RATE_HZ)), dtype=np.float32) / np.float32(SAMPLE_RATE_HZ)
    glide = _glide(patch, time)
    closing = _closing(patch, time, beat_s)
    stereo = np.zeros((2, time.size), np.float32)
    for voice in range(patch.voices):
        place = 0.0 if patch.voices == 1 else voice / (patch.voices - 1) * 2 - 1
        cycles = _cycles(hz * 2 ** (place * patch.detune_cents / 2400), time, glide, float(rng.random()))
        sound = _modulated(patch, cycles, closing) if patch.wave == "fm" else _filtered(patch, hz, cycles, closing)
        # Neighbours in pitch stand on opposite sides.
        angle = (patch.width * (abs(place) * (-1) ** voice) + 1) * np.pi / 4
        stereo[0] += sound * np.float32(np.cos(angle) * np.sqrt(2))
        stereo[1] += sound * np.float32(np.sin(angle) * np.sqrt(2))
    stereo /= np.float32(np.sqrt(patch.voices))
    if patch.sub:
        stereo += np.float32(patch.sub) * _sine(_cycles(hz / 2, time, glide, 0.0))
    stereo *= _envelope(patch, time)
    return stereo


def _cycles(hz: float, time: Wave, glide: Wave | None, start: float) -> Cycles:
    """How many cycles an oscillator has gone through by each sample."""
    if glide is None:
        return time.astype(np.float64) * hz + start
    return np.asarray(np.cumsum(hz * glide.astype(np.float64)) / SAMPLE_RATE_HZ + start)


def _sine(cycles: Cycles) -> Wave:
    return np.asarray(np.sin(np.float32(2 * np.pi) * (cycles % 1.0).astype(np.float32)), np.float32)


def _glide(patch: Patch, time: Wave) -> Wave | None:
    """The factor by which the pitch is off as the note begins; None for a patch that begins in tune."""
    if not patch.drop_semitones:
        return None
    return np.asarray(2 ** (patch.drop_semitones / 12 * np.exp(-time / np.float32(patch.drop_s))), np.float32)


def _closing(patch: Patch, time: Wave, beat_s: float) -> Wave:
    """0 as the note begins .. 1 where the sound has settled."""
    settled = 1 - np.exp(-time / np.float32(patch.closing_s))
    if patch.wobble:
        turn = np.float32(2 * np.pi * patch.wobble_per_beat / beat_s)
        settled = settled * (1 - patch.wobble) + patch.wobble * (0.5 + 0.5 * np.sin(time * turn))
    return np.asarray(settled, np.float32)


def _envelope(patch: Patch, time: Wave) -> Wave:
    rise = np.minimum(1, time / np.float32(patch.attack_s))
    fall = patch.sustain + (1 - patch.sustain) * np.exp(-np.maximum(0, time - patch.attack_s) / patch.decay_s)
    return np.asarray(rise * fall, np.float32)


def _filtered(patch: Patch, hz: float, cycles: Cycles, closing: Wave) -> Wave:
    """The wave between its bright and its settled table."""
    places = (cycles * _TABLE_SAMPLES).astype(np.int64) & (_TABLE_SAMPLES - 1)
    bright: Wave = _table(patch.wave, round(hz, 3), patch.bright, patch.resonance_db)[places]
    if patch.bright == patch.settled:
        return bright
    settled: Wave = _table(patch.wave, round(hz, 3), patch.settled, patch.resonance_db)[places]
    return bright + closing * (settled - bright)


def _modulated(patch: Patch, cycles: Cycles, closing: Wave) -> Wave:
    """Two operators: a sine whose phase a second sine moves, less and less."""
    depth = np.float32(patch.depth) + closing * np.float32(patch.settled_depth - patch.depth)
    return _sine(cycles + depth * _sine(cycles * patch.ratio) / np.float32(2 * np.pi))


@lru_cache(maxsize=512)
def _table(wave: str, hz: float, corner: float, resonance_db: float) -> Wave:
    """One cycle of a wave behind a 24 dB low-pass whose corner is a multiple of its frequency; unit power when open."""
    count = max(1, min(_TABLE_SAMPLES // 2 - 1, int(_HIGHEST_HZ / hz)))
    number = np.arange(1, count + 1)
    levels = _harmonics(wave, number, hz)
    above = number / corner
    gain = 1 / np.sqrt(1 + above**8)
    gain *= 1 + (10 ** (resonance_db / 20) - 1) * np.exp(-(((np.log2(above)) / 0.35) ** 2))
    spectrum = np.zeros(_TABLE_SAMPLES // 2 + 1, np.complex128)
    spectrum[1 : count + 1] = -0.5j * levels * gain * _TABLE_SAMPLES
    power = float(np.square(levels).sum() / 2)
    return np.asarray(np.fft.irfft(spectrum, _TABLE_SAMPLES) / np.sqrt(2 * power), np.float32)


def _harmonics(wave: str, number: NDArray[np.int_], hz: float) -> NDArray[np.float64]:
    """The level of each harmonic of a wave."""
    if wave == "sine":
        return np.where(number == 1, 1.0, 0.0)
    if wave == "square":
        return np.where(number % 2 == 1, 1 / number, 0.0)
    if wave == "triangle":
        return np.where(number % 2 == 1, 1 / number**2, 0.0)
    if wave == "pulse":
        return np.asarray(np.sin(np.pi * number * 0.25) / number)
    if wave == "vowel":
        mouth = sum(10 ** (db / 20) / (1 + ((number * hz - at) / wide) ** 2) for at, wide, db in _MOUTH)
        return np.asarray((0.03 + mouth) / number**0.5)
    return np.asarray(1 / number)
