import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tutti.engines.song.singer.grains import regrained

RATE_HZ = 24_000


def voice(hz, formant_hz=1_000.0):
    """Pulses at a pitch curve, each ringing at a formant; noise where the pitch is 0."""
    per_sample = np.repeat(hz, 300)
    phase = np.cumsum(per_sample) / RATE_HZ
    since_s = (phase % 1.0) / np.maximum(per_sample, 1.0)
    rung = np.exp(-since_s * 500.0) * np.sin(2 * np.pi * formant_hz * since_s)
    hiss = 0.1 * np.random.default_rng(0).normal(size=len(phase))
    return np.where(per_sample > 0, rung, hiss).astype(np.float32)


def pitch_of(audio):
    """By the strongest lag between 60 and 600 Hz."""
    lags = np.correlate(audio, audio, "full")[len(audio) :]
    return RATE_HZ / (np.argmax(lags[40:400]) + 41)


def loudest_hz(audio):
    return np.argmax(np.abs(np.fft.rfft(audio * np.hanning(len(audio))))) * RATE_HZ / len(audio)


CURVE = np.r_[np.zeros(20), np.full(80, 150.0), np.zeros(20)].astype(np.float32)


def test_unchanged_pitch_gives_the_sound_back():
    audio = voice(CURVE)
    again = regrained(audio, CURVE, CURVE)
    inner = slice(600, -600)
    error = np.sqrt(np.mean((audio - again)[inner] ** 2)) / np.sqrt(np.mean(audio[inner] ** 2))
    assert error < 0.1


@pytest.mark.parametrize("semitones", [-5, -3, 4, 7])
def test_pitch_moves_and_resonance_stays(semitones):
    target = CURVE * np.float32(2 ** (semitones / 12))
    moved = regrained(voice(CURVE), CURVE, target)[9_000:27_000]
    assert pitch_of(moved) == pytest.approx(150.0 * 2 ** (semitones / 12), rel=0.01)
    assert loudest_hz(moved) == pytest.approx(1_000.0, rel=0.12)


@pytest.mark.parametrize("formants", [0.85, 1.15])
def test_resonance_moves_and_pitch_stays(formants):
    moved = regrained(voice(CURVE), CURVE, CURVE, formants=formants)[9_000:27_000]
    assert pitch_of(moved) == pytest.approx(150.0, rel=0.01)
    assert loudest_hz(moved) == pytest.approx(1_000.0 * formants, rel=0.1)


def test_late_moments_come_late():
    audio = voice(CURVE)
    late = regrained(audio, CURVE, CURVE, late_s=np.full(len(CURVE), 0.02, np.float32))
    entry, before = (np.flatnonzero(np.abs(sound) > 0.5)[0] for sound in (late, audio))
    assert late.shape == audio.shape
    assert 0 <= entry - before <= 0.03 * RATE_HZ


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.sampled_from([0.0, 60.0, 200.0, 700.0]), max_size=30),
    st.floats(0.25, 4.0),
    st.floats(0.8, 1.25),
)
def test_any_curve_gives_as_much_finite_sound(curve, ratio, formants):
    hz = np.array(curve, np.float32)
    audio = voice(hz)
    sound = regrained(audio, hz, hz * np.float32(ratio), formants=formants)
    assert sound.shape == audio.shape
    assert np.isfinite(sound).all()
