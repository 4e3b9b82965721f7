import numpy as np
import pytest
from hypothesis import given, settings

from tests.engines.song.singer.music import FakeKokoro, line, lines, plan, score, syllable
from tutti.engines.song.singer import Singer, sing_score
from tutti.engines.song.singer.breath import breath_before
from tutti.engines.song.singer.latency import latency_s

BLEND = (("a", 1.0),)


def sung_line(**more):
    return line((syllable("t", "a", text="ta"), [(2, 1, 57)]), (syllable("n", "a", text="na"), [(3, 3, 60)]), **more)


@settings(max_examples=40, deadline=None)
@given(lines())
def test_any_line_is_sung_level_and_finite(written):
    sung = Singer(FakeKokoro()).sing(written, score(written), BLEND, 3)
    assert np.isfinite(sung.audio).all()
    assert 0.0 < np.abs(sung.audio).max() <= 0.98
    assert len(sung.syllables) == len(written.syllables)


def test_same_seed_gives_same_samples_and_another_does_not():
    written = sung_line()
    one, same, other = (Singer(FakeKokoro()).sing(written, score(written), BLEND, seed) for seed in (1, 1, 2))
    assert np.array_equal(one.audio, same.audio)
    assert not np.array_equal(one.audio, other.audio)


def test_syllables_are_timed_by_the_score():
    written = sung_line()
    sung = Singer(FakeKokoro()).sing(written, score(written), BLEND, 1)
    assert [(s.text, s.start_s, s.end_s) for s in sung.syllables] == [("ta", 1.0, 1.5), ("na", 1.5, 3.0)]
    assert sung.start_s < 1.0 < sung.start_s + len(sung.audio) / 24_000


def test_line_without_syllables_is_silence():
    sung = Singer(FakeKokoro()).sing(line(), score(line()), BLEND, 1)
    assert (len(sung.audio), sung.syllables) == (0, ())


def test_song_has_the_tracks_that_are_sung():
    lines_ = (sung_line(), sung_line(doubled=True, harmony_pitches=(64, 69)), sung_line(doubled=True))
    told = []
    song = sing_score(Singer(FakeKokoro()), score(*lines_), plan(), lambda done, _: told.append(done))
    assert set(song.tracks) == {"lead", "doubles", "harmony", "breaths"}
    assert not np.array_equal(*song.tracks["doubles"])
    assert {track.shape for track in song.tracks.values()} == {(2, 8 * 44_100)}
    assert [(timed.start_s, timed.end_s) for timed in song.lines] == [(1.0, 3.0)] * 3
    assert told == sorted(told)
    assert (told[0], told[-1]) == (0.0, 1.0)


def test_lead_is_heard_where_it_is_written_and_alike_on_both_sides():
    song = sing_score(Singer(FakeKokoro()), score(sung_line()), plan(), lambda *_: None)
    left, right = song.tracks["lead"]
    assert np.array_equal(left, right)
    loud = np.flatnonzero(np.abs(left) > 0.05) / 44_100
    assert loud[0] == pytest.approx(1.0 - latency_s(BLEND), abs=0.03)
    assert loud[-1] == pytest.approx(3.0, abs=0.15)


def test_song_without_voice_has_no_tracks():
    song = sing_score(Singer(FakeKokoro()), score(sung_line()), plan(sung=False), lambda *_: None)
    assert (song.tracks, song.lines) == ({}, ())


def test_song_stops_when_progress_says_so():
    class Stopped(Exception):  # noqa: N818 - a signal
        pass

    def stop(*_):
        raise Stopped

    with pytest.raises(Stopped):
        sing_score(Singer(FakeKokoro()), score(sung_line()), plan(), stop)


def test_first_syllable_on_the_first_beat_is_cut_to_the_song():
    written = line((syllable("st", "a"), [(0, 1, 57)]))
    song = sing_score(Singer(FakeKokoro()), score(written, bars=1), plan(), lambda *_: None)
    assert song.tracks["lead"].shape == (2, 2 * 44_100)


@pytest.mark.parametrize(
    ("onset_s", "free_from_s", "breathes"), [(3.0, 1.0, True), (3.0, 2.9, False), (0.1, 0.0, False)]
)
def test_breath_needs_time(onset_s, free_from_s, breathes):
    breath = breath_before(onset_s, free_from_s, np.random.default_rng(0))
    assert (breath is not None) is breathes
    if breath is not None:
        audio, start_s = breath
        assert free_from_s <= start_s < start_s + len(audio) / 44_100 <= onset_s
        assert 0.001 < np.sqrt(np.mean(audio**2)) < 0.01


def test_what_returns_is_sung_once_and_laid_at_each_of_its_places():
    kokoro = FakeKokoro()
    later = line((syllable("t", "a", text="ta"), [(10, 1, 57)]), (syllable("n", "a", text="na"), [(11, 3, 60)]))
    other = line((syllable("t", "a", text="ta"), [(6, 1, 57)]), (syllable("n", "a", text="na"), [(7, 2, 60)]))
    song = sing_score(Singer(kokoro), score(sung_line(), other, later), plan(), lambda *_: None)
    assert len(kokoro.calls) == 2
    assert [(timed.start_s, timed.end_s) for timed in song.lines] == [(1.0, 3.0), (3.0, 4.5), (5.0, 7.0)]
    lead = np.abs(song.tracks["lead"][0])
    starts = [np.flatnonzero(lead[round(at * 44_100) - 8000 :] > 0.05)[0] - 8000 for at in (1.0, 5.0)]
    assert abs(starts[0] - starts[1]) < 0.012 * 44_100


def test_song_sounds_alike_however_many_lines_are_sung_at_once():
    written = score(sung_line(), sung_line(doubled=True, harmony_pitches=(64, 69)), sung_line(doubled=True))
    songs = [
        sing_score(Singer(FakeKokoro(), lines_at_once=count), written, plan(), lambda *_: None).tracks
        for count in (1, 3)
    ]
    assert all(np.array_equal(songs[0][name], songs[1][name]) for name in songs[0])


def test_late_voice_is_let_in_earlier():
    early, late = (Singer(FakeKokoro()).sing(sung_line(), score(sung_line()), ((name, 1.0),), 1) for name in LATENESS)
    by_s = latency_s(((LATENESS[1], 1.0),)) - latency_s(((LATENESS[0], 1.0),))
    assert by_s > 0
    assert early.start_s - late.start_s == pytest.approx(by_s)
    alone = [latency_s(((name, 1.0),)) for name in ("am_x", "zm_x")]
    assert latency_s((("am_x", 3.0), ("zm_x", 1.0))) == pytest.approx(0.75 * alone[0] + 0.25 * alone[1])


LATENESS = ("am_fenrir", "zm_yunxi")
