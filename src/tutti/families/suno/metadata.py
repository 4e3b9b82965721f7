"""The metadata of a clip: which clips it came from and how, by the kind of work that made it. Pure."""

from typing import Any

from tutti.intents import (
    Accompany,
    AnyIntent,
    ClipResult,
    Concat,
    Cover,
    GoOn,
    Replace,
    SingOver,
    Song,
    SoundImport,
    Stems,
)
from tutti.wires.suno import ClipMetadata


def metadata_of(intent: AnyIntent, told: ClipResult, *, failure: str | None) -> ClipMetadata:
    """What is told of a clip; `failure` is the reason why it will never be finished."""
    origin: dict[str, Any] = {"audio_prompt_id": None, "history": None, "concat_history": None, "type": "gen"}
    return ClipMetadata(
        tags=told.tags,
        prompt=told.lyrics,
        gpt_description_prompt=(intent.description or None) if isinstance(intent, Song) else None,
        duration=told.duration_s,
        refund_credits=failure is not None,
        stream=True,
        error_type="generation_failed" if failure is not None else None,
        error_message=failure,
        **(origin | _origin(intent, told.clip_id)),
    )


def _origin(intent: AnyIntent, clip_id: str) -> dict[str, Any]:
    match intent:
        case Song():
            return _of_song(intent, clip_id)
        case Stems():
            name = next(name for name, seat in intent.seats.items() if seat.clip_id == clip_id)
            return {"type": "stem", "task": "gen_stem", "stem_from_id": intent.clip.clip_id, "stem_name": name}
        case SoundImport():
            return {"type": "upload"}
        case Concat():
            return {"type": "concat", "concat_history": _pieces(intent)}
        case _:
            return {}


def _of_song(song: Song, clip_id: str) -> dict[str, Any]:
    seeds = {seat.clip_id: seat.seed for seat in song.seats}
    told: dict[str, Any] = {"seed": seeds[clip_id], **_of_source(song.source)}
    if song.wishes.negative_tags:
        told["negative_tags"] = song.wishes.negative_tags
    if song.persona is not None:
        told |= {"task": "artist_consistency", "artist_clip_id": song.persona.clip_id}
        if song.persona_id is not None:
            told["persona_id"] = song.persona_id
    return told


def _of_source(source: GoOn | Cover | Replace | Accompany | SingOver | None) -> dict[str, Any]:
    """The clip that a song is made from, under the key that its task word has for it."""
    match source:
        case None:
            return {}
        case GoOn(clip=clip, at_s=at_s):
            # Only sound that was brought has no plan; a whole continuation is the older form, without a task word.
            word = {} if source.is_whole else {"task": "extend" if clip.plan_key else "upload_extend"}
            return {**word, "audio_prompt_id": clip.clip_id, "history": [{"id": clip.clip_id, "continue_at": at_s}]}
        case Cover(clip=clip):
            return {"task": "cover", "cover_clip_id": clip.clip_id}
        case Replace(clip=clip, start_s=start_s, end_s=end_s):
            stretch = {"id": clip.clip_id, "infill": True, "infill_start_s": start_s, "infill_end_s": end_s}
            return {"task": "infill", "audio_prompt_id": clip.clip_id, "history": [stretch]}
        case Accompany(clip=clip):
            return {"task": "underpainting", "underpainting_clip_id": clip.clip_id}
        case SingOver(clip=clip):
            return {"task": "overpainting", "overpainting_clip_id": clip.clip_id}


def _pieces(concat: Concat) -> list[dict[str, Any]]:
    """The joined clips; each but the last with the second at which the next takes over."""
    told: list[dict[str, Any]] = [{"id": piece.clip.clip_id, "continue_at": piece.at_s} for piece in concat.pieces]
    del told[-1]["continue_at"]
    return told
