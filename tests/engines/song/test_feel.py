import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tutti.engines.song.feel import humanised, straight, swing_note, swung
from tutti.engines.song.model import Note

_SWINGS = st.sampled_from([0.0, 0.05, 1 / 6])


@given(st.integers(0, 100_000), _SWINGS)
def test_straight_undoes_swing(ticks, swing):
    assert abs(straight(swung(ticks, swing), swing) - ticks) <= 1


@given(st.integers(0, 100_000), st.integers(1, 2_000), _SWINGS)
def test_swing_keeps_order_and_beats(ticks, later, swing):
    assert swung(ticks, swing) <= swung(ticks + later, swing)
    assert swung(ticks - ticks % 480, swing) == ticks - ticks % 480


def test_swing_note_delays_the_off_beat_by_a_triplet():
    note = swing_note(Note(onset_ticks=240, length_ticks=240, pitch=60), 1 / 6)
    assert (note.onset_ticks, note.length_ticks) == (320, 160)


def test_humanised_moves_little_and_stays_playable():
    notes = [
        Note(onset_ticks=at * 120, length_ticks=60, pitch=60, velocity=velocity)
        for at, velocity in enumerate([1, 127] * 50)
    ]
    played = humanised(notes, np.random.default_rng(1))
    assert played != tuple(notes)
    assert all(abs(after.onset_ticks - before.onset_ticks) <= 12 for before, after in zip(notes, played, strict=True))
    assert all(1 <= note.velocity <= 127 and note.onset_ticks >= 0 for note in played)
