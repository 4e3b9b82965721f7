import numpy as np
import pytest

from tutti.engines.song.singer.lift import lifted

VOICED, SILENT = np.full(40, 200.0, np.float32), np.zeros(8, np.float32)


def cents(curve):
    return 1200 * np.log2(lifted(curve)[curve > 0] / curve[curve > 0])


def test_voice_is_asked_for_higher_the_nearer_it_is_to_silence():
    asked = cents(np.concatenate([SILENT, VOICED, SILENT]))
    assert asked[:30] == pytest.approx(0.0, abs=1.0)
    assert (np.diff(asked[-4:]) > 0).all()
    assert 100 < asked[-1] < 200
    assert asked[-2] > 25


def test_every_stretch_of_voice_ends_alike():
    asked = cents(np.concatenate([VOICED, SILENT, VOICED]))
    assert asked[:40] == pytest.approx(asked[40:])


def test_source_turns_on_silently_into_the_first_value_without_voice():
    asked = lifted(np.concatenate([VOICED, SILENT]))
    assert asked[40] < 0
    assert asked[40] % 24_000 == pytest.approx(asked[39], rel=1e-4)
    assert not asked[41:].any()


@pytest.mark.parametrize("length", [0, 1, 5])
def test_silence_of_any_length_stays_silent(length):
    assert lifted(np.zeros(length, np.float32)).tolist() == [0.0] * length
