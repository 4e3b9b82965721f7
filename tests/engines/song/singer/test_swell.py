import numpy as np
import pytest

from tutti.engines.song.singer.phrases import PitchedNote
from tutti.engines.song.singer.swell import swelled


def gains(length_s):
    note = PitchedNote(start_s=1.0, end_s=1.0 + length_s, pitch=60.0)
    return swelled(np.ones(round(24_000 * (length_s + 1.0)), np.float32), [note], 0.5)


@pytest.mark.parametrize(("length_s", "height_db"), [(0.4, 0.0), (0.6, 0.0), (1.05, 1.0), (1.5, 2.0), (4.0, 2.0)])
def test_held_note_swells_the_more_the_longer_it_is(length_s, height_db):
    assert 20 * np.log10(gains(length_s).max()) == pytest.approx(height_db, abs=0.02)


def test_swell_is_loudest_before_the_middle_and_touches_nothing_else():
    loud = gains(2.0)
    assert 0.5 + 0.7 < np.argmax(loud) / 24_000 < 0.5 + 1.0
    assert np.allclose(loud[:11_000], 1.0)
    assert np.allclose(loud[-11_000:], 1.0)
