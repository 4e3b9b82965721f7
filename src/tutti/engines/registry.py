"""Which engines there are: one row each, plain data, so that the gateway knows them without importing their code.

To add an engine: its folder, and a row in `embedded_engines`.
"""

import importlib.util
from dataclasses import dataclass, field

from tutti.engines.machine import core_count
from tutti.errors import UnavailableError
from tutti.settings import Settings


@dataclass(frozen=True, kw_only=True, slots=True)
class EngineRow:
    """One engine: what it serves and what its process needs."""

    name: str
    # "module:callable" giving an `Engine`; imported in the child only and called with `options` as keyword arguments.
    factory: str
    # The tags of the intents it serves.
    kinds: frozenset[str]
    # Most resident memory of one process over a whole job, in MB of 10^6 bytes; measured, not guessed.
    peak_memory_mb: int
    # Processes kept at most, thus jobs at once.
    count: int = 1
    # Cores that one job keeps busy; its process gets so many threads (OMP_NUM_THREADS). 0: so short that it waits for
    # no core, whatever else is being computed.
    cores: int = 1
    # Longest time between two reports of a healthy job; a child silent for longer is killed.
    silence_s: float = 120.0
    # Top-level modules that must be installed.
    needs: tuple[str, ...] = ()
    # Plain words that the engine is made with, such as where its weights lie.
    options: dict[str, str] = field(default_factory=dict)

    @property
    def lane(self) -> str:
        """The queue that its tasks wait in."""
        return f"engine:{self.name}"


def embedded_engines(settings: Settings) -> tuple[EngineRow, ...]:
    """The engines that come with Tutti, sized by the settings."""
    weights = {
        "cache_dir": str(settings.cache_dir),
        "models_dir": str(settings.models_dir or ""),
        "model_hub": settings.model_hub or "",
    }
    return (
        EngineRow(
            name="song",
            factory="tutti.engines.song.engine:SongEngine",
            kinds=frozenset({"song", "stems", "sound-file"}),
            # VmHWM was 1,087 MB on a sung song of 230 s (`script/bench song`); songs may be twice as long.
            peak_memory_mb=1500,
            # The longest stage that says nothing, writing a clip's files, took 15 s for 230 s of song; songs may be
            # twice as long, and engines are niced on machines that may be many times as busy.
            silence_s=300.0,
            count=settings.song_workers,
            cores=_song_cores(settings),
            needs=(
                "av",
                "janome",
                "jieba",
                "lameenc",
                "mido",
                "misaki",
                "numpy",
                "onnxruntime",
                "PIL",
                "scipy",
                "tinysoundfont",
            ),
            options=weights,
        ),
        EngineRow(
            name="sounds",
            factory="tutti.engines.song.sounds:SoundsEngine",
            kinds=frozenset({"sound-import", "concat"}),
            # VmHWM was 660 MB on a brought sound of ten minutes, which took 80 s on a busy machine.
            peak_memory_mb=1000,
            # So that it does not wait for a song; niced like one.
            cores=0,
            silence_s=300.0,
            needs=("av", "lameenc", "mido", "numpy", "PIL", "scipy"),
            options=weights,
        ),
        EngineRow(
            name="lyrics",
            factory="tutti.engines.song.lyricist:LyricsEngine",
            kinds=frozenset({"lyrics"}),
            peak_memory_mb=300,
            cores=0,
            needs=("jieba", "misaki", "pypinyin"),
        ),
    )


def _song_cores(settings: Settings) -> int:
    """What each song gets when all workers are busy; the voice gains little from more than four cores."""
    cores = settings.engine_cores or core_count()
    return min(max(cores // max(settings.song_workers, 1), 1), 4)


def missing_packages(row: EngineRow) -> UnavailableError | None:
    """Why the engine cannot run for want of packages, None when all are there; nothing is imported to find out."""
    missing = [name for name in row.needs if importlib.util.find_spec(name) is None]
    if not missing:
        return None
    return UnavailableError(
        f"The {row.name} engine needs packages that are not installed ({', '.join(missing)}):"
        " run `tutti engines install` (in a clone: script/setup)."
    )
