"""The master: one tone, one loudness, and no peak that any decoder could clip.

The tone is drawn part of the way to a long-term spectrum that records have in common, so that a song with a thin or
boomy band still sits beside others. Loudness is -14 LUFS by BS.1770; the true peak is measured on the DECODED mp3,
because encoding raises peaks by up to a decibel.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import fft

from tutti.engines.song.desk import find_desk
from tutti.engines.song.dsp.dynamics import compress
from tutti.engines.song.dsp.filters import Section, equalise, high_shelf, highpass, low_shelf, peak
from tutti.engines.song.dsp.levels import loudness_lufs, to_amplitude, true_peak_db
from tutti.engines.song.dsp.limiter import limit
from tutti.engines.song.dsp.shape import saturate
from tutti.engines.song.model import SAMPLE_RATE_HZ, Audio
from tutti.engines.song.mp3 import decode_mp3, encode_mp3
from tutti.errors import EngineError

LOUDNESS_LUFS = -14.0
CEILING_DBTP = -1.0

# First try and further tries of the limiter's ceiling, and how often we try.
_FIRST_CEILING_DB = -1.6
_ATTEMPTS = 4

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


@dataclass(frozen=True, kw_only=True, slots=True)
class Mastered:
    """The finished sound."""

    # float32, shape (2, samples), before the encoder.
    audio: Audio
    mp3: bytes
    # Of the decoded mp3.
    loudness_lufs: float
    true_peak_dbtp: float


def master(mixed: Audio, *, genre: str) -> Mastered:
    """The mix mastered and encoded; raises `EngineError` for a silent mix."""
    loudness = loudness_lufs(mixed)
    if not np.isfinite(loudness):
        raise EngineError("The mix is silent: no part of the score made a sound.")
    desk = find_desk(genre)
    sound = equalise(mixed * np.float32(to_amplitude(-16 - loudness)), highpass(28))
    sound = equalise(sound, *balance(sound))
    sound = compress(_widened(sound, desk.width), threshold_db=-12, ratio=1.8, attack_s=0.03, release_s=0.2)
    sound = saturate(_raised_to(faded(sound), LOUDNESS_LUFS), drive_db=desk.drive_db)
    return encoded_below_ceiling(sound)


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
    middle = sound.mean(axis=0)
    whole = middle[: middle.size // size * size].reshape(-1, size)
    power = np.zeros(size // 2 + 1)
    for row in whole:
        power += np.square(np.abs(fft.rfft(row * _WINDOW)))
    hz = np.arange(power.size) * SAMPLE_RATE_HZ / size
    shares = [power[(hz >= low) & (hz < high)].sum() for low, high, _ in _BANDS]
    return np.asarray(10 * np.log10(np.maximum(shares, 1e-12) / max(float(power.sum()), 1e-12)))


def faded(sound: Audio, *, in_s: float = 0.005, out_s: float = 0.8) -> Audio:
    """The sound with soft ends."""
    result = sound.copy()
    rise, fall = int(in_s * SAMPLE_RATE_HZ), min(int(out_s * SAMPLE_RATE_HZ), sound.shape[1])
    result[:, :rise] *= np.linspace(0, 1, rise, dtype=np.float32)
    result[:, -fall:] *= np.cos(np.linspace(0, np.pi / 2, fall)).astype(np.float32)
    return result


def _widened(sound: Audio, width: float) -> Audio:
    """Wider above 150 Hz; the lows go to the middle, where they lose nothing on a single loudspeaker."""
    middle = sound.mean(axis=0, keepdims=True)
    side = equalise(np.diff(sound, axis=0), highpass(150)) * np.float32(-width / 2)
    return np.asarray(np.concatenate([middle + side, middle - side]), np.float32)


def _raised_to(sound: Audio, lufs: float) -> Audio:
    return sound * np.float32(to_amplitude(lufs - loudness_lufs(sound)))


def encoded_below_ceiling(sound: Audio) -> Mastered:
    """A sound limited, brought to `LOUDNESS_LUFS` and encoded, so that its decoded peaks stay below `CEILING_DBTP`.

    Raises `EngineError` when they cannot be kept there.
    """
    ceiling_db = _FIRST_CEILING_DB
    for _ in range(_ATTEMPTS):
        limited = _limited_to_loudness(sound, ceiling_db)
        content = encode_mp3(limited)
        heard = decode_mp3(content)
        peak_db = true_peak_db(heard)
        if peak_db <= CEILING_DBTP:
            lufs = loudness_lufs(heard)
            return Mastered(audio=limited, mp3=content, loudness_lufs=lufs, true_peak_dbtp=peak_db)
        ceiling_db -= peak_db - CEILING_DBTP + 0.1
    raise EngineError(
        f"The encoded sound peaks at {peak_db:.1f} dBTP, above {CEILING_DBTP} dBTP after {_ATTEMPTS} tries."
    )


def _limited_to_loudness(sound: Audio, ceiling_db: float) -> Audio:
    """Limited and still as loud as wanted: what the limiter takes is given back before it, two or three times."""
    gain_db = LOUDNESS_LUFS - loudness_lufs(sound)
    limited = sound
    for _ in range(3):
        limited = limit(sound * np.float32(to_amplitude(gain_db)), ceiling_db=ceiling_db)
        missing_db = LOUDNESS_LUFS - loudness_lufs(limited)
        if abs(missing_db) < 0.05:
            break
        gain_db += missing_db
    return limited
