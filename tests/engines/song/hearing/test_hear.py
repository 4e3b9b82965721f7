"""What is heard in music whose tempo and key are known."""

import numpy as np
import pytest

from tests.engines.song.rough_lyrics import CITY_LIGHTS, rough_lyrics
from tests.engines.song.weights import sound_font_player
from tutti.engines.song.backing import render_backing
from tutti.engines.song.hearing import Heard, hear, read_heard, write_heard
from tutti.engines.song.mix import mix
from tutti.engines.song.model import SAMPLE_RATE_HZ, Brief
from tutti.engines.song.plan import make_plan
from tutti.engines.song.score import compose
from tutti.errors import EngineError

RATE = SAMPLE_RATE_HZ


def clicks(bpm: float, *, seconds: float = 20.0, first_s: float = 0.3, drift: float = 0.0) -> np.ndarray:
    sound = np.zeros((2, int(seconds * RATE)), np.float32)
    burst = (np.random.default_rng(1).normal(0, 1, 2000) * np.exp(-np.arange(2000) / 300)).astype(np.float32)
    at_s = first_s
    while at_s < seconds - 0.1:
        start = int(at_s * RATE)
        sound[:, start : start + 2000] += burst
        at_s += 60 / (bpm * (1 + drift * at_s / seconds))
    return sound


@pytest.mark.parametrize("bpm", [72.0, 97.3, 120.0, 151.5])
def test_clicks_are_heard_at_their_tempo_and_time(bpm):
    heard = hear(clicks(bpm))
    assert heard.bpm == pytest.approx(bpm, rel=0.002)
    assert heard.is_steady
    assert heard.bpm_confidence > 0.8
    errors = [(at - 0.3) / (60 / bpm) for at in heard.beats_s]
    assert max(abs(error - round(error)) for error in errors) * 60 / bpm < 0.015


def test_drifting_clicks_are_followed():
    heard = hear(clicks(100.0, drift=0.25, seconds=30.0))
    assert not heard.is_steady
    beats = np.diff(heard.beats_s)
    assert 60 / np.median(beats[:8]) == pytest.approx(102, abs=4)
    assert 60 / np.median(beats[-8:]) == pytest.approx(123, abs=5)


@pytest.mark.parametrize("cents", [0, 30])
@pytest.mark.parametrize(("tonic", "mode"), [(0, "major"), (9, "minor"), (6, "major"), (4, "minor")])
def test_cadence_is_heard_in_its_key(tonic, mode, cents):
    third = 4 if mode == "major" else 3
    chords = [(0, third, 7), (5, 5 + third, 12), (7, 11, 14), (0, third, 7)] * 3
    time = np.arange(RATE) / RATE
    rows = []
    for chord in chords:
        hz = [261.63 * 2 ** ((tonic + pitch + cents / 100) / 12) for pitch in chord]
        rows.append(sum(np.sin(2 * np.pi * f * n * time) / n for f in hz for n in (1, 2, 3)))
    sound = np.concatenate(rows).astype(np.float32) * np.float32(0.1)
    heard = hear(np.stack([sound, sound]))
    assert (heard.tonic, heard.mode) == (tonic, mode)
    assert heard.tuning == pytest.approx(cents / 100, abs=0.08)


def test_song_of_ours_is_heard_as_it_was_planned():
    lyrics = rough_lyrics(CITY_LIGHTS)
    plan = make_plan(Brief(genre="rock", bpm=126.0), lyrics, 101, longest_s=240.0)
    score = compose(plan, lyrics, 101)
    sound = mix(None, render_backing(score, plan, sound_font_player()), score, plan).audio[:, : 30 * RATE]
    heard = hear(sound / np.abs(sound).max())
    assert heard.bpm == pytest.approx(plan.bpm, rel=0.002)
    assert (heard.tonic, heard.mode, heard.beats_per_bar) == (plan.tonic, plan.mode, plan.beats_per_bar)
    bar_s = plan.beats_per_bar * 60 / plan.bpm
    assert heard.bar_line_near(10.0) / bar_s == pytest.approx(round(heard.bar_line_near(10.0) / bar_s), abs=0.01)


@pytest.mark.parametrize("level", [0.0, 0.1], ids=["silence", "noise"])
def test_nothing_to_hear_is_no_error(level):
    heard = hear(np.random.default_rng(1).normal(0, level, (2, 2 * RATE)).astype(np.float32))
    assert heard.bpm_confidence < 0.7
    assert 40 < heard.bpm < 240
    assert np.isfinite(heard.bar_line_near(0.5))


def test_analysis_comes_back_from_its_file(tmp_path):
    heard = hear(clicks(100.0, seconds=4.0))
    write_heard(tmp_path / "analysis.json", heard)
    assert read_heard(tmp_path / "analysis.json") == heard
    (tmp_path / "analysis.json").write_text("{}")
    with pytest.raises(EngineError, match=r"analysis\.json"):
        read_heard(tmp_path / "analysis.json")


def test_bar_lines_go_on_past_the_beats():
    heard = Heard(
        duration_s=9.0,
        loudness_lufs=-14.0,
        bpm=120.0,
        bpm_confidence=1.0,
        is_steady=True,
        beats_s=(0.1, 0.6, 1.1, 1.6),
        beats_per_bar=4,
        first_downbeat=1,
        tonic=0,
        mode="major",
        key_confidence=1.0,
        tuning=0.0,
    )
    assert heard.bar_line_near(7.0) == pytest.approx(6.6)
    assert heard.bar_line_near(0.0) == pytest.approx(0.6)
