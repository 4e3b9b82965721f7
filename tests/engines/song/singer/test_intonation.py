import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tutti.engines.song.singer.intonation import in_tune

RATE_HZ, PER_VALUE = 24_000, 300
SILENT = np.zeros(20, np.float32)


def voice(hz, cents=0.0):
    """Twelve harmonics at a pitch curve, so many cents off it; faint noise everywhere."""
    per_sample = np.repeat(hz, PER_VALUE)
    off = np.broadcast_to(np.asarray(cents, float), hz.shape).repeat(PER_VALUE)
    phase = 2 * np.pi * np.cumsum(per_sample * 2.0 ** (off / 1200.0)) / RATE_HZ
    rung = sum(np.cos(harmonic * phase + harmonic) / harmonic for harmonic in range(1, 13))
    hiss = 0.001 * np.random.default_rng(0).normal(size=len(phase))
    return (0.2 * np.where(per_sample > 0, rung, 0.0) + hiss).astype(np.float32)


def cents_off(audio, hz, values):
    """Of the sound's fundamental against the curve within those curve values, by how fast it turns."""
    first, last = values.start * PER_VALUE, values.stop * PER_VALUE
    wanted = 2 * np.pi * np.cumsum(np.repeat(hz, PER_VALUE)) / RATE_HZ
    turning = (audio * np.exp(-1j * wanted))[first:last]
    smooth = np.convolve(turning, np.hanning(1_200), "valid")
    asked_hz = float(np.mean(hz[values]))
    drift_hz = np.diff(np.unwrap(np.angle(smooth))) * RATE_HZ / (2 * np.pi)
    return 1200 * np.log2(1 + drift_hz / asked_hz)


def leaning(length, most_cents):
    """A voice's error that goes to one side and the other within 0.3 s."""
    return most_cents * np.sin(2 * np.pi * np.arange(length) / 24)


@pytest.mark.parametrize("pitch_hz", [98.0, 175.0, 330.0])
@pytest.mark.parametrize("most_cents", [-120.0, 45.0, 140.0])
def test_voice_that_is_off_is_brought_within_a_few_cents(pitch_hz, most_cents):
    hz = np.r_[SILENT, np.full(120, pitch_hz, np.float32), SILENT].astype(np.float32)
    audio = voice(hz, leaning(len(hz), most_cents))
    held = slice(30, 125)
    assert np.max(np.abs(cents_off(audio, hz, held))) > 0.8 * abs(most_cents)
    assert cents_off(in_tune(audio, hz), hz, held) == pytest.approx(0.0, abs=8.0)


def test_voice_that_sinks_where_it_stops_is_held():
    hz = np.r_[SILENT, np.full(80, 150.0, np.float32), SILENT].astype(np.float32)
    cents = np.r_[np.zeros(90), np.linspace(0, -100, 10), np.zeros(20)]
    end = slice(88, 99)
    assert np.min(cents_off(voice(hz, cents), hz, end)) < -40
    assert np.min(cents_off(in_tune(voice(hz, cents), hz), hz, end)) > -12


def test_vibrato_of_the_score_stays():
    vibrato = 38.0 * np.sin(2 * np.pi * 5.6 * np.arange(160) / 80)
    hz = np.r_[SILENT, 220.0 * 2.0 ** (vibrato / 1200.0), SILENT].astype(np.float32)
    held = slice(30, 160)
    assert cents_off(in_tune(voice(hz, leaning(len(hz), 60.0)), hz), hz, held) == pytest.approx(0.0, abs=8.0)


def test_sound_is_not_moved_far():
    hz = np.r_[SILENT, np.full(160, 220.0), SILENT].astype(np.float32)
    audio = voice(hz, 100.0)
    ends = [np.flatnonzero(np.abs(sound) > 0.1)[-1] for sound in (audio, in_tune(audio, hz))]
    assert abs(ends[0] - ends[1]) <= 0.0101 * RATE_HZ


def test_voice_on_pitch_comes_back():
    hz = np.r_[SILENT, np.full(80, 220.0), SILENT].astype(np.float32)
    audio = voice(hz)
    assert np.sqrt(np.mean((in_tune(audio, hz) - audio) ** 2)) < 0.05 * np.sqrt(np.mean(audio**2))


def test_what_has_no_voice_is_left_alone():
    hz = np.r_[SILENT, np.full(80, 150.0), SILENT].astype(np.float32)
    audio = voice(hz, 60.0)
    sound = in_tune(audio, hz)
    before, noise = slice(0, 20 * PER_VALUE), np.random.default_rng(1).normal(0, 0.1, 12_000).astype(np.float32)
    assert sound[before] == pytest.approx(audio[before], abs=1e-5)
    assert in_tune(noise, np.zeros(40, np.float32)) == pytest.approx(noise, abs=1e-5)
    assert not in_tune(np.zeros(12_000, np.float32), np.full(40, 200.0, np.float32)).any()


def test_each_stretch_of_voice_comes_in_when_it_came_in():
    hz = np.r_[SILENT, np.full(60, 200.0), SILENT, np.full(60, 180.0), SILENT].astype(np.float32)
    audio = voice(hz, -80.0)
    entries = [np.flatnonzero(np.abs(sound[80 * PER_VALUE :]) > 0.1)[0] for sound in (audio, in_tune(audio, hz))]
    assert abs(entries[0] - entries[1]) < 0.004 * RATE_HZ


def test_same_take_gives_the_same_samples():
    hz = np.r_[SILENT, np.full(80, 220.0), SILENT].astype(np.float32)
    assert np.array_equal(in_tune(voice(hz, 50.0), hz), in_tune(voice(hz, 50.0), hz))


@settings(max_examples=40, deadline=None)
@given(st.lists(st.sampled_from([-5.0, 0.0, 25.0, 60.0, 200.0, 900.0]), max_size=30), st.floats(-300.0, 300.0))
def test_any_curve_gives_as_much_finite_sound(curve, cents):
    hz = np.array(curve, np.float32)
    audio = voice(np.maximum(hz, 0), cents)
    sound = in_tune(audio, hz)
    assert sound.shape == audio.shape
    assert np.isfinite(sound).all()
