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
