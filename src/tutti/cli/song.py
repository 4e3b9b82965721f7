"""`tutti song`: the same songs without a server."""

import secrets
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer

from tutti.cli.configuration import read_settings
from tutti.cli.output import show_json, show_table
from tutti.errors import InvalidRequestError
from tutti.intents import ClipResult, SongWishes


def song(
    description: Annotated[
        str | None, typer.Argument(help="What the song is about; words are written for it.", show_default=False)
    ] = None,
    lyrics: Annotated[
        str | None, typer.Option(help="A file of lyrics with [Verse] and [Chorus] marks, or - for standard input.")
    ] = None,
    tags: Annotated[str, typer.Option(help='Style words, such as "emotional punk, male voice".')] = "",
    title: Annotated[str, typer.Option(help="The title; taken from the words when left out.")] = "",
    instrumental: Annotated[bool, typer.Option("--instrumental", help="Without a voice.")] = False,
    seed: Annotated[
        int | None, typer.Option(help="The same seed gives the same song; a random one when left out.", min=0)
    ] = None,
    clips: Annotated[int, typer.Option(help="How many versions.", min=1, max=4)] = 2,
    duration: Annotated[float | None, typer.Option(help="Length wanted, in seconds.", min=10, max=480)] = None,
    bpm: Annotated[float | None, typer.Option(help="Quarter notes a minute.", min=40, max=240)] = None,
    key: Annotated[str | None, typer.Option(help='The key, such as "C", "F# minor" or "Bb major".')] = None,
    gender: Annotated[str | None, typer.Option(help="Whose voice leads: f or m.")] = None,
    without: Annotated[str, typer.Option(help='Styles and instruments to keep out, such as "drums, metal".')] = "",
    weirdness: Annotated[float | None, typer.Option(help="0 for the usual, 1 for the odd.", min=0, max=1)] = None,
    out: Annotated[Path, typer.Option(help="Folder for the files; made when it is not there.")] = Path("out"),
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Render a song: sound, covers, film, plan, score, MIDI and timed lyrics of every version.

    Example: tutti song "a rainy market street at dusk, hopeful" --tags "folk, female voice" --out songs
    """
    if description is None and lyrics is None and not instrumental:
        raise InvalidRequestError("Say what the song is about, or give --lyrics or --instrumental.")
    wishes = SongWishes(
        negative_tags=without, bpm=bpm, key=key, duration_s=duration, vocal_gender=gender, weirdness=weirdness
    )
    first_seed = secrets.randbelow(2**31) if seed is None else seed
    with tempfile.TemporaryDirectory(prefix="tutti-song-") as scratch:
        rendered = _render(
            Path(scratch),
            description=description or "",
            lyrics=None if lyrics is None else _read(lyrics),
            tags=tags,
            title=title,
            is_instrumental=instrumental,
            seed=first_seed,
            clips=clips,
            wishes=wishes,
        )
        made = [_keep(clip, out, index) for index, clip in enumerate(rendered, start=1)]
    if as_json:
        show_json(made)
    else:
        rows = [(clip.title, f"{clip.duration_s} s", clip.key, clip.bpm, clip.files["audio"]) for clip in made]
        show_table(("title", "length", "key", "bpm", "file"), rows)
        typer.echo(f"seed {first_seed}", err=True)


def _read(source: str) -> str:
    if source == "-":
        return sys.stdin.read()
    try:
        return Path(source).read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidRequestError(f"The lyrics file {source} cannot be read: {error}.", field="lyrics") from error


def _render(scratch: Path, **wish: Any) -> tuple[ClipResult, ...]:
    """Carry out what `wish_for` takes in a folder, showing progress.

    Raises `UnavailableError` where the engine's packages are missing.
    """
    from tutti.engines.registry import embedded_engines, missing_packages  # noqa: PLC0415 - only when a song is made

    (row,) = (row for row in embedded_engines(read_settings()) if row.name == "song")
    if (reason := missing_packages(row)) is not None:
        raise reason
    from tutti.cli.progress import ShownProgress  # noqa: PLC0415
    from tutti.engines.song.library import Songs, wish_for  # noqa: PLC0415 - loads numpy and all that follows

    with ShownProgress() as report:
        return Songs(options=row.options).make(wish_for(**wish), scratch, report)


def _keep(clip: ClipResult, out: Path, index: int) -> ClipResult:
    """Move a clip's files to where they are wanted, named by title and version."""
    stem = "".join(letter if letter.isalnum() or letter in " -_" else "" for letter in clip.title).strip() or "song"
    folder = out / f"{stem} {index}"
    folder.mkdir(parents=True, exist_ok=True)
    kept = {}
    for name, file in clip.files.items():
        target = folder / Path(file).name
        shutil.move(file, target)
        kept[name] = str(target)
    return msgspec.structs.replace(clip, files=kept)
