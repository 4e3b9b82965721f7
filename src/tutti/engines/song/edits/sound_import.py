"""Brought sound as a clip: decoded with care, listened to, made as loud as our songs are."""

from pathlib import Path

from msgspec import structs

from tutti.engines.engine import Job, Reporter
from tutti.engines.song.edits.sound_clip import sound_clip
from tutti.engines.song.files import Label
from tutti.engines.song.hearing import decode_sound, hear, write_heard
from tutti.engines.song.keys import key_name
from tutti.engines.song.master import encoded_below_ceiling
from tutti.errors import InvalidRequestError
from tutti.intents import SongResult, SoundImport

_UNTITLED = "Upload"


def import_sound(job: Job, font: Path, report: Reporter) -> SongResult:
    """The clip of brought sound: mp3, covers and the analysis of what is heard in it.

    Raises `InvalidRequestError` for what is no sound of a second to ten minutes in a known form, or is silent.
    """
    wish = job.intent
    assert isinstance(wish, SoundImport)
    report.progress(0.0, "opening the sound")
    sound = decode_sound(job.inputs[wish.sound_key])
    report.progress(0.2, "listening")
    heard = hear(sound)
    # BS.1770 hears nothing below -70 LUFS.
    if heard.loudness_lufs <= -70:
        raise InvalidRequestError("The sound is silent.", field="file")
    report.progress(0.6, "encoding")
    mastered = encoded_below_ceiling(sound)
    report.progress(0.9, "writing files")
    title, key = wish.title or _UNTITLED, key_name(heard.tonic, heard.mode)
    label = Label(title=title, bpm=round(heard.bpm, 2), key=key, seed=wish.seat.seed)
    folder = job.scratch / "clip-1"
    clip = sound_clip(folder, wish.seat, mastered.audio, mastered.mp3, label=label, font=font)
    analysis = folder / "analysis.json"
    write_heard(analysis, heard)
    clip = structs.replace(clip, files=clip.files | {"analysis": str(analysis)})
    report.part(0, clip)
    return SongResult(clips=(clip,))
