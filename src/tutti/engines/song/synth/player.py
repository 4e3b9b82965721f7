"""Plays a part with a patch: every pitch is made once for its longest note and laid where the score wants it.

Songs repeat their pitches, so this costs a fraction of making every note; two takes of each pitch, with other phases,
keep repeated notes from sounding stamped.
"""

from collections.abc import Sequence

import numpy as np

from tutti.engines.song.dsp.shape import saturate
from tutti.engines.song.model import SAMPLE_RATE_HZ, Audio, Note, Score
from tutti.engines.song.synth.patches import Patch
from tutti.engines.song.synth.voice import sound_note

_TAKES = 2
# A chord of four at full velocity stays below clipping.
_HEADROOM = 0.16


def play_patch(patch: Patch, notes: Sequence[Note], score: Score, *, samples: int, seed: int) -> Audio:
    """The part: float32, shape (2, samples); the same seed gives the same samples."""
    stem = np.zeros((2, samples), np.float32)
    longest = _longest_s(notes, score)
    takes: dict[tuple[int, int], Audio] = {}
    for index, note in enumerate(notes):
        key = note.pitch, index % _TAKES
        if key not in takes:
            rng = np.random.default_rng((seed, *key))
            seconds = longest[note.pitch] + patch.release_s
            takes[key] = sound_note(patch, note.pitch, seconds=seconds, beat_s=60.0 / score.bpm, rng=rng)
        _lay(stem, takes[key], note, score, release_s=patch.release_s)
    return saturate(stem, drive_db=patch.drive_db) if patch.drive_db else stem


def _longest_s(notes: Sequence[Note], score: Score) -> dict[int, float]:
    """The longest note of each pitch in seconds."""
    longest: dict[int, float] = {}
    for note in notes:
        longest[note.pitch] = max(longest.get(note.pitch, 0.0), score.seconds_at(note.length_ticks))
    return longest


def _lay(stem: Audio, take: Audio, note: Note, score: Score, *, release_s: float) -> None:
    """One note at its place, as loud as its velocity, released at its end."""
    start = round(score.seconds_at(note.onset_ticks) * SAMPLE_RATE_HZ)
    held = round(score.seconds_at(note.length_ticks) * SAMPLE_RATE_HZ)
    released = max(1, int(release_s * SAMPLE_RATE_HZ))
    end = min(stem.shape[1], start + min(take.shape[1], held + released))
    if start >= end:
        return
    sound = take[:, : end - start] * np.float32(_HEADROOM * (note.velocity / 100) ** 1.6)
    tail = sound[:, held:]
    tail *= np.exp(-5 * np.arange(tail.shape[1], dtype=np.float32) / np.float32(released))
    fade = min(64, sound.shape[1])
    sound[:, -fade:] *= np.linspace(1, 0, fade, dtype=np.float32)
    stem[:, start:end] += sound
