import numpy as np
import pytest

from tutti.engines.song.balance import ride_over
from tutti.engines.song.dsp.dynamics import apply_gain
from tutti.engines.song.dsp.levels import HOP_SAMPLES, hop_powers
from tutti.engines.song.model import SAMPLE_RATE_HZ

SECONDS = 30


def _noise(channels: int, *, louder_by_db: float = 0.0) -> np.ndarray:
    """Noise whose second half is louder."""
    sound = np.random.default_rng(channels).standard_normal((channels, SECONDS * SAMPLE_RATE_HZ)).astype(np.float32)
    sound[:, sound.shape[1] // 2 :] *= np.float32(10 ** (louder_by_db / 20))
    return sound * np.float32(0.05)


def _over_db(lead: np.ndarray, band: np.ndarray, half: int) -> float:
    part = slice(half * SECONDS // 2 * SAMPLE_RATE_HZ, (half + 1) * SECONDS // 2 * SAMPLE_RATE_HZ)
    return float(10 * np.log10(hop_powers(lead[:, part], 4410).mean() / hop_powers(band[:, part], 4410).mean()))


@pytest.mark.parametrize("over_db", [0.0, 3.0])
def test_the_voice_stays_over_a_band_that_gets_louder(over_db):
    lead, band = _noise(1), _noise(2, louder_by_db=5)
    singing = np.ones(-(-lead.shape[1] // HOP_SAMPLES), np.float32)
    balance = ride_over(lead, (band,), singing, over_db=over_db)
    apply_gain(lead, balance.gain_db, out=lead)
    assert balance.over_db == pytest.approx(over_db, abs=0.05)
    assert _over_db(lead, band, 0) == pytest.approx(over_db, abs=0.6)
    assert _over_db(lead, band, 1) == pytest.approx(over_db, abs=0.6)


def test_the_fader_moves_no_further_than_its_reach():
    lead, band = _noise(1), _noise(2, louder_by_db=30)
    singing = np.ones(-(-lead.shape[1] // HOP_SAMPLES), np.float32)
    gain_db = ride_over(lead, (band,), singing, over_db=0).gain_db
    assert gain_db.max() - gain_db.min() == pytest.approx(6, abs=0.1)


def test_a_silent_band_moves_nothing():
    lead = _noise(1)
    singing = np.ones(-(-lead.shape[1] // HOP_SAMPLES), np.float32)
    balance = ride_over(lead, (np.zeros((2, lead.shape[1]), np.float32),), singing, over_db=3)
    assert not balance.gain_db.any()
