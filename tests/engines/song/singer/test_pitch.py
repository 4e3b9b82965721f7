import numpy as np

from tutti.engines.song.singer.manner import Manner
from tutti.engines.song.singer.phrases import PitchedNote
from tutti.engines.song.singer.pitch import notes_hz

NOTES = [PitchedNote(start_s=0.5, end_s=3.5, pitch=60.0), PitchedNote(start_s=3.5, end_s=4.5, pitch=60.0)]
TIMES_S = np.arange(0, 5, 1 / 80)


def cents(seed, **more):
    manner = Manner(scoop_cents=0.0, drift_cents=0.0, **more)
    hz = notes_hz(NOTES, TIMES_S, manner, np.random.default_rng(seed))
    return 1200 * np.log2(hz / 261.6256)


def test_vibrato_is_straight_at_first_and_gone_at_the_next_note():
    sung = cents(1)
    assert np.abs(sung[TIMES_S < 0.7]).max() < 1
    assert 25 < np.abs(sung[(TIMES_S > 1.2) & (TIMES_S < 3.3)]).max() < 45
    assert np.abs(sung[(TIMES_S > 3.56) & (TIMES_S < 3.7)]).max() < 1
    assert np.abs(np.diff(sung)).max() < 20


def test_vibrato_quickens_and_differs_from_note_to_note():
    sung = cents(1)
    crossings = TIMES_S[1:][np.diff(np.sign(sung)) != 0]
    turns = np.diff(crossings[(crossings > 1.0) & (crossings < 3.3)])
    assert turns[:4].mean() > turns[-4:].mean()
    assert not np.allclose(cents(1), cents(2), atol=3)


def test_singer_without_freedoms_is_on_the_note():
    assert np.allclose(cents(1, vibrato_cents=0.0), 0.0, atol=0.01)
