"""A whole song's voices: each line resampled and laid at its times on its tracks."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import soxr

from tutti.engines.song.model import SAMPLE_RATE_HZ, Audio, Plan, Score, TimedLine, VocalLine
from tutti.engines.song.singer.breath import breath_before, quiet_before
from tutti.engines.song.singer.duet import cast_lines
from tutti.engines.song.singer.takes import TakeKeeper
from tutti.engines.song.singer.voice import Singer, SungLine
from tutti.models.runtime.kokoro import SAMPLE_RATE_HZ as VOICE_RATE_HZ

OnProgress = Callable[[float, str], None]

# The gain of a sound in the middle, which needs one row only: four minutes of a row take 42 MB.
_ALONE = (1.0,)


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
    desk = _Desk(round(score.duration_s * SAMPLE_RATE_HZ) if samples is None else samples)
    lines: list[TimedLine] = []
    free_from_s = 0.0
    parts = cast_lines(score, plan, plan.voice)
    with TakeKeeper(singer, score, parts, plan.seed) as keeper:
        for number, line in enumerate(score.vocals):
            on_progress(number / len(score.vocals), f"singing line {number + 1} of {len(score.vocals)}")
            for track in keeper.tracks(number):
                for sung, sides in track.takes:
                    desk.add(track.name, sung, sides)
                if track.name == "lead":
                    lead = track.takes[0][0]
                    lines.append(_timed(line, lead))
                    desk.add_breath(lead, free_from_s, keeper.rng(number))
                    free_from_s = lead.syllables[-1].end_s
    on_progress(1.0, "sung")
    return SungSong(tracks=desk.tracks, lines=tuple(lines))


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
        self._tracks: dict[str, Audio] = {}

    @property
    def tracks(self) -> dict[str, Audio]:
        """All tracks in stereo; those in the middle are one row seen twice, and not to be written to."""
        shape = (2, self._samples)
        return {
            name: track if track.shape == shape else np.broadcast_to(track, shape)
            for name, track in self._tracks.items()
        }

    def add(self, track: str, sung: SungLine, sides: tuple[float, float]) -> None:
        """Lay a take on a track with its gains left and right; what is as loud on both sides takes one row."""
        audio = np.asarray(soxr.resample(sung.audio, VOICE_RATE_HZ, SAMPLE_RATE_HZ, quality="HQ"), np.float32)
        self._lay(track, audio, sung.start_s, _ALONE if sides[0] == sides[1] else sides)

    def add_breath(self, sung: SungLine, free_from_s: float, rng: np.random.Generator) -> None:
        """Let the singer breathe before a line where there is time."""
        onset_s = sung.start_s + quiet_before(sung.audio, VOICE_RATE_HZ)
        if (breath := breath_before(onset_s, free_from_s, rng)) is not None:
            self._lay("breaths", breath[0], breath[1], _ALONE)

    def _lay(self, track: str, audio: Audio, start_s: float, gains: tuple[float, ...]) -> None:
        """Add a sound to a track of as many rows as there are gains."""
        if track not in self._tracks:
            self._tracks[track] = np.zeros((len(gains), self._samples), np.float32)
        start = round(start_s * SAMPLE_RATE_HZ)
        first, last = max(0, -start), min(len(audio), self._samples - start)
        if last > first:
            room = self._tracks[track][:, start + first : start + last]
            room += np.asarray(gains, np.float32)[:, None] * audio[first:last]
