"""One clip from brief to files; what a song is made from decides who makes it (`MAKERS`)."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from tutti.engines.song.chooser import choose_clip
from tutti.engines.song.edits.accompany import accompany
from tutti.engines.song.edits.cover import cover
from tutti.engines.song.edits.going_on import go_on
from tutti.engines.song.edits.replace import replace_stretch
from tutti.engines.song.edits.sing_over import sing_over
from tutti.engines.song.edits.work import Made, Work, colours_of
from tutti.engines.song.files import FileWish, key_name, write_files
from tutti.engines.song.model import SAMPLE_RATE_HZ
from tutti.engines.song.production import produce, within
from tutti.engines.song.record import ClipRecord
from tutti.intents import Accompany, ClipResult, ClipSeat, Cover, GoOn, Replace, SingOver

# What a song is made from -> who makes a clip of it.
MAKERS: dict[type, Callable[[Work, Any], Made]] = {
    GoOn: go_on,
    Cover: cover,
    Replace: replace_stretch,
    Accompany: accompany,
    SingOver: sing_over,
}

# Share of a clip's time before its files are written, measured on songs of one to three minutes.
_FILES_FROM = 0.88


def make_clip(work: Work, folder: Path) -> ClipResult:
    """The clip of one seat, its files in `folder`; the same song and seat give the same samples on one machine."""
    source = work.song.source
    sounding = replace(work, on_progress=within(work.on_progress, 0.0, _FILES_FROM))
    made = compose_anew(sounding) if source is None else MAKERS[type(source)](sounding, source)
    work.on_progress(_FILES_FROM, "writing files")
    wish = FileWish(record=made.record, words=made.colours, font=work.tools.font, variant=work.index)
    folder.mkdir()
    files = write_files(folder, made.mastered, wish)
    return clip_result(work.seat, made, {name: str(path) for name, path in files.items()})


def compose_anew(work: Work) -> Made:
    """A song made from nothing but words."""
    brief, lyrics = work.words()
    work.on_progress(0.0, "composing")
    best = choose_clip(work.song, work.index, singer=work.persona())
    plan, score = best.plan, best.score
    mastered = produce(plan, score, work.tools, work.on_progress)
    record = ClipRecord(request=work.song, seed=work.seat.seed, plan=plan, score=score, lyrics=lyrics.text)
    return Made(record=record, mastered=mastered, colours=colours_of(brief))


def clip_result(seat: ClipSeat, made: Made, files: dict[str, str]) -> ClipResult:
    """What is handed over of a clip."""
    record = made.record
    return ClipResult(
        clip_id=seat.clip_id,
        title=record.plan.title,
        tags=record.plan.style,
        lyrics=record.lyrics,
        duration_s=round(made.mastered.audio.shape[1] / SAMPLE_RATE_HZ, 2),
        files=files,
        bpm=record.plan.bpm,
        key=key_name(record.plan),
    )
