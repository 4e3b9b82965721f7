"""One small song of ours and one brought sound, on which every operation is tried."""

from pathlib import Path

import msgspec
import pytest

from tests.engines.song.told import Told as LooselyTold
from tutti.engines.engine import Job
from tutti.engines.song.engine import SongEngine
from tutti.engines.song.sounds import SoundsEngine
from tutti.intents import AnyIntent, ClipResult, ClipSeat, Concat, Song, SoundImport, SourceClip

PLAYED = Song(
    seats=(ClipSeat(clip_id="b", seed=4),), lyrics="", is_instrumental=True, tags="folk", title="Hills", longest_s=17.0
)
SUNG = Song(
    seats=(ClipSeat(clip_id="a", seed=3),),
    lyrics="[Verse]\nHold the light",
    tags="pop, female voice, 120 bpm",
    title="Light",
    longest_s=12.0,
)


class Told(LooselyTold):
    """A reporter that hears of finished parts only, each once and in order."""

    def part(self, index, result):
        if not getattr(result, "is_growing", False):
            assert index == len(self.parts)
            super().part(index, result)


class Studio:
    """Engines and a folder; runs intents on clips they have made."""

    def __init__(self, engine: SongEngine, sounds: SoundsEngine, folder: Path) -> None:
        self.engine, self.sounds = engine, sounds
        self._folder = folder
        self._inputs: dict[str, Path] = {}

    def keep(self, key: str, path: Path) -> str:
        """Make a file known under a blob key."""
        self._inputs[key] = path
        return key

    def run(self, intent: AnyIntent, reporter: Told | None = None) -> msgspec.Struct:
        scratch = self._folder / f"job-{len(list(self._folder.iterdir()))}"
        scratch.mkdir()
        told = reporter or Told()
        engine = self.sounds if isinstance(intent, SoundImport | Concat) else self.engine
        job = Job(task_id="x", attempt=1, intent=intent, scratch=scratch, inputs=dict(self._inputs))
        # Films have tests of their own, and take as long as all the rest of a short clip. Only while we run: tests of
        # other modules share our process.
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("tutti.engines.song.files.write_video", lambda path, *_, **__: path.write_bytes(b"film"))
            result = engine.run(job, told)
        assert len(set(told.notes)) > 1
        return result

    def clip(self, intent: AnyIntent) -> ClipResult:
        """The one clip that an intent asks for."""
        return self.run(intent).clips[0]

    def source(self, clip: ClipResult) -> SourceClip:
        """A clip as something to work from."""
        keys = {name: self.keep(f"{clip.clip_id}.{name}", Path(path)) for name, path in clip.files.items()}
        return SourceClip(
            clip_id=clip.clip_id,
            audio_key=keys["audio"],
            plan_key=keys.get("plan"),
            analysis_key=keys.get("analysis"),
            duration_s=clip.duration_s,
            title=clip.title,
            tags=clip.tags,
            lyrics=clip.lyrics,
        )


def seat(name: str, seed: int = 7) -> tuple[ClipSeat, ...]:
    """One seat."""
    return (ClipSeat(clip_id=name, seed=seed),)
