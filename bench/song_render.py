"""Renders one fixed song through `SongEngine` in a process of its own, so that its memory is its own.

Started by `song_songs.py`: the song's number in, its folder filled with the clips' files and `rendered.json`.
"""

import argparse
import os
import sys
import time
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from tutti.engines.engine import Job, LoneReporter
from tutti.engines.machine import peak_rss_bytes
from tutti.engines.song import clip as making
from tutti.engines.song import production as pipeline
from tutti.engines.song.chooser import CANDIDATES, choose_clip
from tutti.engines.song.engine import SongEngine
from tutti.engines.song.mix import Mixed
from tutti.engines.song.tools import Tools
from tutti.intents import ClipResult, ClipSeat, Song
from tutti.settings import Settings

_DATA = Path(__file__).parent / "data" / "songs.toml"


class RenderedSong(msgspec.Struct, frozen=True, kw_only=True):
    """What a process tells of its song."""

    name: str
    clips: tuple[ClipResult, ...]
    # Seconds on the clock and of all cores, loading left out; and seconds on the clock by stage.
    wall_s: float
    cpu_s: float
    stages_s: dict[str, float]
    # VmHWM of the whole process, in MB of 10^6 bytes.
    peak_memory_mb: float
    # One figure a clip; none in an instrumental.
    voice_over_backing_db: tuple[float | None, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class FixedSong:
    """A row of `songs.toml`."""

    name: str
    wish: Song


def fixed_songs() -> list[FixedSong]:
    """The rows of `songs.toml` in order."""
    return [_fixed(row) for row in tomllib.loads(_DATA.read_text(encoding="utf-8"))["songs"]]


def _fixed(row: dict[str, Any]) -> FixedSong:
    name, seed, clips = row.pop("name"), row.pop("seed"), row.pop("clips", 2)
    is_instrumental = row.pop("instrumental", False)
    seats = tuple(ClipSeat(clip_id=f"{name}-{n + 1}", seed=seed + n) for n in range(clips))
    return FixedSong(name=name, wish=Song(seats=seats, is_instrumental=is_instrumental, **row))


class StageClock(LoneReporter):
    """A `Reporter` that adds up what each stage took, and says on standard error where the song is."""

    def __init__(self) -> None:
        self.stages_s: dict[str, float] = {}
        self._stage, self._since_s, self._told = "", time.perf_counter(), -1

    def progress(self, fraction: float, note: str = "") -> None:
        """Take note of a stage's beginning; the first word of a note names it ("singing line 3 of 8")."""
        now_s = time.perf_counter()
        self.stages_s[self._stage] = self.stages_s.get(self._stage, 0.0) + now_s - self._since_s
        self._stage, self._since_s = note.partition(" ")[0], now_s
        if (percent := int(fraction * 20) * 5) != self._told:
            self._told = percent
            sys.stderr.write(f"\r{percent:3d} % {note:<40}")

    def finish(self) -> dict[str, float]:
        """The stages' seconds, the last one's too."""
        self.progress(1.0)
        sys.stderr.write("\n")
        return {stage: round(seconds, 2) for stage, seconds in self.stages_s.items() if stage}


def render(song: FixedSong, folder: Path, *, threads: int) -> RenderedSong:
    """Render it into `folder`, each lead line kept as `lead-CLIP.npz` beside the clips."""
    engine, clock, balances = SongEngine(**_options(), threads=threads), StageClock(), list[float | None]()
    tools = engine._loaded(clock)  # noqa: SLF001 - loading is paid once a process and not part of a song's cost
    kept = _keep_leads(tools)
    pipeline.mix = _noting(pipeline.mix, balances, kept, folder)  # type: ignore[assignment]
    clock.stages_s.clear()
    began_s, began_cpu_s = time.perf_counter(), time.process_time()
    result: Any = engine.run(Job(task_id=song.name, attempt=1, intent=song.wish, scratch=folder, inputs={}), clock)
    return RenderedSong(
        name=song.name,
        clips=result.clips,
        wall_s=time.perf_counter() - began_s,
        cpu_s=time.process_time() - began_cpu_s,
        stages_s=clock.finish(),
        peak_memory_mb=(peak_rss_bytes(os.getpid()) or 0) / 1e6,
        voice_over_backing_db=tuple(balances),
    )


def _options() -> Mapping[str, str]:
    settings = Settings()
    return {
        "cache_dir": str(settings.cache_dir),
        "models_dir": str(settings.models_dir or ""),
        "model_hub": settings.model_hub or "",
    }


def _keep_leads(tools: Tools) -> list[tuple[str, Any]]:
    """Have every lead line that is sung put into the returned list, with its line."""
    kept: list[tuple[str, Any]] = []
    sing = tools.singer.sing

    def keeping(line, score, blend, seed, **more):
        sung = sing(line, score, blend, seed, **more)
        kept.append((line, sung))
        return sung

    tools.singer.sing = keeping  # type: ignore[method-assign]
    return kept


def _noting(mix, balances: list[float | None], leads: list[tuple[str, Any]], folder: Path):
    """The mix stage, which also writes the clip's lead lines down and its balance."""

    def noting(voices, backing, score, plan) -> Mixed:
        number = len(balances) + 1
        # Bytes as numbers, so that nothing has to be unpickled.
        lines = {
            f"line{n}": np.frombuffer(msgspec.msgpack.encode((line, score, sung.start_s)), np.uint8)
            for n, (line, sung) in enumerate(leads)
        }
        np.savez(
            folder / f"lead-{number}.npz", **lines, **{f"audio{n}": sung.audio for n, (_, sung) in enumerate(leads)}
        )
        leads.clear()
        mixed = mix(voices, backing, score, plan)
        balances.append(mixed.voice_over_backing_db)
        return mixed

    return noting


def main() -> None:
    """Render the song of a name."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("name")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--clips", type=int, default=4)
    parser.add_argument("--candidates", type=int, default=CANDIDATES, help="scores to choose from; 1 takes the first")
    options = parser.parse_args()
    making.choose_clip = partial(choose_clip, candidates=options.candidates)  # type: ignore[assignment]
    (song,) = (each for each in fixed_songs() if each.name == options.name)
    wish = msgspec.structs.replace(song.wish, seats=song.wish.seats[: options.clips])
    rendered = render(FixedSong(name=song.name, wish=wish), options.folder, threads=options.threads)
    (options.folder / "rendered.json").write_bytes(msgspec.json.encode(rendered))


if __name__ == "__main__":
    main()
