"""A studio for the module, where this machine has the weights."""

import numpy as np
import pytest

from tests.engines.song.edits.tiny import PLAYED, SUNG, Studio
from tests.engines.song.weights import song_engine, sounds_engine
from tutti.engines.song.model import SAMPLE_RATE_HZ
from tutti.engines.song.wav import write_wav
from tutti.intents import ClipSeat, SoundImport


@pytest.fixture(scope="session")
def studio(tmp_path_factory):
    return Studio(song_engine(), sounds_engine(), tmp_path_factory.mktemp("studio"))


@pytest.fixture(scope="session")
def played(studio):
    """An instrumental of ours."""
    return studio.source(studio.clip(PLAYED))


@pytest.fixture(scope="session")
def sung(studio):
    """A sung song of ours."""
    return studio.source(studio.clip(SUNG))


@pytest.fixture(scope="session")
def brought_clip(studio, tmp_path_factory):
    """Brought sound: four chords of two seconds over a beat, 120 a minute in A minor, 16 s from 0.25 s on."""
    rng = np.random.default_rng(5)
    time = np.arange(2 * SAMPLE_RATE_HZ) / SAMPLE_RATE_HZ
    bars = []
    for chord in ((57, 60, 64), (53, 57, 60), (62, 65, 69), (57, 60, 64)) * 2:
        bar = sum(
            np.sin(2 * np.pi * 440 * 2 ** ((pitch - 69) / 12) * n * time) / n for pitch in chord for n in (1, 2, 3)
        )
        for beat in range(4):
            at = beat * SAMPLE_RATE_HZ // 2
            bar[at : at + 3000] += 4 * rng.normal(0, 1, 3000) * np.exp(-np.arange(3000) / 400)
        bars.append(bar)
    mono = np.concatenate([np.zeros(SAMPLE_RATE_HZ // 4), *bars]).astype(np.float32) * np.float32(0.04)
    path = tmp_path_factory.mktemp("brought") / "sound"
    write_wav(path, np.stack([mono, mono]), seed=1)
    wish = SoundImport(seat=ClipSeat(clip_id="brought", seed=1), sound_key=studio.keep("upload", path), title="Mine")
    return studio.clip(wish)


@pytest.fixture(scope="session")
def brought(studio, brought_clip):
    """The same as something to work from."""
    return studio.source(brought_clip)
