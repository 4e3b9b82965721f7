"""One clip from brief to files; what a song is made from decides who makes it (`MAKERS`)."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from msgspec import structs

from tutti.engines.song.chooser import choose_clip
from tutti.engines.song.edits.accompany import accompany
from tutti.engines.song.edits.cover import cover
from tutti.engines.song.edits.going_on import go_on
from tutti.engines.song.edits.replace import replace_stretch
from tutti.engines.song.edits.sing_over import sing_over
from tutti.engines.song.edits.work import Made, Work, colours_of
from tutti.engines.song.files import FileWish, audio_file, clip_result, make_sleeve, write_files
from tutti.engines.song.growing import GrowingMp3
from tutti.engines.song.model import Score
from tutti.engines.song.production import produce, within
from tutti.engines.song.record import ClipRecord
from tutti.intents import Accompany, ClipResult, Cover, GoOn, Replace, SingOver

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


def make_clip(
    work: Work, folder: Path, announce: Callable[[ClipResult], None] = lambda _: None
) -> tuple[ClipResult, Score]:
    """The clip of one seat and its score, its files in `folder`.

    The same work gives the same samples on one machine. A new song is announced as soon as its mp3 can be heard while
    it grows.
    """
    source = work.song.source
    sounding = replace(work, on_progress=within(work.on_progress, 0.0, _FILES_FROM))
    made = _compose_anew(sounding, folder, announce) if source is None else MAKERS[type(source)](sounding, source)
    work.on_progress(_FILES_FROM, "writing files")
    wish = _file_wish(work, made.record, made.colours)
    folder.mkdir(exist_ok=True)
    files = write_files(folder, made.mastered, wish, made.sleeve or make_sleeve(wish))
    return clip_result(work.seat, made.record, files, mastered=made.mastered), made.record.score


def _compose_anew(work: Work, folder: Path, announce: Callable[[ClipResult], None]) -> Made:
    """A song made from nothing but words."""
    work.on_progress(0.0, "composing")
    best = choose_clip(work.song, work.index, singer=work.persona(), unlike=work.before)
    record = ClipRecord(
        request=work.song, seed=work.seat.seed, plan=best.plan, score=best.score, lyrics=best.lyrics.text
    )
    colours = colours_of(best.brief)
    sleeve = make_sleeve(_file_wish(work, record, colours))
    folder.mkdir()
    audio = audio_file(folder)
    early = clip_result(work.seat, record, {"audio": audio})
    telling = _FirstSound(lambda: announce(structs.replace(early, is_growing=True)))
    with GrowingMp3(audio, sleeve.tags, telling) as growing:
        mastered = produce(best.plan, best.score, work.tools, work.on_progress, on_bytes=growing)
    return Made(record=record, mastered=mastered, colours=colours, sleeve=sleeve)


class _FirstSound:
    """Hears a file grow, and calls back once there is more than its tag to read: the first word is of that alone."""

    def __init__(self, call: Callable[[], None]) -> None:
        self._call = call
        self._words = 0

    def __call__(self, _readable: int) -> None:
        self._words += 1
        if self._words == 2:
            self._call()


def _file_wish(work: Work, record: ClipRecord, colours: str) -> FileWish:
    return FileWish(record=record, words=colours, font=work.tools.font, variant=work.index)
