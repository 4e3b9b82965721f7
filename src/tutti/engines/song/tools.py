"""What a song is made with: the singer, the band's SoundFont and the font, loaded once and kept for the next song."""

from dataclasses import dataclass, replace
from pathlib import Path

from tutti.engines.song.backing import SoundFontPlayer
from tutti.engines.song.fetching import FONT
from tutti.engines.song.singer import Singer
from tutti.models.runtime.kokoro import Kokoro, KokoroFiles
from tutti.models.store import ModelStore, OnProgress


@dataclass(frozen=True, kw_only=True, slots=True)
class Tools:
    """Everything loaded."""

    singer: Singer
    player: SoundFontPlayer
    # A TrueType file with Latin and Chinese letters.
    font: Path


def load_tools(models: ModelStore, *, cache_dir: Path, threads: int, on_progress: OnProgress) -> Tools:
    """Fetch what is missing, telling how far that is, and load all of it. Raises `ModelFileError`, `DiskFullError`."""
    models.ensure(models.catalogue.needed_by("song"), on_progress)
    files = KokoroFiles.at(models.path("kokoro"), models.path("kokoro-voices"))
    # The weights may lie in an operator's folder, which is not ours to write in.
    files = replace(files, cuts=cache_dir / "models" / "cuts")
    return Tools(
        singer=Singer(Kokoro(files), lines_at_once=threads),
        player=SoundFontPlayer(models.path("fluid-r3-mono")),
        font=models.path(FONT),
    )
