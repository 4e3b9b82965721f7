"""A clip taken apart.

Our own clips are rendered again and every part is heard as it stood in the mix, so that all stems sum to the mix before
its master; one gain for all brings them to a song's level. Brought sound is separated by a classical method, into two.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np

from tutti.engines.engine import Job, Reporter
from tutti.engines.song.backing import length_samples, render_backing
from tutti.engines.song.dsp.levels import loudness_lufs, to_amplitude, true_peak_db
from tutti.engines.song.edits.rendering import Rendering, laid, renderings, steps
from tutti.engines.song.edits.shelf import Shelf
from tutti.engines.song.edits.sound_clip import sound_clip
from tutti.engines.song.edits.sources import Source, open_source
from tutti.engines.song.files import Label
from tutti.engines.song.keys import key_name
from tutti.engines.song.master import LOUDNESS_LUFS
from tutti.engines.song.mix import mix_apart
from tutti.engines.song.model import Audio
from tutti.engines.song.mp3 import encode_mp3
from tutti.engines.song.production import OnProgress, playing, voices_of, within
from tutti.engines.song.record import ClipRecord
from tutti.engines.song.separation import METHOD, separate
from tutti.engines.song.tools import Tools
from tutti.errors import InvalidRequestError
from tutti.intents import ClipResult, SongResult, Stems

VOICE, INSTRUMENTS = "vocals", "instrumental"
# What encoding may add to peaks stays below full scale.
_CEILING_DB = -2.0


def take_apart(job: Job, tools: Tools, report: Reporter) -> SongResult:
    """A clip for every stem asked for, in the order of its seats.

    Raises `InvalidRequestError` for a stem that the clip has not.
    """
    wish = job.intent
    assert isinstance(wish, Stems)
    source = open_source(wish.clip, job.inputs)
    sounding = within(report.progress, 0.0, 0.85)
    record = source.record
    if record is None or record.has_brought_sound:
        _check(wish.seats, (VOICE, INSTRUMENTS))
        stems, gain = _separated(source, job.scratch, sounding), 1.0
    else:
        _check(wish.seats, (VOICE, INSTRUMENTS, *(part.name for part in record.score.parts)))
        stems, gain = _rendered(record, tuple(wish.seats), tools, job.scratch, sounding)
    clips = []
    for index, name in enumerate(wish.seats):
        report.progress(0.85 + 0.15 * index / len(wish.seats), f"writing {name}")
        sound = stems.take(name)
        assert sound is not None
        sound *= np.float32(gain)
        clip = _clip(job.scratch / f"clip-{index + 1}", name, sound, wish=wish, source=source, tools=tools)
        report.part(index, clip)
        clips.append(clip)
    return SongResult(clips=tuple(clips))


def _check(seats: Mapping[str, object], known: tuple[str, ...]) -> None:
    unknown = [name for name in seats if name not in known]
    if unknown:
        raise InvalidRequestError(f"The clip has no stem {unknown[0]!r}: it has {', '.join(known)}.", field="stem")


def _separated(source: Source, scratch: Path, on_progress: OnProgress) -> Shelf:
    on_progress(0.0, "separating")
    voice, instruments = separate(source.sound(), lambda share: on_progress(share, "separating"))
    stems = Shelf(scratch / "stems")
    stems.add(VOICE, voice)
    stems.add(INSTRUMENTS, instruments)
    return stems


def _rendered(
    record: ClipRecord, names: tuple[str, ...], tools: Tools, scratch: Path, on_progress: OnProgress
) -> tuple[Shelf, float]:
    """The stems of a clip of ours, and the one gain by which they are together as loud as the song."""
    known = renderings(record)
    # The whole is needed for its loudness, whatever is asked for.
    wanted = (*names, "")
    parts = [Shelf(scratch / f"rendering-{number}") for number in range(len(known))]
    for one, shelf, step in zip(known, parts, steps(on_progress, len(known)), strict=True):
        _render_stems(one, wanted, tools, shelf, step)
    stems, loudest_db, loudness = Shelf(scratch / "stems"), -np.inf, -np.inf
    for name in wanted:
        sounds = [_or_silence(shelf.take(name), one) for shelf, one in zip(parts, known, strict=True)]
        stem = laid(record, known, sounds)
        if name:
            stems.add(name, stem)
            loudest_db = max(loudest_db, true_peak_db(stem))
        else:
            loudness = loudness_lufs(stem)
    # As loud as a song, less where a stem would peak.
    return stems, to_amplitude(min(LOUDNESS_LUFS - loudness, _CEILING_DB - loudest_db))


def _or_silence(sound: Audio | None, one: Rendering) -> Audio:
    """A sound; where nobody played it, silence of its rendering's length."""
    return np.broadcast_to(np.float32(0), (2, length_samples(one.score))) if sound is None else sound


def _render_stems(one: Rendering, names: tuple[str, ...], tools: Tools, shelf: Shelf, on_progress: OnProgress) -> None:
    """Put one rendering's stems on a shelf by their names, as they stand in the mix; "" is all of them."""
    voices = voices_of(one.plan, one.score, tools, within(on_progress, 0.0, 0.7))
    # The mix asks for the band twice: for the whole, and for its parts.
    told = iter((within(on_progress, 0.7, 0.85), within(on_progress, 0.85, 1.0)))

    def backing() -> Iterator[tuple[str, Audio]]:
        return render_backing(one.score, one.plan, tools.player, playing(next(told)))

    for part, sound in mix_apart(voices, backing, one.score, one.plan):
        for name in {part, VOICE if part == VOICE else INSTRUMENTS, ""} & set(names):
            shelf.add(name, sound)


def _clip(folder: Path, name: str, sound: Audio, *, wish: Stems, source: Source, tools: Tools) -> ClipResult:
    record, clip = source.record, wish.clip
    is_exact = record is not None and not record.has_brought_sound
    tags = clip.tags if is_exact else ", ".join(filter(None, (clip.tags, METHOD)))
    title, seat = f"{clip.title} ({name})".strip(), wish.seats[name]
    bpm, key = (record.plan.bpm, key_name(record.plan.tonic, record.plan.mode)) if record else (None, "")
    label = Label(title=title, style=tags, bpm=bpm, key=key, seed=seat.seed)
    lyrics = clip.lyrics if name == VOICE else ""
    return sound_clip(folder, seat, sound, encode_mp3(sound), label=label, font=tools.font, lyrics=lyrics)
