"""What the master's tone does to the width of a mix."""

import numpy as np
import pytest

from tutti.engines.song.model import SAMPLE_RATE_HZ
from tutti.engines.song.tone import tone


def _alike(side: float) -> float:
    """How alike left and right of pop are after its tone, where the sides' difference is `side` of their sum."""
    middle, sides = np.random.default_rng(1).standard_normal((2, 5 * SAMPLE_RATE_HZ)) * 0.1
    sound = np.stack([middle + side * sides, middle - side * sides]).astype(np.float32)
    return float(np.corrcoef(tone(sound, genre="pop"))[0, 1])


def test_a_narrow_mix_is_drawn_apart():
    assert _alike(0.17) == pytest.approx(0.88, abs=0.01)


def test_a_wide_mix_keeps_its_width():
    assert _alike(0.5) == pytest.approx((1 - (0.5 * 1.1) ** 2) / (1 + (0.5 * 1.1) ** 2), abs=0.02)


def test_what_is_in_the_middle_stays_there():
    assert _alike(0.0) == pytest.approx(1.0)
