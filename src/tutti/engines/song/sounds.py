"""The door of the sounds engine: what is done to whole sounds without a singer or a band.

Bringing a sound and joining clips take seconds and songs take minutes, so they have a light process of their own.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

from tutti.engines.engine import Job, Reporter
from tutti.engines.song.edits.concat import concat
from tutti.engines.song.edits.sound_import import import_sound
from tutti.engines.song.fetching import load_font
from tutti.errors import EngineError
from tutti.intents import Concat, SoundImport
from tutti.models.store import ModelStore

# What is wanted -> who does it with the font of the covers.
SERVED: dict[type, Callable[[Any, Path, Reporter], msgspec.Struct]] = {SoundImport: import_sound, Concat: concat}


class SoundsEngine:
    """Fulfils `Engine` for sounds; needs no weights but the font."""

    def __init__(self, *, cache_dir: str, models_dir: str = "", model_hub: str = "") -> None:
        """Take the font from `models_dir` first, else from the cache, which is filled when it is missing."""
        self._models = ModelStore(Path(cache_dir), Path(models_dir) if models_dir else None, model_hub or None)

    def run(self, job: Job, report: Reporter) -> msgspec.Struct:
        """What the job's intent asks for."""
        serve = SERVED.get(type(job.intent))
        if serve is None:
            raise EngineError(f"The sounds engine does not serve {job.intent.kind!r}.")
        return serve(job, load_font(self._models, report), report)
