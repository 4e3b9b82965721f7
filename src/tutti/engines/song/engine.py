"""The door of the song engine: a song intent in, finished clips out."""

import os
from pathlib import Path

import msgspec

from tutti.engines.engine import Job, Reporter
from tutti.engines.song.clip import earlier_of, make_clip
from tutti.engines.song.tools import Tools, load_tools
from tutti.errors import EngineError
from tutti.intents import GoOn, Song, SongResult
from tutti.models.store import ModelStore
from tutti.models.store import Progress as PullProgress


class SongEngine:
    """Fulfils `Engine` for songs; keeps its tools loaded from one job to the next."""

    def __init__(
        self, *, cache_dir: str, models_dir: str = "", model_hub: str = "", threads: int | None = None
    ) -> None:
        """Take weights from `models_dir` first, else from the cache, which is filled when something is missing."""
        self._cache_dir = Path(cache_dir)
        self._models = ModelStore(self._cache_dir, Path(models_dir) if models_dir else None, model_hub or None)
        self._threads = threads or int(os.environ.get("OMP_NUM_THREADS", "2"))
        self._tools: Tools | None = None

    def run(self, job: Job, report: Reporter) -> msgspec.Struct:
        """Every clip of the song, each handed over as it is done."""
        song = job.intent
        if not isinstance(song, Song):
            raise EngineError(f"The song engine does not serve {song.kind!r}.")
        tools = self._loaded(report)
        earlier = earlier_of(song.source, job.inputs) if isinstance(song.source, GoOn) else None
        clips = []
        for index in range(len(song.seats)):

            def on_progress(share: float, note: str, done: int = index) -> None:
                report.progress((done + share) / len(song.seats), note)

            clip = make_clip(song, index, tools, job.scratch / f"clip-{index + 1}", on_progress, earlier=earlier)
            report.part(index, clip)
            clips.append(clip)
        return SongResult(clips=tuple(clips))

    def _loaded(self, report: Reporter) -> Tools:
        if self._tools is None:

            def on_pull(progress: PullProgress) -> None:
                report.progress(0.0, f"fetching {progress.model}: {progress.note}")

            self._tools = load_tools(
                self._models, cache_dir=self._cache_dir, threads=self._threads, on_progress=on_pull
            )
        return self._tools
