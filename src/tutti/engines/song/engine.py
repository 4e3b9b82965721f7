"""The door of the song engine: an intent in, finished clips or files out."""

import os
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import msgspec

from tutti.engines.engine import Job, Reporter
from tutti.engines.song.clip import make_clip
from tutti.engines.song.edits.sound_file import make_file
from tutti.engines.song.edits.stems import take_apart
from tutti.engines.song.edits.work import Work
from tutti.engines.song.fetching import pull_teller
from tutti.engines.song.model import Score
from tutti.engines.song.production import within
from tutti.engines.song.tools import Tools, load_tools
from tutti.errors import EngineError
from tutti.intents import ClipResult, Song, SongResult, SoundFile, Stems
from tutti.models.store import ModelStore


def make_song(job: Job, tools: Tools, report: Reporter) -> SongResult:
    """Every clip of a song, each handed over as it is done."""
    song = job.intent
    assert isinstance(song, Song)
    clips, scores = list[ClipResult](), list[Score]()
    for index in range(len(song.seats)):
        share = within(report.progress, index / len(song.seats), (index + 1) / len(song.seats))
        work = Work(song=song, index=index, tools=tools, inputs=job.inputs, on_progress=share, before=tuple(scores))
        clip, score = make_clip(work, job.scratch / f"clip-{index + 1}", partial(report.part, index))
        report.part(index, clip)
        clips.append(clip)
        scores.append(score)
    return SongResult(clips=tuple(clips))


# What is wanted -> who does it.
SERVED: dict[type, Callable[[Any, Tools, Reporter], msgspec.Struct]] = {
    Song: make_song,
    Stems: take_apart,
    SoundFile: make_file,
}


class SongEngine:
    """Fulfils `Engine` for songs and what is made of them; keeps its tools loaded from one job to the next."""

    def __init__(
        self, *, cache_dir: str, models_dir: str = "", model_hub: str = "", threads: int | None = None
    ) -> None:
        """Take weights from `models_dir` first, else from the cache, which is filled when something is missing."""
        self._cache_dir = Path(cache_dir)
        self._models = ModelStore(self._cache_dir, Path(models_dir) if models_dir else None, model_hub or None)
        self._threads = threads or int(os.environ.get("OMP_NUM_THREADS", "2"))
        self._tools: Tools | None = None

    def run(self, job: Job, report: Reporter) -> msgspec.Struct:
        """What the job's intent asks for."""
        serve = SERVED.get(type(job.intent))
        if serve is None:
            raise EngineError(f"The song engine does not serve {job.intent.kind!r}.")
        return serve(job, self._loaded(report), report)

    def _loaded(self, report: Reporter) -> Tools:
        if self._tools is None:
            self._tools = load_tools(
                self._models, cache_dir=self._cache_dir, threads=self._threads, on_progress=pull_teller(report)
            )
        return self._tools
