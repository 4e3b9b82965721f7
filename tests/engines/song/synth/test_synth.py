from dataclasses import replace

import numpy as np
import pytest

from tests.engines.song.sample import make_plan, make_score
from tutti.engines.song.model import SAMPLE_RATE_HZ, TICKS_PER_BEAT, Note
from tutti.engines.song.synth.patches import find_patch, patches
from tutti.engines.song.synth.player import play_patch
from tutti.engines.song.synth.voice import sound_note

SCORE = make_score(make_plan(bpm=120.0))
SECOND = SAMPLE_RATE_HZ


def _note(pitch: int, beat: float = 0.0, beats: float = 2.0, velocity: int = 100) -> Note:
    at, length = int(beat * TICKS_PER_BEAT), int(beats * TICKS_PER_BEAT)
    return Note(onset_ticks=at, length_ticks=length, pitch=pitch, velocity=velocity)


def _play(name: str, *notes: Note, seed: int = 1) -> np.ndarray:
    return play_patch(patches()[name], notes, SCORE, samples=3 * SECOND, seed=seed)


def _spectrum(sound: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    mono = sound.mean(axis=0)
    return np.fft.rfftfreq(mono.size, 1 / SAMPLE_RATE_HZ), np.abs(np.fft.rfft(mono * np.hanning(mono.size)))


def _centroid_hz(sound: np.ndarray) -> float:
    hz, heard = _spectrum(sound)
    return float((hz * heard**2).sum() / (heard**2).sum())


@pytest.mark.parametrize("name", patches())
def test_every_patch_sounds_at_its_pitch(name):
    sound = _play(name, _note(57, beat=1.0))[:, SECOND * 3 // 4 : SECOND * 5 // 4]
    hz, heard = _spectrum(sound)
    comb = {
        step: sum(heard[np.abs(hz - 220 * 2 ** (step / 12) * n) < 3].max() for n in (0.5, 1, 2, 3))
        for step in range(-4, 5)
    }
    assert max(comb, key=comb.__getitem__) == 0


@pytest.mark.parametrize("name", patches())
def test_every_patch_begins_on_its_note_and_dies_after_it(name):
    sound = np.abs(_play(name, _note(57, beat=1.0, beats=1.0))).max(axis=0)
    assert np.isfinite(sound).all()
    assert sound[: SECOND // 2 - 50].max() == 0
    assert 0.01 < sound.max() <= 1
    release = int(patches()[name].release_s * SECOND)
    # The drive's filters ring on a little.
    assert sound[SECOND + release + 200 :].max() < sound.max() / 300


def test_the_same_seed_gives_the_same_samples():
    notes = (_note(50), _note(57, 1), _note(50, 2))
    assert np.array_equal(_play("supersaw", *notes), _play("supersaw", *notes))
    assert not np.array_equal(_play("supersaw", *notes), _play("supersaw", *notes, seed=2))


def test_repeated_notes_differ():
    sound = _play("supersaw", _note(60, 0, 1), _note(60, 2, 1))
    assert not np.allclose(sound[:, :4000], sound[:, SECOND : SECOND + 4000], atol=1e-3)


def test_velocity_is_heard():
    loud, soft = (np.abs(_play("pluck", _note(60, velocity=velocity))).max() for velocity in (110, 50))
    assert loud > 2 * soft


def test_high_notes_do_not_fold_back():
    hz, heard = _spectrum(_play("saw-lead", _note(96, beats=4.0))[:, 2000:60_000])
    base_hz = 440 * 2 ** (27 / 12)
    between = (hz > 300) & (np.abs(hz / base_hz - np.round(hz / base_hz)) > 0.2)
    assert heard[between].max() < heard.max() * 2e-3


def test_a_pluck_closes_and_a_sweep_opens():
    rng = np.random.default_rng(0)
    for name, is_closing in (("pluck", True), ("sweep-pad", False)):
        sound = sound_note(patches()[name], 48, seconds=3.0, beat_s=0.5, rng=rng)
        early, late = sound[:, : SECOND // 10], sound[:, 2 * SECOND : 2 * SECOND + SECOND // 10]
        assert (_centroid_hz(early) > 1.5 * _centroid_hz(late)) is is_closing


def test_an_808_falls_to_its_pitch_and_fades():
    sound = sound_note(patches()["eight-o-eight"], 33, seconds=2.0, beat_s=0.5, rng=np.random.default_rng(0))
    assert _centroid_hz(sound[:, :1500]) > 1.2 * _centroid_hz(sound[:, 20_000:40_000])
    assert np.abs(sound[:, -4000:]).max() < np.abs(sound[:, 2000:6000]).max() / 2


def test_wide_patches_are_wide_and_basses_stay_in_the_middle():
    chord = (_note(48), _note(55), _note(60))
    assert np.corrcoef(_play("supersaw", *chord))[0, 1] < 0.8
    assert np.corrcoef(_play("analog-bass", _note(36)))[0, 1] > 0.99


def test_fm_does_not_click_where_its_phase_turns():
    sound = sound_note(patches()["crystal"], 60, seconds=0.5, beat_s=0.5, rng=np.random.default_rng(3))[0, 4000:]
    assert np.abs(np.diff(sound, 2)).max() < 20 * np.sqrt(np.square(np.diff(sound, 2)).mean())


def test_programs_find_their_patch_and_others_none():
    assert find_patch(90) is patches()["supersaw"]
    assert find_patch(0) is None
    programs = [program for patch in patches().values() for program in patch.programs]
    assert len(programs) == len(set(programs))


def test_notes_past_the_end_are_cut():
    score = replace(SCORE, bars=1)
    stem = play_patch(patches()["warm-pad"], (_note(60, 0, 40), _note(60, 100)), score, samples=SECOND, seed=1)
    assert stem.shape == (2, SECOND)
    assert np.abs(stem).max() > 0
