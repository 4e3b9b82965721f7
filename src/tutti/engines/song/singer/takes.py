"""The takes of a song's lines, each sung once: what returns with the same words and notes is laid again.

A chorus comes back two or three times, with its doubles and its harmony; singing is most of a song's cost. A take is
sung as if its line began the song, so that it fits wherever the line stands.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np

from tutti.engines.song.model import Score, SungSyllable, TimedSyllable, VocalLine
from tutti.engines.song.singer.manner import DOUBLE, HARMONY, LEAD, Manner
from tutti.engines.song.singer.voice import Singer, SungLine
from tutti.models.runtime.kokoro.voices import Blend

# Nobody repeats a line to the millisecond: a take laid again comes early or late by about this, and softer or louder.
_REPEAT_OFF_S = 0.005
_REPEAT_OFF_DB = 0.5
# The seeds of a line's takes: the song's, plus a row for the line and a column for the take.
_TAKES_PER_LINE = 8
_SEAT = {"lead": 0, "doubles": 1, "harmony": 2}


@dataclass(frozen=True, kw_only=True, slots=True)
class Take:
    """One voice singing one line; equal takes sound alike."""

    # The track it belongs to: "lead", "doubles" or "harmony".
    track: str
    # The line moved to the song's start and to section 0.
    line: VocalLine
    blend: Blend
    manner: Manner


@dataclass(frozen=True, kw_only=True, slots=True)
class PlacedTake:
    """A take and where it goes: the number of its line, and the ticks by which it was moved."""

    number: int
    offset_ticks: int
    take: Take


def takes_of(number: int, line: VocalLine, blend: Blend, backing: Blend) -> list[PlacedTake]:
    """What is sung for a line: the lead, and its harmony, or else its double, where it has them.

    Both at once cost half as much singing again and the words suffer: two voices around the lead blur it.
    """
    if not line.syllables:
        return []
    offset = line.syllables[0].notes[0].onset_ticks
    moved = replace(line, section=0, syllables=tuple(_moved(sung, -offset) for sung in line.syllables))
    # Its harmony may differ from chorus to chorus where the tune does not.
    tune = replace(moved, doubled=False, harmony_pitches=())
    takes = [Take(track="lead", line=tune, blend=blend, manner=LEAD)]
    if line.doubled and line.harmony_pitches:
        takes.append(Take(track="harmony", line=moved, blend=backing, manner=HARMONY))
    elif line.doubled:
        takes.append(Take(track="doubles", line=tune, blend=backing, manner=DOUBLE))
    return [PlacedTake(number=number, offset_ticks=offset, take=take) for take in takes]


class TakeKeeper:
    """Sings takes and keeps those that will be wanted again."""

    def __init__(self, singer: Singer, score: Score, seed: int, takes: Iterable[PlacedTake]) -> None:
        self._singer, self._score, self._seed = singer, score, seed
        self._wanted = Counter(placed.take for placed in takes)
        self._kept: dict[Take, SungLine] = {}

    def sing(self, placed: PlacedTake) -> SungLine:
        """The take at its place in the song; each of the announced takes may be asked for once."""
        take, seed = placed.take, self.seed(placed)
        self._wanted[take] -= 1
        repeated = take in self._kept
        sung = self._kept[take] if repeated else self._sung(take, seed)
        if self._wanted[take]:
            self._kept[take] = sung
        else:
            self._kept.pop(take, None)
        at_s = self._score.seconds_at(placed.offset_ticks)
        return _placed(_varied(sung, np.random.default_rng(seed)) if repeated else sung, at_s)

    def seed(self, placed: PlacedTake) -> int:
        """The seed of whatever is drawn for this take."""
        return (self._seed * 1009 + placed.number) * _TAKES_PER_LINE + _SEAT[placed.take.track]

    def _sung(self, take: Take, seed: int) -> SungLine:
        is_harmony = take.track == "harmony"
        return self._singer.sing(take.line, self._score, take.blend, seed, harmony=is_harmony, manner=take.manner)


def _moved(sung: SungSyllable, ticks: int) -> SungSyllable:
    return replace(sung, notes=tuple(replace(note, onset_ticks=note.onset_ticks + ticks) for note in sung.notes))


def _varied(sung: SungLine, rng: np.random.Generator) -> SungLine:
    late_s = float(np.clip(rng.normal(0.0, _REPEAT_OFF_S), -2 * _REPEAT_OFF_S, 2 * _REPEAT_OFF_S))
    gain = 10.0 ** (rng.uniform(-_REPEAT_OFF_DB, _REPEAT_OFF_DB) / 20.0)
    return replace(sung, audio=sung.audio * np.float32(gain), start_s=sung.start_s + late_s)


def _placed(sung: SungLine, at_s: float) -> SungLine:
    syllables = tuple(_later(syllable, at_s) for syllable in sung.syllables)
    return replace(sung, start_s=sung.start_s + at_s, syllables=syllables)


def _later(syllable: TimedSyllable, seconds: float) -> TimedSyllable:
    return replace(syllable, start_s=syllable.start_s + seconds, end_s=syllable.end_s + seconds)
