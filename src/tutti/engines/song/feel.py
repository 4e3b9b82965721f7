"""How straight time becomes played time: swing, shuffled sixteenths, and the small unevenness of hands."""

from dataclasses import dataclass, replace

import numpy as np

from tutti.engines.song.model import TICKS_PER_BEAT, Note

_HALF = TICKS_PER_BEAT // 2
# Beyond these a stroke is a mistake.
_LATEST_MS = 32.0
_LOUDEST = 14
# How much of a hand's error it carries on to the next stroke: players drift, they do not throw dice.
_DRIFT = 0.6


@dataclass(frozen=True, kw_only=True, slots=True)
class Hands:
    """How one player's hands stray from the grid."""

    # Standard deviation of times, in milliseconds, and of velocities.
    spread_ms: float = 4.0
    spread_velocity: float = 3.5
    # How late the player is on the whole; negative pushes.
    late_ms: float = 0.0


def swung(ticks: int, swing: float) -> int:
    """Where a straight time is played: the second half of each beat begins `swing` of a beat late."""
    return _bent(ticks, TICKS_PER_BEAT, swing)


def shuffled(ticks: int, shuffle: float) -> int:
    """The same for sixteenths: the second half of each half beat begins `shuffle` of a half beat late."""
    return _bent(ticks, _HALF, shuffle)


def straight(ticks: int, swing: float) -> int:
    """The inverse of `swung`, to the nearest tick."""
    beat, rest = divmod(ticks, TICKS_PER_BEAT)
    late = _HALF + swing * TICKS_PER_BEAT
    if rest <= late:
        return beat * TICKS_PER_BEAT + round(rest * _HALF / late)
    return beat * TICKS_PER_BEAT + round(_HALF + (rest - late) * _HALF / (TICKS_PER_BEAT - late))


def swing_note(note: Note, swing: float, shuffle: float = 0.0) -> Note:
    """The note with both its ends moved."""
    if not swing and not shuffle:
        return note
    onset, end = (
        swung(shuffled(ticks, shuffle), swing) for ticks in (note.onset_ticks, note.onset_ticks + note.length_ticks)
    )
    return replace(note, onset_ticks=onset, length_ticks=max(1, end - onset))


def humanised(notes: list[Note], rng: np.random.Generator, hands: Hands, *, bpm: float) -> tuple[Note, ...]:
    """Notes a few milliseconds early or late and a little louder or softer, in onset order."""
    ordered = sorted(notes, key=lambda note: (note.onset_ticks, note.pitch))
    ticks_per_ms = bpm * TICKS_PER_BEAT / 60_000
    shifts = np.clip(_drifting(len(ordered), rng) * hands.spread_ms + hands.late_ms, -_LATEST_MS, _LATEST_MS)
    accents = np.clip(rng.normal(0.0, 1.0, len(ordered)) * hands.spread_velocity, -_LOUDEST, _LOUDEST)
    played = [
        replace(
            note,
            onset_ticks=max(0, note.onset_ticks + round(float(shift) * ticks_per_ms)),
            velocity=min(127, max(1, note.velocity + round(float(accent)))),
        )
        for note, shift, accent in zip(ordered, shifts, accents, strict=True)
    ]
    return tuple(sorted(played, key=lambda note: (note.onset_ticks, note.pitch)))


def _drifting(count: int, rng: np.random.Generator) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Errors of unit spread of which each leans on the one before."""
    errors = rng.normal(0.0, np.sqrt(1 - _DRIFT**2), count)
    for index in range(1, count):
        errors[index] += _DRIFT * errors[index - 1]
    return errors


def _bent(ticks: int, period: int, late: float) -> int:
    """A time whose second half of each period begins `late` of the period late."""
    start, rest = divmod(ticks, period)
    half = period // 2
    middle = half + late * period
    if rest <= half:
        return start * period + round(rest * middle / half)
    return start * period + round(middle + (rest - half) * (period - middle) / half)
