"""Is the voice on its notes: pitch, onsets and the health of held notes, from one sung stem.

Pitch is tracked by SwiftF0, the package swift-f0, which brings its weights.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
import soxr

from tutti.engines.song.singer.phrases import Phrase, PitchedNote
from tutti.engines.song.singer.tokens import UNVOICED

_TRACK_HZ = 16_000
# Below it SwiftF0's pitch is a guess.
_CONFIDENCE = 0.6
# Frames nearer than this to a note's edge belong to the slide into or out of it.
_GUARD_S = 0.08


@dataclass(frozen=True, kw_only=True, slots=True)
class Track:
    """A voice's pitch: times in seconds of the song, Hz or 0."""

    times_s: np.ndarray
    hz: np.ndarray


def track(audio: np.ndarray, rate_hz: int, start_s: float) -> Track:
    """The pitch of a mono sound whose first sample lies at `start_s`."""
    found = _detector().detect(soxr.resample(audio, rate_hz, _TRACK_HZ), _TRACK_HZ)
    return Track(times_s=found.timestamps + start_s, hz=np.where(found.confidence >= _CONFIDENCE, found.pitch_hz, 0.0))


def pitch_cents(voice: Track, notes: Sequence[PitchedNote]) -> np.ndarray:
    """Cents off the written pitch for each voiced frame inside a note, vibrato included."""
    errors = []
    for note in notes:
        inside = (voice.times_s > note.start_s + _GUARD_S) & (voice.times_s < note.end_s - _GUARD_S) & (voice.hz > 0)
        written_hz = 440.0 * 2.0 ** ((note.pitch - 69.0) / 12.0)
        errors.append(1200.0 * np.log2(voice.hz[inside] / written_hz))
    return np.concatenate(errors) if errors else np.zeros(0)


def onset_errors_ms(voice: Track, phrases: Sequence[Phrase]) -> np.ndarray:
    """When the voice enters against the beat, for syllables that begin without it: only they show it."""
    errors = []
    for sung in (sung for phrase in phrases for sung in phrase):
        if not sung.syllable.onset or sung.syllable.onset[-1] not in UNVOICED:
            continue
        near = (voice.times_s > sung.start_s - 0.15) & (voice.times_s < sung.start_s + 0.18)
        sounds, times_s = voice.hz[near] > 0, voice.times_s[near]
        entries = times_s[1:][~sounds[:-1] & sounds[1:]]
        if len(entries):
            errors.append(1000.0 * float(entries[np.argmin(np.abs(entries - sung.start_s))] - sung.start_s))
    return np.array(errors)


def held_drops_db(audio: np.ndarray, rate_hz: int, start_s: float, notes: Sequence[PitchedNote]) -> np.ndarray:
    """How much quieter each note of over 0.6 s is at four fifths of its length than in its first 150 ms."""
    drops = []
    for note in notes:
        if note.length_s <= 0.6:
            continue
        begin = _rms(audio, rate_hz, note.start_s - start_s, 0.15)
        late = _rms(audio, rate_hz, note.start_s + 0.8 * note.length_s - 0.075 - start_s, 0.15)
        drops.append(20.0 * np.log10(max(begin, 1e-6) / max(late, 1e-6)))
    return np.array(drops)


def _rms(audio: np.ndarray, rate_hz: int, at_s: float, length_s: float) -> float:
    part = audio[max(0, round(at_s * rate_hz)) : max(0, round((at_s + length_s) * rate_hz))]
    return float(np.sqrt(np.mean(part**2))) if len(part) else 0.0


@cache
def _detector():
    from swift_f0 import SwiftF0  # noqa: PLC0415 - loaded when first needed

    return SwiftF0(threads=2)
