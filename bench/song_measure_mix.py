"""Is a finished song produced well: loudness and peaks after mp3, balance, spectrum, contrast, width, beat."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyloudnorm
import soxr

# Edges of the bands whose shares tell a dull mix from a harsh one, in Hz.
BANDS = ((60, 250), (250, 500), (500, 2000), (2000, 4000), (4000, 8000), (8000, 16_000))
_OVERSAMPLING = 4

# The tracker places the beats of a click this late (11.4 to 12.0 ms at 83, 109 and 120 beats a minute), for its frames
# are 12 ms long. Eight songs were all late, by 21 to 26 ms with it; what remains is the attack of instruments.
_TRACKER_LATE_S = 0.0117


@dataclass(frozen=True, kw_only=True, slots=True)
class MixMeasures:
    """What a listener's meter would show."""

    loudness_lufs: float
    true_peak_dbtp: float
    clipped_samples: int
    crest_db: float
    # Energy of each of `BANDS` in dB of the whole.
    bands_db: tuple[float, ...]
    # Of left and right, -1..1; and what is lost when both are summed.
    correlation: float
    mono_loss_db: float


def measure_mix(audio: np.ndarray, rate_hz: int) -> MixMeasures:
    """The measures of a stereo sound, float32 of shape (2, samples)."""
    rms = float(np.sqrt(np.mean(audio**2)))
    middle = audio.mean(axis=0)
    return MixMeasures(
        loudness_lufs=float(pyloudnorm.Meter(rate_hz).integrated_loudness(audio.T)),
        true_peak_dbtp=true_peak_db(audio, rate_hz),
        clipped_samples=int(np.sum(np.abs(audio) >= 1.0)),
        crest_db=decibels(float(np.abs(audio).max()) / max(rms, 1e-9)),
        bands_db=_bands(middle, rate_hz),
        correlation=float(np.corrcoef(audio)[0, 1]),
        mono_loss_db=-decibels(float(np.sqrt(np.mean(middle**2))) / max(rms, 1e-9)),
    )


def true_peak_db(audio: np.ndarray, rate_hz: int) -> float:
    """The highest peak between samples (ITU-R BS.1770-4: fourfold oversampling), taken in blocks of a second."""
    highest = 0.0
    for start in range(0, audio.shape[1], rate_hz):
        # Some samples of the neighbours, so that a block's edge is no edge to the filter.
        block = audio[:, max(0, start - 512) : start + rate_hz + 512]
        for channel in block:
            highest = max(highest, float(np.abs(soxr.resample(channel, rate_hz, _OVERSAMPLING * rate_hz)).max()))
    return decibels(highest)


def voice_over_backing_db(stems: Mapping[str, np.ndarray], voice: str = "lead") -> float:
    """How far the voice stands above everything else while it sings."""
    lead = stems[voice].mean(axis=0)
    backing = sum(track.mean(axis=0) for name, track in stems.items() if name != voice)
    sings = np.convolve(np.abs(lead), np.ones(4410) / 4410, "same") > 0.02 * float(np.abs(lead).max())
    return decibels(
        float(np.sqrt(np.mean(lead[sings] ** 2))) / max(float(np.sqrt(np.mean(np.asarray(backing)[sings] ** 2))), 1e-9)
    )


def section_contrast_lu(
    audio: np.ndarray, rate_hz: int, choruses: Sequence[tuple[float, float]], verses: Sequence[tuple[float, float]]
) -> float:
    """Loudness of the choruses over that of the verses, each given as (start, end) in seconds."""
    meter = pyloudnorm.Meter(rate_hz)
    loud, soft = (
        meter.integrated_loudness(
            np.concatenate([audio[:, round(a * rate_hz) : round(b * rate_hz)] for a, b in spans], axis=1).T
        )
        for spans in (choruses, verses)
    )
    return float(loud - soft)


def beat_grid(audio: np.ndarray, rate_hz: int, bpm: float) -> tuple[float, float]:
    """What a beat tracker hears: its tempo over the planned one (halves and doubles folded), median ms off the grid."""
    import librosa  # noqa: PLC0415 - heavy

    _, beats_s = librosa.beat.beat_track(y=audio.mean(axis=0), sr=rate_hz, start_bpm=bpm, units="time")
    if len(beats_s) < 4:
        return float("nan"), float("nan")
    ratio = 60.0 / float(np.median(np.diff(beats_s))) / bpm
    ratio = min((ratio, ratio / 2, ratio * 2), key=lambda tempo: abs(tempo - 1.0))
    phase = (np.asarray(beats_s) - _TRACKER_LATE_S) % (30.0 / bpm)
    off = np.minimum(phase, 30.0 / bpm - phase)
    return ratio, 1000.0 * float(np.median(off))


def decibels(ratio: float) -> float:
    """An amplitude ratio in dB."""
    return 20.0 * float(np.log10(max(ratio, 1e-9)))


def _bands(mono: np.ndarray, rate_hz: int) -> tuple[float, ...]:
    size = 8192
    frames = np.pad(mono, (0, -len(mono) % size)).reshape(-1, size) * np.hanning(size)
    power = np.mean(np.abs(np.fft.rfft(frames, axis=1)) ** 2, axis=0)
    hz = np.linspace(0.0, rate_hz / 2, len(power))
    return tuple(
        float(10.0 * np.log10(max(power[(hz >= low) & (hz < high)].sum() / max(power.sum(), 1e-12), 1e-12)))
        for low, high in BANDS
    )
