from dataclasses import replace

import numpy as np
import pytest

from tests.engines.song.sample import make_plan, make_score
from tests.engines.song.weights import sound_font_player
from tutti.engines.song.backing import SoundFontPlayer, length_samples, render_backing
from tutti.engines.song.guitar import AMPS, amplify
from tutti.engines.song.model import SAMPLE_RATE_HZ, TICKS_PER_BEAT, Note, Part
from tutti.errors import EngineError

PLAN = make_plan(bars=2, bpm=120.0)
SCORE = make_score(PLAN)


def _note(pitch: int, beat: float = 0.0, beats: float = 2.0) -> Note:
    return Note(onset_ticks=int(beat * TICKS_PER_BEAT), length_ticks=int(beats * TICKS_PER_BEAT), pitch=pitch)


def _only(part: Part):
    return replace(SCORE, parts=(part,))


def test_every_part_with_notes_becomes_a_stem():
    score = replace(SCORE, parts=(*SCORE.parts[:3], Part(name="empty", program=40, notes=())))
    stems = dict(render_backing(score, PLAN, sound_font_player()))
    assert list(stems) == ["drums", "bass", "keys"]
    for stem in stems.values():
        assert stem.shape == (2, length_samples(score))
        assert stem.dtype == np.float32
        assert np.isfinite(stem).all()


@pytest.mark.parametrize("program", [0, 24, 27, 29, 30, 33, 40, 48, 73, 80, 89, 104, 107])
def test_notes_sound_at_their_pitch_and_time(program):
    part = Part(name="x", program=program, notes=(_note(57, beat=1.0),))
    ((_, stem),) = render_backing(_only(part), PLAN, sound_font_player())
    mono = stem.mean(axis=0)
    onset = int(np.argmax(np.abs(mono) > np.abs(mono).max() / 20))
    assert onset / SAMPLE_RATE_HZ == pytest.approx(0.5, abs=0.12)
    heard = np.abs(np.fft.rfft(mono[30_000:60_000] * np.hanning(30_000)))
    hz = np.fft.rfftfreq(30_000, 1 / SAMPLE_RATE_HZ)
    comb = {semitone: _comb(heard, hz, 220 * 2 ** (semitone / 12)) for semitone in range(-4, 5)}
    assert max(comb, key=comb.__getitem__) == 0


def _comb(spectrum: np.ndarray, hz: np.ndarray, base_hz: float) -> float:
    return sum(float(spectrum[np.abs(hz - base_hz * n) < 4].max()) for n in (1, 2, 3, 4))


@pytest.mark.parametrize("before", [0, 14, 48])
def test_what_was_played_before_is_not_heard(before):
    player, alone = sound_font_player(), (_note(60),)
    fresh = player.play(alone, SCORE, program=0, samples=SAMPLE_RATE_HZ)
    # Cut off while it sounds.
    player.play((_note(50, beats=8.0),), SCORE, program=before, samples=SAMPLE_RATE_HZ)
    assert np.array_equal(player.play(alone, SCORE, program=0, samples=SAMPLE_RATE_HZ), fresh)


def test_a_silent_part_is_an_error():
    part = Part(name="keys", program=0, notes=(Note(onset_ticks=10**7, length_ticks=10, pitch=60),))
    with pytest.raises(EngineError, match="keys came out silent"):
        list(render_backing(_only(part), PLAN, sound_font_player()))


def test_a_broken_sound_font_is_an_error(tmp_path):
    (tmp_path / "font.sf3").write_bytes(b"no font")
    with pytest.raises(EngineError, match=r"font\.sf3"):
        SoundFontPlayer(tmp_path / "font.sf3")


def test_the_player_forgets_the_song_before():
    part = _only(Part(name="keys", program=0, notes=(_note(60),)))
    first = dict(render_backing(part, PLAN, sound_font_player()))["keys"]
    dict(render_backing(SCORE, PLAN, sound_font_player()))
    assert np.array_equal(dict(render_backing(part, PLAN, sound_font_player()))["keys"], first)


def test_driven_guitars_are_wide_and_sustain():
    part = Part(name="guitar", program=30, notes=(_note(45), _note(52)))
    ((_, stem),) = render_backing(_only(part), PLAN, sound_font_player())
    assert np.corrcoef(stem)[0, 1] < 0.9
    clean = sound_font_player().play(part.notes, SCORE, program=27, samples=stem.shape[1])
    assert _sustain(stem) > 1.2 * _sustain(clean)


@pytest.mark.parametrize("amp", AMPS)
def test_amps_keep_the_level_and_cut_the_fizz(amp):
    time = np.arange(2 * SAMPLE_RATE_HZ) / SAMPLE_RATE_HZ
    strings = (0.2 * np.sign(np.sin(2 * np.pi * 110 * time)) * np.exp(-time))[None].astype(np.float32)
    sound = amplify(strings.copy(), AMPS[amp])
    power = np.square(np.abs(np.fft.rfft(sound[0])))
    hz = np.fft.rfftfreq(sound.shape[1], 1 / SAMPLE_RATE_HZ)
    assert power[hz > 8000].sum() < power.sum() * 1e-3
    assert 0.3 < np.sqrt(np.square(sound).mean() / np.square(strings).mean()) < 3


def _sustain(sound: np.ndarray) -> float:
    early, late = (np.square(sound[:, at : at + 8000]).mean() for at in (4000, 34_000))
    return float(np.sqrt(late / early))
