"""The last step alone, on noise with the peaks of a drum, which no encoder likes."""

import numpy as np
import pytest

from tutti.engines.song import master as module
from tutti.engines.song.dsp.filters import equalise, lowpass
from tutti.engines.song.dsp.levels import loudness_lufs, true_peak_db
from tutti.engines.song.master import encoded_below_ceiling
from tutti.engines.song.mp3 import Mp3Decoder, decode_mp3

SECONDS = 12


def _drumming(seed: int = 3) -> np.ndarray:
    rng = np.random.default_rng(seed)
    decay = np.tile(np.exp(-np.arange(11_025) / 2500), 4 * SECONDS)
    drums = (rng.standard_normal((2, decay.size)) * (0.02 + 0.3 * decay)).astype(np.float32)
    return equalise(drums, lowpass(4000))


def test_delivered_sound_has_its_loudness_and_peaks():
    finished = encoded_below_ceiling(_drumming())
    heard = decode_mp3(finished.mp3)
    assert loudness_lufs(heard) == pytest.approx(module.LOUDNESS_LUFS, abs=0.3)
    assert finished.loudness_lufs == pytest.approx(loudness_lufs(heard), abs=0.05)
    assert finished.true_peak_dbtp == pytest.approx(true_peak_db(heard), abs=0.05)
    assert finished.true_peak_dbtp <= module.CEILING_DBTP


def test_peaks_leave_the_encoder_room_below_14_db_over_the_whole():
    audio = encoded_below_ceiling(_drumming()).audio
    assert 20 * np.log10(np.abs(audio).max() / np.sqrt(np.square(audio).mean())) <= 12.7


def test_bytes_come_in_pieces_that_make_the_whole():
    pieces: list[bytes] = []
    finished = encoded_below_ceiling(_drumming(), on_bytes=pieces.append)
    assert len(pieces) > 2
    assert b"".join(pieces) == finished.mp3


def test_too_high_peaks_are_told_and_encoded_anew(monkeypatch):
    monkeypatch.setattr(module, "_LIMITER_CEILING_DB", -0.2)
    monkeypatch.setattr(module, "_MOST_CREST_DB", 30.0)
    pieces: list[bytes] = []
    finished = encoded_below_ceiling(_drumming(), on_bytes=pieces.append)
    assert finished.true_peak_dbtp <= module.CEILING_DBTP
    last_void = len(pieces) - 1 - pieces[::-1].index(b"")
    assert b"".join(pieces[last_void:]) == finished.mp3


def test_the_array_is_used_for_the_result():
    sound = _drumming()
    assert encoded_below_ceiling(sound).audio is sound


def test_a_growing_mp3_decodes_like_a_whole_one():
    content = encoded_below_ceiling(_drumming()).mp3
    decoder = Mp3Decoder()
    parts = [decoder.decode(content[at : at + 5000]) for at in range(0, len(content), 5000)]
    grown = np.concatenate([*parts, decoder.finish()], axis=1)
    whole = decode_mp3(content)
    assert np.array_equal(grown[:, -whole.shape[1] :], whole)
