"""The files of a finished clip: one call writes all of them into one folder."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import msgspec

from tutti.engines.song import waveform
from tutti.engines.song.cover.cover import Cover, draw_cover
from tutti.engines.song.id3 import Tags, tag_mp3
from tutti.engines.song.keys import key_name
from tutti.engines.song.master import Mastered
from tutti.engines.song.midi import to_midi
from tutti.engines.song.model import SAMPLE_RATE_HZ, Language, TimedLine
from tutti.engines.song.record import ClipRecord, write_record
from tutti.engines.song.timed import time_lines, to_json, to_lrc
from tutti.engines.song.video.film import write_video
from tutti.intents import ClipResult, ClipSeat

ARTIST = "Tutti"

_LANGUAGES = {Language.ENGLISH: "eng", Language.MANDARIN: "zho", Language.JAPANESE: "jpn"}


@dataclass(frozen=True, kw_only=True, slots=True)
class FileWish:
    """What the files are made of beside the sound."""

    record: ClipRecord
    # Mood and genre words that choose the cover's colours.
    words: str
    # A TrueType file with the letters of title and lyrics.
    font: Path
    # Which clip of the song this is, from 0: covers of one song differ by it.
    variant: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Sleeve:
    """What a clip's sound is dressed in; known from its record, before there is any sound."""

    cover: Cover
    tags: Tags
    lines: tuple[TimedLine, ...]


def make_sleeve(wish: FileWish) -> Sleeve:
    """Cover, tags and timed words."""
    record, plan = wish.record, wish.record.plan
    lines = time_lines(record.score)
    cover = draw_cover(
        title=plan.title, style=plan.style, words=wish.words, seed=record.seed, font=wish.font, variant=wish.variant
    )
    tags = Tags(
        title=plan.title,
        artist=ARTIST,
        genre=plan.style,
        bpm=plan.bpm,
        key=key_name(plan.tonic, plan.mode),
        lyrics=record.lyrics,
        lines=lines,
        language=_LANGUAGES[plan.language],
        cover_jpeg=cover.small_jpeg,
    )
    return Sleeve(cover=cover, tags=tags, lines=tuple(lines))


def write_files(folder: Path, mastered: Mastered, wish: FileWish, sleeve: Sleeve) -> dict[str, Path]:
    """Name -> file, the names those of `ClipResult.files`, and "lrc" for the timed words in LRC form.

    An mp3 that has been written while it was mastered stays as it is.
    """
    record, cover, lines = wish.record, sleeve.cover, sleeve.lines
    files = _write_pictures(folder, cover) | {
        "audio": audio_file(folder),
        "video": folder / "video.mp4",
        "plan": folder / "plan.json",
        "score": folder / "score.json",
        "midi": folder / "song.mid",
        "timed_lyrics": folder / "lyrics.json",
        "lrc": folder / "lyrics.lrc",
        "waveform": folder / "waveform.json",
    }
    if not files["audio"].exists():
        files["audio"].write_bytes(tag_mp3(mastered.mp3, sleeve.tags))
    files["score"].write_bytes(msgspec.json.encode(record.score))
    files["midi"].write_bytes(to_midi(record.score, record.plan))
    files["timed_lyrics"].write_bytes(to_json(lines))
    files["lrc"].write_text(to_lrc(lines, title=record.plan.title, artist=ARTIST), encoding="utf-8")
    files["waveform"].write_bytes(waveform.to_json(mastered.audio))
    write_record(files["plan"], record)
    write_video(files["video"], mastered.audio, cover=cover, lines=lines, font=wish.font)
    return files


def clip_result(
    seat: ClipSeat, record: ClipRecord, files: Mapping[str, Path], *, mastered: Mastered | None = None
) -> ClipResult:
    """What is handed over of a clip; its length is that of the finished sound."""
    return ClipResult(
        clip_id=seat.clip_id,
        title=record.plan.title,
        tags=record.plan.style,
        lyrics=record.lyrics,
        duration_s=round(mastered.audio.shape[1] / SAMPLE_RATE_HZ, 2) if mastered else None,
        files={name: str(path) for name, path in files.items()},
        bpm=record.plan.bpm,
        key=key_name(record.plan.tonic, record.plan.mode),
    )


def audio_file(folder: Path) -> Path:
    """Where a clip's mp3 is."""
    return folder / "audio.mp3"


@dataclass(frozen=True, kw_only=True, slots=True)
class Label:
    """What is written on a sound that has no record: brought sound, or a stem."""

    title: str
    style: str = ""
    bpm: float | None = None
    key: str = ""
    seed: int = 0


def write_sound_files(folder: Path, mp3: bytes, label: Label, font: Path) -> dict[str, Path]:
    """Name -> file: "audio", "image" and "image_large" of a sound without a score, in a new folder."""
    folder.mkdir()
    cover = draw_cover(title=label.title, style=label.style, words=label.style, seed=label.seed, font=font)
    tags = Tags(
        title=label.title,
        artist=ARTIST,
        genre=label.style,
        bpm=label.bpm,
        key=label.key,
        cover_jpeg=cover.small_jpeg,
    )
    files = _write_pictures(folder, cover) | {"audio": audio_file(folder)}
    files["audio"].write_bytes(tag_mp3(mp3, tags))
    return files


def _write_pictures(folder: Path, cover: Cover) -> dict[str, Path]:
    """Both sizes of a cover."""
    pictures = {"image": cover.small_jpeg, "image_large": cover.large_jpeg}
    files = {name: folder / f"{name}.jpeg" for name in pictures}
    for name, path in files.items():
        path.write_bytes(pictures[name])
    return files
