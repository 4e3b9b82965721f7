import numpy as np
import pytest

from tutti.engines.song.dsp.pocket import band_levels_db, make_room, room_gains
from tutti.engines.song.model import SAMPLE_RATE_HZ

SECONDS = 4


def _noise(level: float = 0.1, channels: int = 2) -> np.ndarray:
    rng = np.random.default_rng(channels)
    return (rng.standard_normal((channels, SECONDS * SAMPLE_RATE_HZ)) * level).astype(np.float32)


def _voice(hz: float) -> np.ndarray:
    """A tone that sounds in the first half only."""
    time = np.arange(SECONDS * SAMPLE_RATE_HZ) / SAMPLE_RATE_HZ
    return (0.1 * np.sin(2 * np.pi * hz * time) * (time < SECONDS / 2))[None].astype(np.float32)


def _make_room(sound: np.ndarray, voice: np.ndarray, *, depth_db: float, clear_db: float) -> None:
    gains = room_gains(band_levels_db(voice), band_levels_db(sound), depth_db=depth_db, clear_db=clear_db)
    make_room(sound, gains)


def _change_db(before: np.ndarray, after: np.ndarray, from_s: float, to_s: float) -> np.ndarray:
    part = slice(round(from_s * SAMPLE_RATE_HZ), round(to_s * SAMPLE_RATE_HZ))
    return (band_levels_db(after[:, part]) - band_levels_db(before[:, part])).mean(axis=0)


@pytest.mark.parametrize("samples", [100, 1024, 300_001])
def test_nothing_changes_where_no_voice_is(samples):
    sound = _noise()[:, :samples].repeat(2, axis=1)
    before = sound.copy()
    _make_room(sound, np.zeros((1, sound.shape[1]), np.float32), depth_db=9, clear_db=9)
    assert np.allclose(sound, before, atol=1e-6)


def test_room_is_made_in_the_voices_band_while_it_sings():
    sound = _noise()
    before = sound.copy()
    _make_room(sound, _voice(2500.0), depth_db=9, clear_db=40)
    singing, silent = _change_db(before, sound, 0.2, 1.8), _change_db(before, sound, 3.2, 3.9)
    # 2500 Hz lies in the eighth band.
    assert singing[7] == pytest.approx(-9, abs=1)
    assert np.abs(singing[[0, 2, 12]]).max() < 0.5
    assert np.abs(silent).max() < 0.2


@pytest.mark.parametrize(("under_db", "change_db"), [(26, -9), (50, 0)])
def test_room_is_made_for_consonants_but_not_for_what_is_inaudible(under_db, change_db):
    """A consonant lies some 26 dB under a band that plays on."""
    sound, voice = _noise(), _voice(2500.0)
    over_db = (band_levels_db(voice) - band_levels_db(sound))[50:150, 7].mean()
    voice *= np.float32(10 ** ((-under_db - over_db) / 20))
    before = sound.copy()
    _make_room(sound, voice, depth_db=9, clear_db=12)
    assert _change_db(before, sound, 0.2, 1.8)[7] == pytest.approx(change_db, abs=1)


def test_a_voice_far_enough_over_the_sound_needs_no_room():
    sound = _noise(0.001)
    before = sound.copy()
    _make_room(sound, _voice(2500.0), depth_db=9, clear_db=6)
    assert abs(_change_db(before, sound, 0.2, 1.8)[7]) < 0.2


def test_room_is_never_deeper_than_asked():
    rng = np.random.default_rng(2)
    voice, sound = rng.uniform(-80, 0, (2, 300, 13)).astype(np.float32)
    gains = room_gains(voice, sound, depth_db=6, clear_db=12)
    assert gains.max() <= 1 + 1e-6
    assert gains.min() >= 10 ** (-6 / 20) - 1e-6
