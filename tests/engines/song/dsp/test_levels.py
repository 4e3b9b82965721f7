import numpy as np
import pyloudnorm
import pytest

from tutti.engines.song.dsp import levels
from tutti.engines.song.model import SAMPLE_RATE_HZ


def _sine(hz: float, amplitude: float, seconds: float = 2.0, phase: float = 0.0) -> np.ndarray:
    time = np.arange(int(seconds * SAMPLE_RATE_HZ)) / SAMPLE_RATE_HZ
    return (amplitude * np.sin(2 * np.pi * hz * time + phase))[None].astype(np.float32)


@pytest.mark.parametrize("seed", range(3))
def test_loudness_equals_the_reference_meter(seed):
    rng = np.random.default_rng(seed)
    # Soft and loud stretches, so that both gates work.
    gain = np.repeat(rng.uniform(0.001, 0.5, 24), SAMPLE_RATE_HZ // 2)
    sound = (rng.standard_normal((2, gain.size)) * gain * 0.2).astype(np.float32)
    expected = pyloudnorm.Meter(SAMPLE_RATE_HZ).integrated_loudness(sound.T.astype(np.float64))
    assert levels.loudness_lufs(sound) == pytest.approx(expected, abs=0.15)


def test_loudness_of_a_full_scale_sine_is_that_of_the_standard():
    assert levels.loudness_lufs(np.repeat(_sine(997, 1.0, 5), 2, axis=0)) == pytest.approx(0.0, abs=0.1)


def test_silence_has_no_loudness():
    assert levels.loudness_lufs(np.zeros((2, 44_100), np.float32)) == float("-inf")
    assert levels.loudness_lufs(np.ones((2, 10), np.float32)) == float("-inf")


def test_true_peak_sees_between_the_samples():
    # A quarter of the sample rate, sampled 45 degrees off its crests: the samples reach 0.707.
    sound = _sine(SAMPLE_RATE_HZ / 4, 1.0, phase=np.pi / 4)
    assert np.abs(sound).max() < 0.71
    assert levels.true_peak_db(sound[:, 1000:-1000]) == pytest.approx(0.0, abs=0.2)


def test_true_peak_curve_finds_the_place():
    sound = np.zeros((2, 300_000), np.float32)
    sound[1, 200_000] = 0.9
    curve = levels.true_peak_curve(sound, 1024)
    assert curve.size == 293
    assert int(curve.argmax()) == 200_000 // 1024


def test_active_level_ignores_silence():
    sound = _sine(440, 0.5)
    padded = np.pad(sound, ((0, 0), (0, 200_000)))
    assert levels.active_rms_db(padded) == pytest.approx(20 * np.log10(0.5 / np.sqrt(2)), abs=0.1)
    assert levels.active_rms_db(np.zeros((1, 5000), np.float32)) == levels.SILENCE_DB


def test_hop_powers_cover_the_rest():
    powers = levels.hop_powers(np.ones((2, 10), np.float32), 4)
    assert powers.tolist() == [1.0, 1.0, 0.5]


def test_a_meter_hears_blocks_as_one_sound():
    sound = np.concatenate([_sine(440, 0.5), _sine(3000, 0.1)]).astype(np.float32)
    meter = levels.LoudnessMeter()
    for start in range(0, sound.shape[1], 12_800):
        meter.add(sound[:, start : start + 12_800])
    assert meter.lufs == pytest.approx(levels.loudness_lufs(sound), abs=1e-3)
    quieter = levels.loudness_of_powers(meter.powers * np.float32(0.01))
    assert quieter == pytest.approx(meter.lufs - 20, abs=1e-3)
