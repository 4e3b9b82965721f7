import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tutti.engines.song.feel import Hands, humanised, shuffled, straight, swing_note, swung
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


def test_shuffle_delays_the_second_sixteenth_and_keeps_the_eighths():
    assert [shuffled(ticks, 1 / 6) for ticks in (0, 120, 240, 360, 480)] == [0, 160, 240, 400, 480]


@given(st.lists(st.tuples(st.integers(0, 9_000), st.integers(1, 127)), max_size=60), st.floats(60, 200))
def test_humanised_moves_little_and_stays_playable(strokes, bpm):
    notes = [Note(onset_ticks=at, length_ticks=60, pitch=60, velocity=velocity) for at, velocity in strokes]
    played = humanised(notes, np.random.default_rng(1), Hands(), bpm=bpm)
    assert len(played) == len(notes)
    most = 32 * bpm * 480 / 60_000 + 1
    ordered = sorted(notes, key=lambda note: note.onset_ticks)
    assert all(
        abs(after.onset_ticks - before.onset_ticks) <= most for before, after in zip(ordered, played, strict=True)
    )
    assert all(1 <= note.velocity <= 127 and note.onset_ticks >= 0 for note in played)


def test_hands_are_uneven_drift_and_sit_back_as_told():
    notes = [Note(onset_ticks=at * 480, length_ticks=60, pitch=60) for at in range(2, 402)]
    hands = Hands(spread_ms=4.0, late_ms=12.0)
    played = humanised(notes, np.random.default_rng(2), hands, bpm=125.0)
    off_ms = np.array([after.onset_ticks - before.onset_ticks for before, after in zip(notes, played, strict=True)])
    assert abs(off_ms.mean() - 12) < 2
    assert 2.5 < off_ms.std() < 5.5
    assert np.corrcoef(off_ms[:-1], off_ms[1:])[0, 1] > 0.3
    assert humanised(notes, np.random.default_rng(2), hands, bpm=125.0) == played
