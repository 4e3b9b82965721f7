import numpy as np
import pytest

from tutti.engines.song.singer.voice import levelled, ridden


def test_riding_halves_a_fade_and_leaves_silence():
    fade = np.repeat(np.array([1.0, 0.1, 0.0]), 24_000)
    audio = (0.2 * fade * np.sin(np.arange(72_000) * 0.06)).astype(np.float32)
    sung = ridden(audio)
    before, after = (np.sqrt(np.mean(sung[at : at + 4800] ** 2)) for at in (10_000, 36_000))
    assert 20 * np.log10(before / after) == pytest.approx(10.0, abs=1.0)
    assert not sung[60_000:].any()


@pytest.mark.parametrize("loudness", [1e-4, 0.3, 30.0])
def test_levelled_takes_are_of_one_loudness(loudness):
    audio = (loudness * np.sin(np.arange(48_000) * 0.06)).astype(np.float32)
    assert np.sqrt(np.mean(levelled(audio) ** 2)) == pytest.approx(0.1, rel=0.01)


def test_silence_stays_silent():
    assert not levelled(ridden(np.zeros(5000, np.float32))).any()
