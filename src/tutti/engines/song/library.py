r"""The song engine as a library: songs without a server, a task or a price.

    from tutti.engines.song import Songs, wish_for

    songs = Songs()
    clips = songs.make(wish_for(lyrics="[Verse]\nHold the light", tags="folk, female voice", seed=7), Path("out"))
    print(clips[0].files["audio"], clips[0].bpm, clips[0].key)

`read_record` opens a clip's plan file again: the `Plan` and the `Score` that were sung and played.
"""

import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tutti.engines.engine import Job, LoneReporter, Reporter
from tutti.engines.machine import core_count
from tutti.engines.song.engine import SongEngine
from tutti.intents import ClipResult, ClipSeat, Song, SongWishes
from tutti.kit.ids import new_public_uuid
from tutti.settings import user_cache_dir

# Seeds that a person can read and type; the engine takes any of 63 bits.
_SEEDS = 2**31


class Songs:
    """Makes songs in this process; its voice and instruments stay loaded between them (about 0.5 GB)."""

    def __init__(self, *, threads: int | None = None, options: Mapping[str, str] | None = None) -> None:
        """Use `threads` threads (all cores when None); `options` are those of `SongEngine`, such as `models_dir`."""
        self._engine = SongEngine(
            **({"cache_dir": str(user_cache_dir())} | dict(options or {})), threads=threads or core_count()
        )

    def make(self, wish: Song, folder: Path, report: Reporter | None = None) -> tuple[ClipResult, ...]:
        """Every clip of the song, its files under `folder`, one subfolder a clip.

        `report` is told how far it is and may raise to stop. Raises `InvalidRequestError` for a wish that cannot be
        fulfilled, `EngineError` when the work failed, `ModelFileError` when weights are missing and cannot be fetched.
        """
        folder.mkdir(parents=True, exist_ok=True)
        job = Job(task_id="song", attempt=1, intent=wish, scratch=folder, inputs={})
        result: Any = self._engine.run(job, report or LoneReporter())
        return tuple(result.clips)


def wish_for(
    description: str = "",
    *,
    lyrics: str | None = None,
    tags: str = "",
    title: str = "",
    is_instrumental: bool = False,
    seed: int | None = None,
    clips: int = 2,
    longest_s: float = 480.0,
    wishes: SongWishes | None = None,
) -> Song:
    """A song wanted in so many versions: words of one's own, or a description for which words are written.

    `seed` (0..2**63 - 1) makes it repeatable: version n has the seed `seed + n`; a random one when None. `longest_s` is
    the longest song wanted, in seconds.
    """
    first = secrets.randbelow(_SEEDS) if seed is None else seed
    return Song(
        seats=tuple(ClipSeat(clip_id=new_public_uuid(), seed=first + index) for index in range(clips)),
        lyrics="" if is_instrumental else lyrics,
        description=description,
        title=title,
        tags=tags,
        is_instrumental=is_instrumental,
        longest_s=longest_s,
        wishes=wishes or SongWishes(),
    )
