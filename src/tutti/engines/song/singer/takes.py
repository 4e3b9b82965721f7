"""The takes of a song's lines, each sung once: what returns with the same words and notes is laid again.

A chorus comes back two or three times; singing is most of a song's cost. A take is sung as if its line began the song,
so that it fits wherever the line stands; doubles and harmonies are made out of the lead's.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Self

import numpy as np

from tutti.engines.song.model import Score, SungSyllable, TimedSyllable, VocalLine
from tutti.engines.song.singer.duet import Part
from tutti.engines.song.singer.manner import DOUBLES, HARMONIES, LEAD, Manner
from tutti.engines.song.singer.phrases import line_phrases
from tutti.engines.song.singer.shadow import shadow
from tutti.engines.song.singer.voice import Singer, SungLine

# Nobody repeats a line to the millisecond: a take laid again comes early or late by about this, and softer or louder.
_REPEAT_OFF_S = 0.005
_REPEAT_OFF_DB = 0.5
# The seeds of what is drawn for a line: the song's, plus a row for the line and a column for the purpose.
_SEATS_PER_LINE = 8
_SEATS = {"lead": 0, "doubles": 1, "harmony": 2, "breath": 3}


@dataclass(frozen=True, kw_only=True, slots=True)
class Track:
    """What one line gives to one track: takes, each with its gains left and right."""

    # "lead", "doubles" or "harmony".
    name: str
    takes: tuple[tuple[SungLine, tuple[float, float]], ...]


class TakeKeeper:
    """Sings a song's lines ahead, several at once, and keeps those that will be wanted again.

    A context: leaving it gives up what was not asked for. What it gives does not depend on how many are sung at once.
    """

    def __init__(self, singer: Singer, score: Score, parts: Sequence[Part], seed: int) -> None:
        self._score, self._seed, self._parts = score, seed, parts
        # What is sung: each line moved to the song's start, without what is laid around it; equal ones sound alike.
        self._leads = [replace(part, line=_bare(part.line)) for part in parts]
        self._pool = ThreadPoolExecutor(max_workers=singer.lines_at_once, thread_name_prefix="singer")
        self._wanted, self._laid = Counter(self._leads), set[Part]()
        self._sung: dict[Part, Future[SungLine]] = {}
        for number, lead in enumerate(self._leads):
            if lead not in self._sung and lead.line.syllables:
                line_seed = self._seed_of(number, "lead")
                self._sung[lead] = self._pool.submit(
                    singer.sing, lead.line, score, lead.blend, line_seed, colour=lead.colour
                )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.shutdown(cancel_futures=True)

    def tracks(self, number: int) -> Iterator[Track]:
        """What the line of this number gives to the song, the lead first; each line may be asked for once.

        Its harmony is sung, or else its double: two voices around the lead on either side blur it.
        """
        line, lead = self._parts[number].line, self._leads[number]
        if not line.syllables:
            return
        sung, repeated = self._take(lead)
        offset_s = self._score.seconds_at(_onset_ticks(line))
        rng = np.random.default_rng(self._seed_of(number, "lead"))
        placed = _placed(_varied(sung, rng) if repeated else sung, offset_s)
        yield Track(name="lead", takes=((placed, LEAD.sides),))
        if line.doubled:
            name, manners = ("harmony", HARMONIES) if line.harmony_pitches else ("doubles", DOUBLES)
            yield Track(name=name, takes=tuple(self._around(placed, line, name, manners, number)))

    def rng(self, number: int) -> np.random.Generator:
        """What else is drawn for a line."""
        return np.random.default_rng(self._seed_of(number, "breath"))

    def _take(self, lead: Part) -> tuple[SungLine, bool]:
        """A line's take, and whether it was laid before."""
        repeated = lead in self._laid
        self._laid.add(lead)
        self._wanted[lead] -= 1
        future = self._sung[lead] if self._wanted[lead] else self._sung.pop(lead)
        return future.result(), repeated

    def _around(
        self, lead: SungLine, line: VocalLine, name: str, manners: Iterable[Manner], number: int
    ) -> Iterator[tuple[SungLine, tuple[float, float]]]:
        phrases = line_phrases(line, self._score, harmony=name == "harmony")
        notes = [note for phrase in phrases for sung in phrase for note in sung.notes]
        rng = np.random.default_rng(self._seed_of(number, name))
        for manner in manners:
            yield shadow(lead, notes, manner, rng), manner.sides

    def _seed_of(self, number: int, seat: str) -> int:
        return (self._seed * 1009 + number) * _SEATS_PER_LINE + _SEATS[seat]


def _bare(line: VocalLine) -> VocalLine:
    """The line at the song's start, without its harmony, which may change where the tune does not."""
    offset = _onset_ticks(line)
    syllables = tuple(_moved(sung, -offset) for sung in line.syllables)
    return replace(line, section=0, syllables=syllables, doubled=False, harmony_pitches=())


def _onset_ticks(line: VocalLine) -> int:
    return line.syllables[0].notes[0].onset_ticks if line.syllables else 0


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
