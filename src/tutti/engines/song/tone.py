"""The master's tone: a mix drawn towards records, wider, held together, and bent softly at its peaks.

The long-term spectrum is moved part of the way to one that records have in common, so that a song with a thin or boomy
band still sits beside others. Everything happens in the mix's own array, a block or a gain curve at a time, since each
copy takes 85 MB in a song of four minutes.
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from scipy import fft

from tutti.engines.song.desk import find_desk
from tutti.engines.song.dsp.dynamics import compress
from tutti.engines.song.dsp.filters import (
    BLOCK_SAMPLES,
    Chain,
    Section,
    equalise,
    high_shelf,
    highpass,
    low_shelf,
    peak,
)
from tutti.engines.song.dsp.levels import loudness_lufs, to_amplitude
from tutti.engines.song.dsp.shape import saturate
from tutti.engines.song.model import SAMPLE_RATE_HZ, Audio
from tutti.errors import EngineError

# Where the bus compressor and the soft clipping expect a song, in LUFS.
_COMPRESSED_AT_LUFS = -16.0
_BENT_AT_LUFS = -14.0

# (from Hz, to Hz, power against the whole in dB): the middle of what popular records show.
_BANDS = (
    (20, 60, -11.0),
    (60, 250, -4.5),
    (250, 500, -7.5),
    (500, 2000, -6.0),
    (2000, 4000, -12.0),
    (4000, 8000, -15.0),
    (8000, 16000, -18.0),
)
_FFT_SAMPLES = 8192
_WINDOW = np.hanning(_FFT_SAMPLES).astype(np.float32)

# The share of the difference that is corrected, and the most that a band is moved.
_PULL = 0.6
_MOST_DB = 4.5

# The power that the sides' difference has at least of their sum's: left and right are then alike by (1 - x) / (1 + x),
# 0.88. A voice in the middle under which a band steps aside leaves less (0.92 in a jazz and a pop song). And how much
# wider than the genre's own width this may make a song.
_LEAST_SIDES, _MOST_WIDENED = 0.064, 1.4

# Below this the sides are one, for they lose nothing there on a single loudspeaker.
_MONO_BELOW_HZ = 150.0


def tone(mix: Audio, *, genre: str) -> Audio:
    """The mix with its tone, ready to be limited: the same array. Raises `EngineError` for a silent mix."""
    loudness = loudness_lufs(mix)
    if not np.isfinite(loudness):
        raise EngineError("The mix is silent: no part of the score made a sound.")
    desk = find_desk(genre)
    mix *= np.float32(to_amplitude(_COMPRESSED_AT_LUFS - loudness))
    equalise(mix, highpass(28), *balance(mix), out=mix)
    _widen(mix, desk.width)
    compress(mix, threshold_db=-12, ratio=1.8, attack_s=0.03, release_s=0.2, out=mix)
    fade_ends(mix)
    mix *= np.float32(to_amplitude(_BENT_AT_LUFS - loudness_lufs(mix)))
    return saturate(mix, drive_db=desk.drive_db, out=mix)


def balance(sound: Audio) -> tuple[Section, ...]:
    """Filters that draw the long-term spectrum towards `_BANDS`."""
    wanted = [band[2] for band in _BANDS]
    off = np.clip((np.array(wanted) - band_levels_db(sound)) * _PULL, -_MOST_DB, _MOST_DB)
    # What all bands share is loudness, not tone.
    off -= off[1:5].mean()
    low, high = off[0], off[-1]
    bells = [
        peak((a * b) ** 0.5, float(change), 0.7) for (a, b, _), change in zip(_BANDS[1:-1], off[1:-1], strict=True)
    ]
    return (low_shelf(55, float(np.clip(low, -3, 2))), *bells, high_shelf(9000, float(high)))


def band_levels_db(sound: Audio) -> NDArray[np.float64]:
    """Power of each band of `_BANDS` against the whole, in dB, from the mean spectrum of both sides' sum."""
    size = _FFT_SAMPLES
    power = np.zeros(size // 2 + 1)
    for start in range(0, sound.shape[1] - size + 1, size):
        power += np.square(np.abs(fft.rfft(sound[:, start : start + size].mean(axis=0) * _WINDOW)))
    hz = np.arange(power.size) * SAMPLE_RATE_HZ / size
    shares = [power[(hz >= low) & (hz < high)].sum() for low, high, _ in _BANDS]
    return np.asarray(10 * np.log10(np.maximum(shares, 1e-12) / max(float(power.sum()), 1e-12)))


def fade_ends(sound: Audio, *, in_s: float = 0.005, out_s: float = 0.8) -> None:
    """Give the sound soft ends, in place."""
    rise, fall = int(in_s * SAMPLE_RATE_HZ), min(int(out_s * SAMPLE_RATE_HZ), sound.shape[1])
    sound[:, :rise] *= np.linspace(0, 1, rise, dtype=np.float32)[: sound.shape[1]]
    sound[:, sound.shape[1] - fall :] *= np.cos(np.linspace(0, np.pi / 2, fall)).astype(np.float32)


def _widen(sound: Audio, width: float) -> None:
    """The sides' difference times `width` above `_MONO_BELOW_HZ` and none below, in place; more where it is faint."""
    width *= _widening(sound, width)
    for block, middle, side in _middle_and_side(sound):
        np.multiply(side, np.float32(width), out=side)
        np.add(middle, side, out=block[0])
        np.subtract(middle, side, out=block[1])


def _widening(sound: Audio, width: float) -> float:
    """By how much more than `width` the sides are to be drawn apart."""
    powers = np.zeros(2)
    for _, middle, side in _middle_and_side(sound):
        powers += middle @ middle, side @ side * width**2
    # Sound in the middle alone has no sides to draw apart.
    wanted = _LEAST_SIDES * powers[0] / max(float(powers[1]), 1e-12)
    return float(np.clip(np.sqrt(wanted), 1.0, _MOST_WIDENED))


def _middle_and_side(sound: Audio) -> Iterator[tuple[Audio, Audio, Audio]]:
    """Block by block: the block itself, half the sum of its sides, and half their difference without its lows."""
    lows_out = Chain(highpass(_MONO_BELOW_HZ), channels=1)
    for start in range(0, sound.shape[1], BLOCK_SAMPLES):
        block = sound[:, start : start + BLOCK_SAMPLES]
        yield block, block.mean(axis=0), lows_out(block[:1] - block[1:])[0] * np.float32(0.5)
