"""A clip taken apart.

Our own clips are rendered again and every part is heard as it stood in the mix, so that all stems sum to the mix before
its master; one gain for all brings them to a song's level. Brought sound is separated by a classical method, into two.
"""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import numpy as np

from tutti.engines.engine import Job, Reporter
from tutti.engines.song.backing import render_backing
from tutti.engines.song.dsp.levels import loudness_lufs, to_amplitude, true_peak_db
from tutti.engines.song.edits.rendering import Rendering, laid, renderings, steps
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
        stems = _separated(source, sounding)
    else:
        _check(wish.seats, (VOICE, INSTRUMENTS, *(part.name for part in record.score.parts)))
        stems = _rendered(record, tuple(wish.seats), tools, sounding)
    clips = []
    for index, name in enumerate(wish.seats):
        report.progress(0.85 + 0.15 * index / len(wish.seats), f"writing {name}")
        clip = _clip(job.scratch / f"clip-{index + 1}", name, stems.pop(name), wish=wish, source=source, tools=tools)
        report.part(index, clip)
        clips.append(clip)
    return SongResult(clips=tuple(clips))


def _check(seats: Mapping[str, object], known: tuple[str, ...]) -> None:
    unknown = [name for name in seats if name not in known]
    if unknown:
        raise InvalidRequestError(f"The clip has no stem {unknown[0]!r}: it has {', '.join(known)}.", field="stem")


def _separated(source: Source, on_progress: OnProgress) -> dict[str, Audio]:
    on_progress(0.0, "separating")
    voice, instruments = separate(source.sound(), lambda share: on_progress(share, "separating"))
    return {VOICE: voice, INSTRUMENTS: instruments}


def _rendered(record: ClipRecord, names: tuple[str, ...], tools: Tools, on_progress: OnProgress) -> dict[str, Audio]:
    """The stems of a clip of ours, by one gain as loud together as the song."""
    known = renderings(record)
    # The whole is needed for its loudness, whatever is asked for.
    wanted = (*names, "")
    sets = [_stems(one, wanted, tools, step) for one, step in zip(known, steps(on_progress, len(known)), strict=True)]
    stems = {}
    for name in wanted:
        sounds = [each.pop(name) for each in sets]
        stems[name] = laid(record, known, sounds)
    gain = np.float32(_gain(stems.pop(""), stems.values()))
    for stem in stems.values():
        np.multiply(stem, gain, out=stem)
    return stems


def _gain(whole: Audio, stems: Iterable[Audio]) -> float:
    """The gain that makes the whole as loud as a song, less where a stem would peak."""
    loudest = max(true_peak_db(stem) for stem in stems)
    return to_amplitude(min(LOUDNESS_LUFS - loudness_lufs(whole), _CEILING_DB - loudest))


def _stems(one: Rendering, names: tuple[str, ...], tools: Tools, on_progress: OnProgress) -> dict[str, Audio]:
    """Name -> sound of one rendering's stems as they stand in the mix; "" is all of them."""
    voices = voices_of(one.plan, one.score, tools, within(on_progress, 0.0, 0.7))
    # The mix asks for the band twice: for the whole, and for its parts.
    told = iter((within(on_progress, 0.7, 0.85), within(on_progress, 0.85, 1.0)))

    def backing() -> Iterator[tuple[str, Audio]]:
        return render_backing(one.score, one.plan, tools.player, playing(next(told)))

    stems: dict[str, Audio] = {}
    samples = 1
    for part, sound in mix_apart(voices, backing, one.score, one.plan):
        samples = sound.shape[1]
        for name in {part, VOICE if part == VOICE else INSTRUMENTS, ""} & set(names):
            if name in stems:
                stems[name] += sound
            else:
                stems[name] = sound.copy()
    return {name: stems.get(name, np.broadcast_to(np.float32(0), (2, samples))) for name in names}


def _clip(folder: Path, name: str, sound: Audio, *, wish: Stems, source: Source, tools: Tools) -> ClipResult:
    record, clip = source.record, wish.clip
    is_exact = record is not None and not record.has_brought_sound
    tags = clip.tags if is_exact else ", ".join(filter(None, (clip.tags, METHOD)))
    title, seat = f"{clip.title} ({name})".strip(), wish.seats[name]
    bpm, key = (record.plan.bpm, key_name(record.plan.tonic, record.plan.mode)) if record else (None, "")
    label = Label(title=title, style=tags, bpm=bpm, key=key, seed=seat.seed)
    lyrics = clip.lyrics if name == VOICE else ""
    return sound_clip(folder, seat, sound, encode_mp3(sound), label=label, font=tools.font, lyrics=lyrics)
