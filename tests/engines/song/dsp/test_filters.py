import numpy as np
import pytest

from tutti.engines.song.dsp import filters
from tutti.engines.song.dsp.filters import BLOCK_SAMPLES, Chain, equalise


def _gain_db(section: filters.Section, hz: int) -> float:
    impulse = np.zeros((1, 44_100), np.float32)
    impulse[0, 0] = 1
    return float(20 * np.log10(np.abs(np.fft.rfft(equalise(impulse, section)[0]))[hz]))


@pytest.mark.parametrize(
    ("section", "hz", "gain_db"),
    [
        (filters.highpass(100), 100, -3.0),
        (filters.highpass(100), 5000, 0.0),
        (filters.lowpass(1000), 1000, -3.0),
        (filters.lowpass(1000), 100, 0.0),
        (filters.bandpass(1000), 1000, 0.0),
        (filters.peak(1000, 6), 1000, 6.0),
        (filters.peak(1000, 6), 20, 0.0),
        (filters.low_shelf(200, -6), 20, -6.0),
        (filters.low_shelf(200, -6), 10_000, 0.0),
        (filters.high_shelf(5000, 4), 20_000, 4.0),
        (filters.high_shelf(5000, 4), 100, 0.0),
    ],
)
def test_sections_have_their_gain(section, hz, gain_db):
    assert _gain_db(section, hz) == pytest.approx(gain_db, abs=0.06)


def test_equalise_leaves_no_seam_between_blocks():
    noise = np.random.default_rng(1).standard_normal((2, BLOCK_SAMPLES + 999)).astype(np.float32)
    sections = (filters.highpass(40), filters.peak(900, 5))
    whole = equalise(noise, *sections)
    later = equalise(np.roll(noise, 500, axis=1), *sections)
    assert np.allclose(whole[:, 60_000:-500], later[:, 60_500:], atol=1e-4)


def test_equalise_without_sections_changes_nothing():
    noise = np.ones((1, 8), np.float32)
    assert equalise(noise) is noise


@pytest.mark.parametrize(
    "section", [filters.highpass(40), filters.highpass(5500), filters.lowpass(160), filters.peak(280, -3.5, 1.0)]
)
def test_silence_after_sound_is_nothing_and_costs_no_subnormal_numbers(section):
    chain = Chain(section, channels=1)
    chain(np.random.default_rng(1).standard_normal((1, 4410)).astype(np.float32))
    for _ in range(8):
        silence = chain(np.zeros((1, BLOCK_SAMPLES), np.float32))
    assert not silence.any()
    # Every product of its memory with a coefficient is far above 2e-308.
    assert np.abs(chain._state).max() > 1e-200
