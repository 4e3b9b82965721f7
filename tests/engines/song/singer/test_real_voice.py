"""The singer with Kokoro's weights, where this machine has them."""

import threading

import numpy as np
import pytest
import soxr
from swift_f0 import SwiftF0

from tests.engines.song.singer.music import line, score, syllable
from tutti.engines.song.singer import Singer
from tutti.models.runtime.kokoro import Kokoro, KokoroFiles
from tutti.settings import Settings

BLEND = (("af_heart", 0.6), ("af_nova", 0.4))
SUNG = line(
    (syllable("s", "ɪ", "ŋ", stress=1), [(1, 1, 57)]),
    (syllable("t", "u", stress=1), [(2, 1, 60)]),
    (syllable("m", "i", stress=1), [(3, 3, 55)]),
)


@pytest.fixture(scope="module")
def kokoro():
    models = Settings().cache_dir / "models"
    files = KokoroFiles.at(models / "kokoro", models / "kokoro-voices")
    if not (files.model.exists() and files.voices.exists()):
        pytest.skip("Kokoro's weights are not on this machine: tutti models pull kokoro kokoro-voices")
    return Kokoro(files, threads=1)


def test_voice_is_on_its_notes(kokoro):
    sung = Singer(kokoro).sing(SUNG, score(SUNG), BLEND, 1)
    found = SwiftF0(threads=1).detect(soxr.resample(sung.audio, 24_000, 16_000), 16_000)
    times_s = found.timestamps + sung.start_s
    for written in SUNG.syllables:
        note = written.notes[0]
        begin, end = score().seconds_at(note.onset_ticks), score().seconds_at(note.onset_ticks + note.length_ticks)
        inside = (times_s > begin + 0.1) & (times_s < end - 0.1) & (found.confidence > 0.6)
        cents = 1200 * np.log2(found.pitch_hz[inside] / (440 * 2 ** ((note.pitch - 69) / 12)))
        assert inside.sum() >= 5
        assert abs(np.median(cents)) < 25


def test_same_seed_gives_same_samples_alone_and_beside_another(kokoro):
    alone = Singer(kokoro).sing(SUNG, score(SUNG), BLEND, 1).audio
    takes = {}

    def sing(seed):
        takes[seed] = Singer(kokoro).sing(SUNG, score(SUNG), BLEND, seed).audio

    threads = [threading.Thread(target=sing, args=(seed,)) for seed in (1, 2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert np.array_equal(takes[1], alone)
    assert not np.array_equal(takes[2], alone)


def test_held_note_stays_alive(kokoro):
    held = line((syllable("l", "I", "t", stress=1), [(1, 12, 57)]))
    sung = Singer(kokoro).sing(held, score(held), BLEND, 1)
    loud = [float(np.sqrt(np.mean(sung.audio[round((at - sung.start_s) * 24_000) :][:4800] ** 2))) for at in (0.6, 5.2)]
    assert loud[1] > loud[0] / 2
