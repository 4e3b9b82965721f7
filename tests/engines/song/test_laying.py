"""Sounds laid one after the other."""

import numpy as np
import pytest

from tutti.engines.song.dsp.levels import loudness_lufs
from tutti.engines.song.laying import Piece, lay, step_db
from tutti.engines.song.model import SAMPLE_RATE_HZ

RATE = SAMPLE_RATE_HZ


def tone(seconds: float, *, hz: float = 220.0, level: float = 1.0) -> np.ndarray:
    row = np.sin(2 * np.pi * hz * np.arange(int(seconds * RATE)) / RATE).astype(np.float32) * np.float32(level)
    return np.stack([row, row])


def noise(seconds: float, seed: int, level: float = 0.1) -> np.ndarray:
    return np.random.default_rng(seed).normal(0, level, (2, int(seconds * RATE))).astype(np.float32)


@pytest.mark.parametrize("old_s", [3.0, 4.0, 10.0])
def test_tone_that_goes_on_through_a_joint_stays_one_tone(old_s):
    whole_tone = tone(14)
    pieces = (Piece(audio=whole_tone[:, : int(old_s * RATE)], length_s=3.0), Piece(audio=whole_tone[:, 3 * RATE :]))
    whole = lay(pieces, fade_s=1.0)
    assert whole.shape == whole_tone.shape
    # No click where the old sound goes on under the new one.
    assert np.abs(np.diff(whole, axis=1)).max() < 0.06
    levels = np.abs(whole[0][: 12 * RATE]).reshape(-1, RATE // 20).max(axis=1)
    assert levels.min() > 0.99


def test_stretch_replaced_leaves_the_rest_as_it_was():
    old, new = noise(8, 1), noise(3, 2)
    whole = lay(
        (Piece(audio=old, length_s=2.37), Piece(audio=new, length_s=2.11), Piece(audio=old, from_s=4.48)), fade_s=0.5
    )
    assert whole.shape == old.shape
    first, last, fade = round(2.37 * RATE), round(4.48 * RATE), RATE // 2
    assert np.array_equal(whole[:, :first], old[:, :first])
    assert np.array_equal(whole[:, last + fade :], old[:, last + fade :])
    assert np.array_equal(whole[:, first + fade : last], new[:, fade : last - first])


def test_piece_settles_from_its_gain_to_its_own_level():
    old, new = noise(4, 1, 0.2), noise(10, 2, 0.1)
    gain_db = step_db(old, new)
    assert gain_db == pytest.approx(6.0, abs=0.2)
    whole = lay((Piece(audio=old, length_s=4.0), Piece(audio=new, gain_db=gain_db, settle_s=6.0)), fade_s=0.5)
    step = loudness_lufs(whole[:, 5 * RATE : 6 * RATE]) - loudness_lufs(whole[:, 3 * RATE : 4 * RATE])
    assert abs(step) < 1.7
    assert np.array_equal(whole[:, 11 * RATE :], new[:, 7 * RATE :])


def test_silence_before_a_joint_asks_for_no_gain():
    assert step_db(np.zeros((2, 4 * RATE), np.float32), noise(4, 1)) == 0.0
