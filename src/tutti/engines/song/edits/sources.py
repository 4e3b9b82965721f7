"""The clip that work starts from: one of our own with its record, or brought sound with what is heard in it."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from tutti.engines.song.hearing import Heard, hear, read_heard
from tutti.engines.song.model import SAMPLE_RATE_HZ, Audio
from tutti.engines.song.mp3 import decode_mp3
from tutti.engines.song.record import ClipRecord, read_record
from tutti.intents import SourceClip


@dataclass(frozen=True, kw_only=True)
class Source:
    """A clip opened for work."""

    clip: SourceClip
    audio: Path
    # None where the sound was brought.
    record: ClipRecord | None
    analysis: Path | None

    def sound(self) -> Audio:
        """Its sound: float32, shape (2, samples), at 44,100 Hz; decoded at each call, for it is large."""
        sound = decode_mp3(self.audio.read_bytes())
        # What the encoder added after the end would grow from edit to edit.
        return sound if self.clip.duration_s is None else sound[:, : round(self.clip.duration_s * SAMPLE_RATE_HZ)]

    @cached_property
    def heard(self) -> Heard:
        """Tempo, beats and key: as found when the sound was brought, else listened for now."""
        return hear(self.sound()) if self.analysis is None else read_heard(self.analysis)

    @property
    def bar_s(self) -> float:
        """Seconds of one bar."""
        return self.heard.bar_s if self.record is None else self.record.bar_s

    def joint_s(self, seconds: float) -> float:
        """The bar line nearest to a second where something may go on: a bar after the beginning, before the end."""
        if self.record is not None:
            bars = round((seconds - self.record.offset_s) / self.bar_s)
            return self.record.offset_s + min(max(1, bars), self.record.score.bars) * self.bar_s
        at_s = self.heard.bar_line_near(min(seconds, self.heard.duration_s))
        while at_s > self.heard.duration_s:
            at_s -= self.bar_s
        while at_s < self.bar_s / 2:
            at_s += self.bar_s
        return at_s


def open_source(clip: SourceClip, inputs: Mapping[str, Path]) -> Source:
    """A clip out of a job's local files. Raises `EngineError` for a plan that cannot be read."""
    return Source(
        clip=clip,
        audio=inputs[clip.audio_key],
        record=read_record(inputs[clip.plan_key]) if clip.plan_key else None,
        analysis=inputs[clip.analysis_key] if clip.analysis_key else None,
    )
