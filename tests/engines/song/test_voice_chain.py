import numpy as np
import pytest

from tutti.engines.song.desk import Desk
from tutti.engines.song.dsp.pocket import band_levels_db
from tutti.engines.song.model import SAMPLE_RATE_HZ, Stems
from tutti.engines.song.voice_chain import Voice, process_voice

SECONDS = 4


@pytest.fixture(scope="module")
def voice() -> Voice:
    """A loud vowel, then a soft sound in its band, then silence, in a large room."""
    time_s = np.arange(SECONDS * SAMPLE_RATE_HZ) / SAMPLE_RATE_HZ
    level = np.where(time_s < 1.0, 0.2, np.where(time_s < 2.0, 0.04, 0.0))
    lead = (level * np.sin(2 * np.pi * 2500.0 * time_s))[None].astype(np.float32)
    desk = Desk(voice_room=1.0, voice_room_s=2.5, echo=0.0)
    return process_voice(Stems(tracks={"lead": lead}), desk, beat_s=0.5, samples=lead.shape[1], seed=1)


def over_room_db(voice: Voice, from_s: float, to_s: float) -> float:
    """How far the voice stands over its room in its band."""
    part = slice(round(from_s * SAMPLE_RATE_HZ), round(to_s * SAMPLE_RATE_HZ))
    # 2500 Hz lies in the eighth band.
    lead, around = (band_levels_db(sound[:, part])[2:-2, 7] for sound in (voice.lead, voice.around))
    return float(np.mean(lead - around))


def test_room_leaves_soft_sounds_after_loud_ones_alone(voice):
    assert over_room_db(voice, 0.3, 0.9) > 15
    assert over_room_db(voice, 1.05, 1.3) > 10


def test_room_is_heard_after_the_voice(voice):
    after = voice.around[:, round(2.2 * SAMPLE_RATE_HZ) : round(2.6 * SAMPLE_RATE_HZ)]
    assert 20 * np.log10(np.abs(after).max()) > -50


def test_a_consonant_right_after_a_loud_vowel_is_as_loud_as_one_that_stands_alone():
    rate, lead = SAMPLE_RATE_HZ, np.zeros((1, 2 * SAMPLE_RATE_HZ), np.float32)
    time_s = np.arange(lead.shape[1]) / rate
    # Most of the line is soft, so that the vowel stands far over its level, as an accent does.
    level = np.where(time_s < 0.6, 0.04, np.where(time_s < 0.7, 0.4, 0.0))
    lead[0] = level * np.sin(2 * np.pi * 300.0 * time_s)
    hiss = (0.02 * np.sin(2 * np.pi * 3000.0 * time_s[: rate // 20])).astype(np.float32)
    starts = [round(0.71 * rate), round(1.5 * rate)]
    for start in starts:
        lead[0, start : start + hiss.size] = hiss
    voice = process_voice(Stems(tracks={"lead": lead}), Desk(), beat_s=0.5, samples=lead.shape[1], seed=1)
    after, alone = (np.sqrt(np.mean(np.square(voice.lead[0, n : n + hiss.size]))) for n in starts)
    assert 20 * np.log10(after / alone) > -1
