"""Which clips a task has promised, and what is known of them before they are made. Pure."""

from collections.abc import Mapping, Sequence

import msgspec

from tutti.intents import AnyIntent, ClipResult, Concat, Song, SoundFile, SoundImport, Stems
from tutti.intents.stored import seats_of
from tutti.tasks.model import TaskPart

_clip_decoder = msgspec.json.Decoder(ClipResult)


def promised(intent: AnyIntent) -> tuple[ClipResult, ...]:
    """Every clip as it can be told before it is made."""
    match intent:
        case Song():
            title, tags, lyrics = intent.title, intent.tags, intent.lyrics or ""
        case Stems():
            return tuple(
                ClipResult(clip_id=seat.clip_id, title=stem_title(intent, name), tags=intent.clip.tags, lyrics="")
                for name, seat in intent.seats.items()
            )
        case SoundImport() | Concat():
            title, tags, lyrics = intent.title, "", ""
        case SoundFile(clip=clip):
            return (ClipResult(clip_id=clip.clip_id, title=clip.title, tags=clip.tags, lyrics=clip.lyrics),)
        case _:
            return ()
    return tuple(ClipResult(clip_id=seat.clip_id, title=title, tags=tags, lyrics=lyrics) for seat in seats_of(intent))


def stem_title(stems: Stems, name: str) -> str:
    """The title of a stem: "Lanterns - Vocals"."""
    return f"{stems.clip.title} - {name.replace('_', ' ').title()}"


def begun(parts: Sequence[TaskPart]) -> Mapping[str, ClipResult]:
    """Clip id -> clip of what has been published, finished or still growing."""
    clips = (_clip_decoder.decode(part.result) for part in parts)
    return {clip.clip_id: clip for clip in clips}


def finished(parts: Sequence[TaskPart]) -> Mapping[str, ClipResult]:
    """Clip id -> clip of what is whole."""
    return {clip_id: clip for clip_id, clip in begun(parts).items() if not clip.is_growing}
