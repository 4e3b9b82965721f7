"""What was heard in a sound, as one value and as the file kept beside it."""

from pathlib import Path

import msgspec

from tutti.engines.song.dsp.levels import loudness_lufs
from tutti.engines.song.hearing.beats import find_pulse
from tutti.engines.song.hearing.chroma import find_chroma, harmony_changes
from tutti.engines.song.hearing.key import find_key
from tutti.engines.song.hearing.onsets import find_onsets
from tutti.engines.song.model import SAMPLE_RATE_HZ, Audio
from tutti.errors import EngineError


class Heard(msgspec.Struct, frozen=True, kw_only=True):
    """The analysis of a sound; its JSON is the "analysis" file of a clip."""

    duration_s: float
    # Of the sound as it was brought.
    loudness_lufs: float
    # Quarter notes a minute; confidences are 0..1.
    bpm: float
    bpm_confidence: float
    # Whether one tempo holds throughout.
    is_steady: bool
    beats_s: tuple[float, ...]
    beats_per_bar: int
    # Which of the beats is the first that begins a bar.
    first_downbeat: int
    # Pitch class of the tonic, C = 0, and "major" or "minor".
    tonic: int
    mode: str
    key_confidence: float
    # Semitones above 440 Hz tuning, -0.5..0.5.
    tuning: float

    @property
    def bar_s(self) -> float:
        """Seconds of one bar."""
        return self.beats_per_bar * 60.0 / self.bpm

    def bar_line_near(self, seconds: float) -> float:
        """The time of the bar line nearest to a second, the grid going on where no beat was heard."""
        downbeats = self.beats_s[self.first_downbeat :: self.beats_per_bar]
        if not downbeats:
            return seconds
        anchor = min(downbeats, key=lambda at: abs(at - seconds))
        return anchor + round((seconds - anchor) / self.bar_s) * self.bar_s


def hear(audio: Audio) -> Heard:
    """The analysis of a sound of shape (2, samples) at 44,100 Hz."""
    onsets, chroma = find_onsets(audio), find_chroma(audio)
    pulse = find_pulse(onsets, harmony_changes(chroma, onsets.all.size))
    key = find_key(chroma.frames)
    return Heard(
        duration_s=round(audio.shape[1] / SAMPLE_RATE_HZ, 3),
        loudness_lufs=round(max(loudness_lufs(audio), -120.0), 2),
        bpm=round(pulse.bpm, 3),
        bpm_confidence=pulse.confidence,
        is_steady=pulse.is_constant,
        beats_s=pulse.beats_s,
        beats_per_bar=pulse.beats_per_bar,
        first_downbeat=pulse.first_downbeat,
        tonic=key.tonic,
        mode=key.mode,
        key_confidence=key.confidence,
        tuning=round(chroma.tuning, 3),
    )


def write_heard(path: Path, heard: Heard) -> None:
    """Store an analysis as JSON."""
    path.write_bytes(msgspec.json.format(msgspec.json.encode(heard), indent=1))


def read_heard(path: Path) -> Heard:
    """The analysis in a file; raises `EngineError` for a file that is none."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=Heard)
    except (msgspec.DecodeError, OSError) as error:
        raise EngineError(f"The analysis file {path.name} of the brought sound cannot be read.") from error
