"""A whole song's voices: each line sung as often as it is heard, resampled and laid at its time on its track."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import soxr

from tutti.engines.song.model import SAMPLE_RATE_HZ, Audio, Plan, Score, TimedLine, VocalLine
from tutti.engines.song.singer.breath import breath_before, quiet_before
from tutti.engines.song.singer.manner import DOUBLE, HARMONY, LEAD, Manner
from tutti.engines.song.singer.voice import Singer, SungLine
from tutti.models.runtime.kokoro import SAMPLE_RATE_HZ as VOICE_RATE_HZ
from tutti.models.runtime.kokoro.voices import Blend

OnProgress = Callable[[float, str], None]

# Left and right gains of a take's two copies, and how late the second one comes: one rendering spread over both sides.
# Two takes would cost a decoding each and sound no wider.
_DOUBLE_SPREAD = ((0.9, 0.25), (0.25, 0.9))
_HARMONY_SPREAD = ((0.8, 0.45), (0.45, 0.8))
_SPREAD_S = 0.017
# The seeds of a line's takes: the song's, plus a row for the line and a column for the take.
_TAKES = 8


@dataclass(frozen=True, kw_only=True, slots=True)
class SungSong:
    """The voices of a song."""

    # "lead", "doubles", "harmony", "breaths", those that are sung: float32, shape (2, samples), at 44,100 Hz.
    tracks: dict[str, Audio]
    lines: tuple[TimedLine, ...]


def sing_score(
    singer: Singer, score: Score, plan: Plan, on_progress: OnProgress, *, samples: int | None = None
) -> SungSong:
    """Every vocal line of a score in the plan's voices; without a voice or lines, no tracks.

    `samples` is the tracks' length, by default that of the score's bars; what sounds outside is cut off.
    `on_progress` is told 0..1 and what is being sung before each take and may raise to stop.
    """
    if plan.voice is None or not score.vocals:
        return SungSong(tracks={}, lines=())
    length = round(score.duration_s * SAMPLE_RATE_HZ) if samples is None else samples
    desk = _Desk(length)
    takes = [
        (n, take)
        for n, line in enumerate(score.vocals)
        for take in _takes(line, plan.voice.blend, plan.voice.backing_blend)
    ]
    lines: list[TimedLine] = []
    free_from_s = 0.0
    for done, (n, take) in enumerate(takes):
        on_progress(done / len(takes), f"singing line {n + 1} of {len(score.vocals)}")
        seed = (plan.seed * 1009 + n) * _TAKES + take.seat
        sung = singer.sing(
            score.vocals[n], score, take.blend, seed, harmony=take.track == "harmony", manner=take.manner
        )
        if take.track == "lead" and sung.syllables:
            lines.append(_timed(score.vocals[n], sung))
            desk.add_breath(sung, free_from_s, np.random.default_rng(seed))
            free_from_s = sung.syllables[-1].end_s
        desk.add(take.track, sung)
    on_progress(1.0, "sung")
    return SungSong(tracks=desk.tracks, lines=tuple(lines))


@dataclass(frozen=True, kw_only=True, slots=True)
class _Take:
    track: str
    seat: int
    blend: Blend
    manner: Manner


def _takes(line: VocalLine, blend: Blend, backing: Blend) -> list[_Take]:
    takes = [_Take(track="lead", seat=0, blend=blend, manner=LEAD)]
    if line.doubled:
        takes.append(_Take(track="doubles", seat=1, blend=backing, manner=DOUBLE))
    if line.doubled and line.harmony_pitches:
        takes.append(_Take(track="harmony", seat=2, blend=backing, manner=HARMONY))
    return takes


def _timed(line: VocalLine, sung: SungLine) -> TimedLine:
    return TimedLine(
        text=line.text,
        start_s=sung.syllables[0].start_s,
        end_s=sung.syllables[-1].end_s,
        syllables=sung.syllables,
    )


class _Desk:
    """The tracks as they fill."""

    def __init__(self, samples: int) -> None:
        self._samples = samples
        self.tracks: dict[str, Audio] = {}

    def add(self, track: str, sung: SungLine) -> None:
        """Lay a take on a track: the lead in the middle, the voices around it to both sides."""
        audio = np.asarray(soxr.resample(sung.audio, VOICE_RATE_HZ, SAMPLE_RATE_HZ, quality="HQ"), np.float32)
        match track:
            case "doubles":
                self._spread(track, audio, sung.start_s, _DOUBLE_SPREAD)
            case "harmony":
                self._spread(track, audio, sung.start_s, _HARMONY_SPREAD)
            case _:
                self._lay(track, audio, sung.start_s, (1.0, 1.0))

    def add_breath(self, sung: SungLine, free_from_s: float, rng: np.random.Generator) -> None:
        """Let the singer breathe before a line where there is time."""
        onset_s = sung.start_s + quiet_before(sung.audio, VOICE_RATE_HZ)
        if (breath := breath_before(onset_s, free_from_s, rng)) is not None:
            self._lay("breaths", breath[0], breath[1], (1.0, 1.0))

    def _spread(self, track: str, audio: Audio, start_s: float, gains: tuple[tuple[float, float], ...]) -> None:
        for n, sides in enumerate(gains):
            self._lay(track, audio, start_s + n * _SPREAD_S, sides)

    def _lay(self, track: str, audio: Audio, start_s: float, sides: tuple[float, float]) -> None:
        if track not in self.tracks:
            self.tracks[track] = np.zeros((2, self._samples), np.float32)
        start = round(start_s * SAMPLE_RATE_HZ)
        first, last = max(0, -start), min(len(audio), self._samples - start)
        if last > first:
            room = self.tracks[track][:, start + first : start + last]
            room += np.asarray(sides, np.float32)[:, None] * audio[first:last]
