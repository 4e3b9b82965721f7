"""Voice and instruments apart, on a mix whose parts are known."""

import numpy as np
import pytest

from tests.engines.song.sample import make_plan, make_score, make_voice
from tests.engines.song.weights import sound_font_player
from tutti.engines.song.backing import render_backing
from tutti.engines.song.mix import mix_apart
from tutti.engines.song.separation import separate

PLAN = make_plan(bars=8, bpm=120.0)
SCORE = make_score(PLAN)


def sdr_db(true: np.ndarray, heard: np.ndarray) -> float:
    """How much stronger what should be heard is than what else is heard."""
    return float(10 * np.log10(np.sum(true**2) / np.sum((true - heard) ** 2)))


@pytest.fixture(scope="module")
def stems():
    return dict(mix_apart(make_voice(SCORE), lambda: render_backing(SCORE, PLAN, sound_font_player()), SCORE, PLAN))


def test_separated_voice_and_band_are_nearer_to_the_true_ones_than_the_mix_is(stems):
    whole = sum(stems.values())
    voice, band = separate(whole)
    true_band = whole - stems["vocals"]
    assert np.abs(voice + band - whole).max() < 1e-4
    assert sdr_db(stems["vocals"], voice) > sdr_db(stems["vocals"], whole) + 1.0
    assert sdr_db(true_band, band) > sdr_db(true_band, whole) + 1.0


def test_separation_takes_what_lies_to_one_side_for_an_instrument():
    rng = np.random.default_rng(2)
    sound = np.zeros((2, 44_100 * 2), np.float32)
    sound[0] = rng.normal(0, 0.1, sound.shape[1])
    voice, _ = separate(sound)
    assert np.sum(voice**2) < 0.02 * np.sum(sound**2)
