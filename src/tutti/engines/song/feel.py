"""How straight time becomes played time: swing, and the small unevenness of hands."""

from dataclasses import replace

import numpy as np

from tutti.engines.song.model import TICKS_PER_BEAT, Note

_HALF = TICKS_PER_BEAT // 2


def swung(ticks: int, swing: float) -> int:
    """Where a straight time is played: the second half of each beat begins `swing` of a beat late."""
    beat, rest = divmod(ticks, TICKS_PER_BEAT)
    late = _HALF + swing * TICKS_PER_BEAT
    if rest <= _HALF:
        return beat * TICKS_PER_BEAT + round(rest * late / _HALF)
    return beat * TICKS_PER_BEAT + round(late + (rest - _HALF) * (TICKS_PER_BEAT - late) / _HALF)


def straight(ticks: int, swing: float) -> int:
    """The inverse of `swung`, to the nearest tick."""
    beat, rest = divmod(ticks, TICKS_PER_BEAT)
    late = _HALF + swing * TICKS_PER_BEAT
    if rest <= late:
        return beat * TICKS_PER_BEAT + round(rest * _HALF / late)
    return beat * TICKS_PER_BEAT + round(_HALF + (rest - late) * _HALF / (TICKS_PER_BEAT - late))


def swing_note(note: Note, swing: float) -> Note:
    """The note with both its ends moved."""
    if not swing:
        return note
    onset = swung(note.onset_ticks, swing)
    end = swung(note.onset_ticks + note.length_ticks, swing)
    return replace(note, onset_ticks=onset, length_ticks=max(1, end - onset))


def humanised(notes: list[Note], rng: np.random.Generator, *, spread_ticks: float = 4.0) -> tuple[Note, ...]:
    """Notes a few ticks early or late and a little louder or softer, in onset order.

    Drummers keep closer time than others: give them a smaller `spread_ticks` (standard deviation).
    """
    shifts: list[float] = np.clip(rng.normal(0.0, spread_ticks, len(notes)), -12, 12).tolist()
    accents: list[float] = np.clip(rng.normal(0.0, 3.5, len(notes)), -9, 9).tolist()
    played = [
        Note(
            onset_ticks=max(0, note.onset_ticks + round(shift)),
            length_ticks=note.length_ticks,
            pitch=note.pitch,
            velocity=min(127, max(1, note.velocity + round(accent))),
        )
        for note, shift, accent in zip(notes, shifts, accents, strict=True)
    ]
    return tuple(sorted(played, key=lambda note: (note.onset_ticks, note.pitch)))
