import numpy as np
import pytest

from tutti.engines.song.dsp.dynamics import HOP_S, apply_gain, compress, de_ess, follow, peak_curve_db
from tutti.engines.song.dsp.levels import true_peak_db
from tutti.engines.song.dsp.limiter import limit
from tutti.engines.song.model import SAMPLE_RATE_HZ


def _tone(amplitude: float, hz: float = 500.0, seconds: float = 1.0) -> np.ndarray:
    time = np.arange(int(seconds * SAMPLE_RATE_HZ)) / SAMPLE_RATE_HZ
    return (amplitude * np.sin(2 * np.pi * hz * time))[None].astype(np.float32)


def test_compressor_divides_the_excess():
    loud = compress(_tone(1.0), threshold_db=-20, ratio=4)
    assert 20 * np.log10(np.abs(loud[0, 22_050:]).max()) == pytest.approx(-15, abs=0.7)


def test_compressor_leaves_soft_sound():
    soft = _tone(0.01)
    assert np.allclose(compress(soft, threshold_db=-20, ratio=4), soft, atol=1e-6)


def test_channels_move_as_one():
    sound = np.concatenate([_tone(1.0), _tone(0.1)])
    left, right = compress(sound, threshold_db=-20, ratio=4)
    assert np.allclose(left, right * 10, atol=1e-4)


def test_follower_releases_with_its_time_constant():
    level = np.full(4000, -120, np.float32)
    level[:1000] = 0
    falling = follow(level, attack_s=1e-6, release_s=0.1)
    assert falling[999 + round(0.1 / HOP_S)] == pytest.approx(-8.686, abs=0.2)


def test_de_ess_takes_hiss_only():
    low, hiss = _tone(0.3, 400), _tone(0.3, 9000)
    assert np.abs(de_ess(low, threshold_db=-30)).max() == pytest.approx(0.3, abs=0.01)
    assert np.abs(de_ess(hiss, threshold_db=-30)[0, 5000:]).max() < 0.15


def test_gain_is_applied_in_place_when_asked():
    sound = np.ones((2, 1000), np.float32)
    curve = np.full(32, -6.0206, np.float32)
    assert apply_gain(sound, curve, out=sound) is sound
    assert np.allclose(sound, 0.5, atol=1e-4)


def test_peak_curve_covers_every_sample():
    sound = np.zeros((1, 100), np.float32)
    sound[0, 99] = -0.5
    assert peak_curve_db(sound)[-1] == pytest.approx(-6.02, abs=0.01)


@pytest.mark.parametrize("ceiling_db", [-1.0, -6.0])
def test_limiter_keeps_true_peaks_below_the_ceiling(ceiling_db):
    rng = np.random.default_rng(3)
    sound = (rng.standard_normal((2, 200_000)) * 0.4).astype(np.float32)
    sound[:, ::5000] += 3
    limited = limit(sound, ceiling_db=ceiling_db)
    assert true_peak_db(limited) <= ceiling_db + 0.1
    assert true_peak_db(limited) > ceiling_db - 1.5


def test_limiter_leaves_what_is_below():
    soft = _tone(0.3)
    assert np.allclose(limit(soft, ceiling_db=-1), soft, atol=1e-6)
