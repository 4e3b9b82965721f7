"""From a stored task to the Suno task object, for fetch and webhook alike. Pure."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import PurePosixPath

import msgspec

from tutti.families.services import Link
from tutti.families.suno.metadata import metadata_of
from tutti.families.suno.seats import begun, promised
from tutti.families.suno.versions import version_of
from tutti.intents import (
    AnyIntent,
    ClipResult,
    FileResult,
    GoOn,
    LyricsResult,
    LyricsWish,
    Song,
    SoundFile,
    Stems,
)
from tutti.intents.stored import read_intent
from tutti.tasks.model import Task, TaskPart
from tutti.tasks.render import Renderer
from tutti.tasks.states import TaskState
from tutti.wires.suno import Clip, LyricsData, SunoTask, encoder

_STATUS = {
    TaskState.QUEUED: "QUEUED",
    TaskState.SUBMITTING: "SUBMITTED",
    TaskState.WAITING: "IN_PROGRESS",
    TaskState.RUNNING: "IN_PROGRESS",
    TaskState.STORING: "IN_PROGRESS",
    TaskState.SUCCEEDED: "SUCCESS",
    TaskState.FAILED: "FAILURE",
    TaskState.CANCELLED: "FAILURE",
    TaskState.EXPIRED: "FAILURE",
}
# What is said of an ending that left no failure of its own.
_REASONS = {TaskState.CANCELLED: "cancelled", TaskState.EXPIRED: "time out", TaskState.FAILED: "failed"}
# Task status -> status of a clip that is not finished: clients derive the one from the other.
_CLIP_STATUS = {
    "NOT_START": "submitted",
    "SUBMITTED": "submitted",
    "QUEUED": "queued",
    "IN_PROGRESS": "streaming",
    "SUCCESS": "error",
    "FAILURE": "error",
}
_CLIP_STATE = {"complete": "succeeded", "error": "failed"}
# Files that need no more than the song's title to be told from the others.
_MAIN_FILES = frozenset({"audio", "video", "image", "wav", "mp4"})

# What stems are told to be made by.
_STEM_MODEL = "chirp-stem"

_lyrics_decoder = msgspec.json.Decoder(LyricsResult)
_file_decoder = msgspec.json.Decoder(FileResult)


def renderer(link: Link) -> Renderer:
    """What tells tasks to webhooks: the bare task object, its links made by `link`."""
    return lambda task, parts: tell(task, parts, link)


def tell(task: Task, parts: Sequence[TaskPart], link: Link) -> bytes:
    """The bare task object as JSON."""
    return encoder.encode(to_suno_task(task, parts, link))


def to_suno_task(task: Task, parts: Sequence[TaskPart], link: Link) -> SunoTask:
    """The task as this family tells it; finished clips are complete while the task is still in progress."""
    status = status_of(task)
    is_music = task.kind != LyricsWish.kind
    return SunoTask(
        task_id=task.public_id,
        notify_hook=task.notify_hook or "",
        action="MUSIC" if is_music else "LYRICS",
        status=status,
        fail_reason=fail_reason(task),
        submit_time=task.created_at_ms // 1000,
        start_time=task.started_at_ms // 1000,
        finish_time=task.finished_at_ms // 1000,
        progress="100%" if task.is_terminal else f"{task.progress}%",
        data=_clips(task, parts, status, link) if is_music else _lyrics(task, status),
    )


def status_of(task: Task) -> str:
    """The family's word for the task's state; a fresh row is NOT_START until a worker has begun."""
    if task.state is TaskState.QUEUED and not task.started_at_ms:
        return "NOT_START"
    return _STATUS[task.state]


def fail_reason(task: Task) -> str:
    """Why a task ended badly, "" when it did not."""
    if task.error is not None:
        return task.error.message
    return _REASONS.get(task.state, "")


def _clips(task: Task, parts: Sequence[TaskPart], status: str, link: Link) -> tuple[Clip, ...] | None:
    """All clips once work has begun; nothing before, and null when it failed before a clip was finished."""
    if not task.started_at_ms:
        return None if task.is_terminal else ()
    if status == "FAILURE" and not parts:
        return None
    return clips_of(task, parts, link)


def clips_of(task: Task, parts: Sequence[TaskPart], link: Link) -> tuple[Clip, ...]:
    """Every clip that a task has promised: the finished ones, and the empty seats of those to come."""
    intent = read_intent(task.intent)
    done = _single_file(task, intent) if isinstance(intent, SoundFile) else begun(parts)
    return tuple(_clip(task, intent, done.get(empty.clip_id), empty, link) for empty in promised(intent))


def _single_file(task: Task, intent: SoundFile) -> dict[str, ClipResult]:
    """A file made of a clip, told as that clip with this file alone."""
    if task.output is None:
        return {}
    (empty,) = promised(intent)
    files = dict.fromkeys([intent.form], *made_files(task).values())
    return {empty.clip_id: msgspec.structs.replace(empty, files=files, duration_s=intent.clip.duration_s)}


def made_files(task: Task) -> dict[str, str]:
    """Name -> blob key of the one file that a finished task has made."""
    assert task.output is not None
    return _file_decoder.decode(task.output).files


def _clip(task: Task, intent: AnyIntent, done: ClipResult | None, empty: ClipResult, link: Link) -> Clip:
    """A finished clip, one that can be heard while it grows, or the empty seat of one to come."""
    mv = _mv(intent)
    version = version_of(mv)
    status = _CLIP_STATUS[status_of(task)] if done is None or done.is_growing else "complete"
    told = done or empty
    if isinstance(intent, Stems):
        # Clients tell stems by their titles, whatever an engine or an upstream calls them.
        told = msgspec.structs.replace(told, title=empty.title)
    files = file_links(told, link)
    return Clip(
        id=told.clip_id,
        title=told.title,
        status=status,
        audio_url=files.get("audio", files.get("wav", "")),
        video_url=files.get("video", files.get("mp4", "")),
        image_url=files.get("image", ""),
        image_large_url=files.get("image_large", ""),
        is_video_pending=status == "streaming",
        major_model_version=version.major,
        model_name=version.model_name,
        created_at=iso_time(task.created_at_ms),
        metadata=metadata_of(intent, told, failure=fail_reason(task) if status == "error" else None),
        clip_id=told.clip_id,
        duration=told.duration_s,
        state=_CLIP_STATE.get(status, "pending"),
        mv=mv,
        tags=told.tags,
        prompt=told.lyrics,
        continue_at=intent.source.at_s if isinstance(intent, Song) and isinstance(intent.source, GoOn) else None,
        files=files,
    )


def _mv(intent: AnyIntent) -> str:
    if isinstance(intent, Stems):
        return _STEM_MODEL
    return intent.model if isinstance(intent, Song) else ""


def file_links(clip: ClipResult, link: Link) -> dict[str, str]:
    """Name -> link of every file of a clip, each saved under the song's title."""
    return {name: link(key, name=file_name(clip.title, name, key)) for name, key in clip.files.items()}


def _lyrics(task: Task, status: str) -> LyricsData:
    if status == "FAILURE":
        return LyricsData(id=task.public_id, text="", title="", status="error", error_message=fail_reason(task))
    if task.output is None:
        return LyricsData(id=task.public_id, text="", title="", status="running")
    result = _lyrics_decoder.decode(task.output)
    return LyricsData(id=task.public_id, text=result.text, title=result.title, status="complete", tags=result.tags)


def file_name(title: str, name: str, key: str) -> str:
    """A name to save a file by: the song's title without what file systems refuse, the kind of file, its suffix."""
    stem = "".join(letter for letter in title if letter.isalnum() or letter in " -_'").strip()[:80] or "song"
    return stem + ("" if name in _MAIN_FILES else f".{name}") + PurePosixPath(key).suffix


def iso_time(at_ms: int) -> str:
    """Milliseconds since 1970 as ISO 8601 in UTC with milliseconds and Z."""
    return datetime.fromtimestamp(at_ms / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
