"""From a stored task to our own neutral form, in no family's words. Pure."""

from collections.abc import Sequence

import msgspec

from tutti.families.services import Link
from tutti.intents import ClipResult, LyricsResult
from tutti.tasks.model import Task, TaskPart


class NeutralError(msgspec.Struct, frozen=True, kw_only=True):
    """Why a task ended badly."""

    code: str
    message: str


class NeutralPart(msgspec.Struct, frozen=True, kw_only=True):
    """One finished part of a result; `files` are links by name."""

    index: int
    id: str
    title: str
    duration_s: float | None
    files: dict[str, str]


class NeutralTask(msgspec.Struct, frozen=True, kw_only=True):
    """A task; times in Unix seconds, 0 until they happen, money in units (500,000 = 1 USD)."""

    id: str
    object: str = "task"
    family: str
    kind: str
    model: str
    status: str
    # Percent.
    progress: int
    note: str
    is_cancel_requested: bool
    created_at: float
    started_at: float
    finished_at: float
    price: int
    # What was charged in the end, null while the task lives.
    cost: int | None
    error: NeutralError | None
    parts: tuple[NeutralPart, ...]
    # The result of kinds that come in one piece, such as lyrics.
    result: LyricsResult | None


class TaskPage(msgspec.Struct, frozen=True, kw_only=True):
    """Some of a caller's tasks, newest first; `last_id` is where the next page goes on `after`."""

    object: str = "list"
    data: tuple[NeutralTask, ...]
    has_more: bool
    last_id: str | None


encoder = msgspec.json.Encoder()
_clip_decoder = msgspec.json.Decoder(ClipResult)
_lyrics_decoder = msgspec.json.Decoder(LyricsResult)


def to_neutral(task: Task, parts: Sequence[TaskPart], link: Link) -> NeutralTask:
    """The task as this server's own routes tell it."""
    return NeutralTask(
        id=task.public_id,
        family=task.family,
        kind=task.kind,
        model=task.model,
        status=task.state.value,
        progress=task.progress,
        note=task.progress_note,
        is_cancel_requested=task.is_cancel_requested,
        created_at=task.created_at_ms / 1000,
        started_at=task.started_at_ms / 1000,
        finished_at=task.finished_at_ms / 1000,
        price=task.price,
        cost=task.final_cost,
        error=NeutralError(code=task.error.code, message=task.error.message) if task.error else None,
        parts=tuple(_part(part, link) for part in parts),
        result=_lyrics_decoder.decode(task.output) if task.kind == "lyrics" and task.output else None,
    )


def _part(part: TaskPart, link: Link) -> NeutralPart:
    clip = _clip_decoder.decode(part.result)
    return NeutralPart(
        index=part.index,
        id=clip.clip_id,
        title=clip.title,
        duration_s=clip.duration_s,
        files={name: link(key, name=key.rpartition("/")[2]) for name, key in clip.files.items()},
    )
