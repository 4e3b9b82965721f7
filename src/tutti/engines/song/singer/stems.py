"""A whole song's voices: each line resampled and laid at its times on its tracks."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import soxr

from tutti.engines.song.model import SAMPLE_RATE_HZ, Audio, Plan, Score, TimedLine, VocalLine
from tutti.engines.song.singer.breath import breath_before, quiet_before
from tutti.engines.song.singer.takes import TakeKeeper, takes_of
from tutti.engines.song.singer.voice import Singer, SungLine
from tutti.models.runtime.kokoro import SAMPLE_RATE_HZ as VOICE_RATE_HZ

OnProgress = Callable[[float, str], None]

# Left and right gains of a take's two copies, and how late the second one comes: one rendering spread over both sides.
# Two takes would cost a decoding each and sound no wider.
_DOUBLE_SPREAD = ((0.9, 0.25), (0.25, 0.9))
_HARMONY_SPREAD = ((0.8, 0.45), (0.45, 0.8))
_SPREAD_S = 0.017
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
    length = round(score.duration_s * SAMPLE_RATE_HZ) if samples is None else samples
    desk = _Desk(length)
    placed = [
        take
        for number, line in enumerate(score.vocals)
        for take in takes_of(number, line, plan.voice.blend, plan.voice.backing_blend)
    ]
    keeper = TakeKeeper(singer, score, plan.seed, placed)
    lines: list[TimedLine] = []
    free_from_s = 0.0
    for done, each in enumerate(placed):
        on_progress(done / len(placed), f"singing line {each.number + 1} of {len(score.vocals)}")
        sung = keeper.sing(each)
        if each.take.track == "lead":
            lines.append(_timed(score.vocals[each.number], sung))
            desk.add_breath(sung, free_from_s, np.random.default_rng(keeper.seed(each)))
            free_from_s = sung.syllables[-1].end_s
        desk.add(each.take.track, sung)
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
        return {name: np.broadcast_to(track, (2, self._samples)) for name, track in self._tracks.items()}

    def add(self, track: str, sung: SungLine) -> None:
        """Lay a take on a track: the lead in the middle, the voices around it to both sides."""
        audio = np.asarray(soxr.resample(sung.audio, VOICE_RATE_HZ, SAMPLE_RATE_HZ, quality="HQ"), np.float32)
        match track:
            case "doubles":
                self._spread(track, audio, sung.start_s, _DOUBLE_SPREAD)
            case "harmony":
                self._spread(track, audio, sung.start_s, _HARMONY_SPREAD)
            case _:
                self._lay(track, audio, sung.start_s, _ALONE)

    def add_breath(self, sung: SungLine, free_from_s: float, rng: np.random.Generator) -> None:
        """Let the singer breathe before a line where there is time."""
        onset_s = sung.start_s + quiet_before(sung.audio, VOICE_RATE_HZ)
        if (breath := breath_before(onset_s, free_from_s, rng)) is not None:
            self._lay("breaths", breath[0], breath[1], _ALONE)

    def _spread(self, track: str, audio: Audio, start_s: float, gains: tuple[tuple[float, float], ...]) -> None:
        for n, sides in enumerate(gains):
            self._lay(track, audio, start_s + n * _SPREAD_S, sides)

    def _lay(self, track: str, audio: Audio, start_s: float, gains: tuple[float, ...]) -> None:
        """Add a sound to a track of as many rows as there are gains."""
        if track not in self._tracks:
            self._tracks[track] = np.zeros((len(gains), self._samples), np.float32)
        start = round(start_s * SAMPLE_RATE_HZ)
        first, last = max(0, -start), min(len(audio), self._samples - start)
        if last > first:
            room = self._tracks[track][:, start + first : start + last]
            room += np.asarray(gains, np.float32)[:, None] * audio[first:last]
