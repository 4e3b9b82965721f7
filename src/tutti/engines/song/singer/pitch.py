"""The pitch of a phrase as a curve of 80 values a second: the notes, and the ways in which a singer leaves them."""

from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from tutti.engines.song.singer.manner import Manner
from tutti.engines.song.singer.phrases import Phrase, PitchedNote
from tutti.engines.song.singer.timing import LEAD_FRAMES, SHORTEST_REST, Timing
from tutti.engines.song.singer.tokens import UNVOICED, Role, Token
from tutti.models.runtime.kokoro import CURVE_HZ, FRAME_HZ

Curve = NDArray[np.float32]

_PER_FRAME = CURVE_HZ // FRAME_HZ
# The voice is heard 10 to 20 ms after the curve lets it in, so it is let in one value before the vowel's own lead.
_VOICE_LEAD = LEAD_FRAMES * _PER_FRAME + 1
# A singer moves to the next note a little before its beat, so that the beat hears the pitch; the slide takes 85 ms.
_EARLY_S = 0.035
_SLIDE_VALUES = 7
# Vibrato comes on notes long enough to hear it, after a straight beginning, and grows.
_VIBRATO_FROM_S = 0.42
_VIBRATO_AFTER_S = 0.22
_VIBRATO_GROWS_S = 0.35
_VIBRATO_FULL_S = 0.7
# No two notes have it as deep, and it quickens by this many turns a second in each second of a note (E. Prame,
# "Measurements of the vibrato rate of ten singers", J. Acoust. Soc. Am. 96, 1994: towards a note's end it does).
_VIBRATO_DEPTHS = (0.75, 1.1)
_VIBRATO_QUICKENS = 0.3
# Upward leaps of a minor third and more are overshot by this much for this long.
_LEAP_SEMITONES = 3
_OVERSHOOT_CENTS = 12.0
_OVERSHOOT_S = 0.14
_SCOOP_S = 0.15
# Drift is noise between these two smoothings, about 0.5 to 4 Hz.
_DRIFT_SLOW, _DRIFT_FAST = 81, 15


def pitch_curve(
    phrase: Phrase, tokens: Sequence[Token], timing: Timing, manner: Manner, rng: np.random.Generator
) -> Curve:
    """Hz for every curve value of the phrase, 0 where it is unvoiced."""
    length = int(timing.borders[-1]) * _PER_FRAME
    times_s = timing.start_s + (np.arange(length) + 0.5) / CURVE_HZ
    hz = notes_hz([note for sung in phrase for note in sung.notes], times_s, manner, rng)
    return np.where(voiced(tokens, timing), hz, 0.0).astype(np.float32)


def notes_hz(
    notes: Sequence[PitchedNote], times_s: NDArray[np.float64], manner: Manner, rng: np.random.Generator
) -> NDArray[np.float64]:
    """The notes as sung, in Hz at each of the times, which are a curve's values in seconds of the song."""
    cents = _smooth(_steps(notes, times_s), _SLIDE_VALUES) * 100.0 + manner.detune_cents
    cents += _vibrato(notes, times_s, manner, rng) + _overshoot(notes, times_s)
    cents -= manner.scoop_cents * np.clip(1.0 - (times_s - notes[0].start_s + 0.05) / _SCOOP_S, 0.0, 1.0)
    cents += manner.drift_cents * wandering(len(times_s), rng)
    return np.asarray(440.0 * 2.0 ** ((cents / 100.0 - 69.0) / 12.0))


def voiced(tokens: Sequence[Token], timing: Timing) -> NDArray[np.bool_]:
    """Where the voice sounds, for every curve value: everywhere but in unvoiced consonants, rests and the edges.

    The voice comes back before the letter that has it by the lead of the vowels' sound, and so on the beat; it goes a
    frame into the letter that has none. The network's own readings do the same.
    """
    borders = timing.borders * _PER_FRAME
    sounds = np.ones(int(borders[-1]), bool)
    for first, last in _silent_runs(tokens, timing):
        ends = max(0, int(borders[last + 1]) - _VOICE_LEAD)
        # At least two frames without voice, or a consonant between two vowels is not heard.
        starts = 0 if first == 0 else min(int(borders[first]) + _PER_FRAME, ends - 2 * _PER_FRAME)
        sounds[max(0, starts) : ends] = False
    sounds[int(borders[-2]) + _PER_FRAME :] = False
    return sounds


def _silent_runs(tokens: Sequence[Token], timing: Timing) -> Iterator[tuple[int, int]]:
    """First and last index into `timing.frames` of each run of letters without voice, the silence before included."""
    silent = [
        True,
        *(_is_silent(token, int(frames)) for token, frames in zip(tokens, timing.frames[1:-1], strict=True)),
    ]
    for n, token in enumerate(tokens, 1):
        if token.role in {Role.STRESS, Role.TONE}:
            # Marks have no sound of their own and stand within what is around them.
            silent[n] = silent[n - 1]
    edges = np.flatnonzero(np.diff([False, *silent, False]))
    yield from ((int(first), int(end) - 1) for first, end in edges.reshape(-1, 2))


def _is_silent(token: Token, frames: int) -> bool:
    return frames >= SHORTEST_REST if token.role is Role.PAUSE else token.letter in UNVOICED


def _steps(notes: Sequence[PitchedNote], times_s: NDArray[np.float64]) -> NDArray[np.float64]:
    """The written pitch at each time, in semitones; the first note holds before, the last after."""
    starts = np.array([note.start_s - _EARLY_S for note in notes])
    which = np.clip(np.searchsorted(starts, times_s, side="right") - 1, 0, len(notes) - 1)
    return np.array([note.pitch for note in notes])[which]


def _vibrato(
    notes: Sequence[PitchedNote], times_s: NDArray[np.float64], manner: Manner, rng: np.random.Generator
) -> NDArray[np.float64]:
    cents = np.zeros_like(times_s)
    for note in notes:
        if note.length_s <= _VIBRATO_FROM_S:
            continue
        since = times_s - note.start_s - _VIBRATO_AFTER_S
        # Gone a moment after the note's end, or the next note would begin with a jump.
        grown = np.clip(since / _VIBRATO_GROWS_S, 0.0, 1.0) * np.clip((note.end_s + 0.05 - times_s) / 0.1, 0.0, 1.0)
        depth = manner.vibrato_cents * min(1.0, note.length_s / _VIBRATO_FULL_S) * rng.uniform(*_VIBRATO_DEPTHS)
        turns = (manner.vibrato_hz + rng.normal(0.0, 0.15)) * since + 0.5 * _VIBRATO_QUICKENS * np.clip(
            since, 0, 2
        ) ** 2
        cents += depth * grown * np.sin(2.0 * np.pi * turns + rng.uniform(-0.4, 0.4))
    return cents


def _overshoot(notes: Sequence[PitchedNote], times_s: NDArray[np.float64]) -> NDArray[np.float64]:
    cents = np.zeros_like(times_s)
    for before, note in pairwise(notes):
        if note.pitch - before.pitch >= _LEAP_SEMITONES:
            part = np.clip((times_s - note.start_s) / _OVERSHOOT_S, 0.0, 1.0)
            cents += _OVERSHOOT_CENTS * np.sin(np.pi * part)
    return cents


def wandering(length: int, rng: np.random.Generator) -> NDArray[np.float64]:
    """A slow random curve of standard deviation 1."""
    walk = np.cumsum(rng.normal(0.0, 1.0, length))
    wander = _smooth(walk - _smooth(walk, _DRIFT_SLOW), _DRIFT_FAST)
    return np.asarray(wander / (np.std(wander) + 1e-9))


def _smooth(values: NDArray[np.float64], width: int) -> NDArray[np.float64]:
    """A Hann-weighted moving mean over `width` values, the ends held."""
    weights = np.hanning(width + 2)[1:-1]
    padded = np.pad(values, (width // 2, width - 1 - width // 2), mode="edge")
    return np.convolve(padded, weights / weights.sum(), "valid")
