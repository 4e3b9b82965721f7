"""Files of a clip that are made only when asked for: a WAV of any clip, a film of brought sound."""

from collections.abc import Callable
from pathlib import Path

from tutti.engines.engine import Job, Reporter
from tutti.engines.song.cover.cover import draw_cover
from tutti.engines.song.edits.rendering import rendered_again
from tutti.engines.song.edits.sources import Source, open_source
from tutti.engines.song.production import OnProgress, within
from tutti.engines.song.timed import time_lines
from tutti.engines.song.tools import Tools
from tutti.engines.song.video.film import write_video
from tutti.engines.song.wav import write_wav
from tutti.errors import InvalidRequestError
from tutti.intents import FileResult, SoundFile


def make_file(job: Job, tools: Tools, report: Reporter) -> FileResult:
    """The file, under the name of its form. Raises `InvalidRequestError` for a form that is none."""
    wish = job.intent
    assert isinstance(wish, SoundFile)
    write = FORMS.get(wish.form)
    if write is None:
        raise InvalidRequestError(f"{wish.form!r} is no file that is made of clips: use wav or mp4.", field="form")
    path = job.scratch / f"sound.{wish.form}"
    write(path, open_source(wish.clip, job.inputs), tools, report.progress)
    return FileResult(files={wish.form: str(path)})


def _wav(path: Path, source: Source, tools: Tools, on_progress: OnProgress) -> None:
    """Our own clips as they were before the mp3; of brought sound nothing better than its mp3 is kept."""
    record = source.record
    if record is None or record.has_brought_sound:
        on_progress(0.0, "decoding")
        sound, seed = source.sound(), 0
    else:
        sound, seed = rendered_again(record, tools, within(on_progress, 0.0, 0.95)), record.seed
    on_progress(0.95, "writing files")
    write_wav(path, sound, seed=seed)


def _film(path: Path, source: Source, tools: Tools, on_progress: OnProgress) -> None:
    """The sound with its cover and moving bars, and its words where we know when they are sung."""
    on_progress(0.0, "drawing")
    clip, record = source.clip, source.record
    title = clip.title or "Untitled"
    cover = draw_cover(
        title=title, style=clip.tags, words=clip.tags, seed=record.seed if record else 0, font=tools.font
    )
    lines = time_lines(record.score, offset_s=record.offset_s) if record else ()
    on_progress(0.1, "filming")
    write_video(path, source.sound(), cover=cover, lines=lines, font=tools.font)


# Form of a file -> who writes it.
FORMS: dict[str, Callable[[Path, Source, Tools, OnProgress], None]] = {"wav": _wav, "mp4": _film}
