"""From a stored task to the Suno task object, for fetch and webhook alike. Pure."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import PurePosixPath

import msgspec

from tutti.families.services import Link
from tutti.families.suno.versions import version_of
from tutti.intents import ClipResult, ClipSeat, GoOn, LyricsResult, Song
from tutti.tasks.model import Task, TaskPart
from tutti.tasks.render import Renderer
from tutti.tasks.states import TaskState
from tutti.wires.suno import Clip, ClipMetadata, LyricsData, SunoTask, encoder

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
_MAIN_FILES = frozenset({"audio", "video", "image"})

_song_decoder = msgspec.json.Decoder(Song)
_clip_decoder = msgspec.json.Decoder(ClipResult)
_lyrics_decoder = msgspec.json.Decoder(LyricsResult)


def renderer(link: Link) -> Renderer:
    """What tells tasks to webhooks: the bare task object, its links made by `link`."""
    return lambda task, parts: tell(task, parts, link)


def tell(task: Task, parts: Sequence[TaskPart], link: Link) -> bytes:
    """The bare task object as JSON."""
    return encoder.encode(to_suno_task(task, parts, link))


def to_suno_task(task: Task, parts: Sequence[TaskPart], link: Link) -> SunoTask:
    """The task as this family tells it; finished clips are complete while the task is still in progress."""
    status = status_of(task)
    is_music = task.kind == Song.kind
    return SunoTask(
        task_id=task.public_id,
        notify_hook=task.notify_hook or "",
        action="MUSIC" if is_music else "LYRICS",
        status=status,
        fail_reason=_fail_reason(task),
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


def _fail_reason(task: Task) -> str:
    if task.error is not None:
        return task.error.message
    return _REASONS.get(task.state, "")


def _clips(task: Task, parts: Sequence[TaskPart], status: str, link: Link) -> tuple[Clip, ...] | None:
    """All seats once work has begun; nothing before, and null when it failed before a clip was finished."""
    if not task.started_at_ms:
        return None if task.is_terminal else ()
    if status == "FAILURE" and not parts:
        return None
    song = _song_decoder.decode(task.intent)
    done = {clip.clip_id: clip for clip in (_clip_decoder.decode(part.result) for part in parts)}
    return tuple(_clip(task, song, done.get(seat.clip_id, seat), task_status=status, link=link) for seat in song.seats)


def _clip(task: Task, song: Song, clip: ClipResult | ClipSeat, *, task_status: str, link: Link) -> Clip:
    """A finished clip, or the empty seat of one to come."""
    version = version_of(song.model)
    status = "complete" if isinstance(clip, ClipResult) else _CLIP_STATUS[task_status]
    told = clip if isinstance(clip, ClipResult) else _promised(song, clip)
    files = {name: link(key, name=file_name(told.title, name, key)) for name, key in told.files.items()}
    continued = _continued(song)
    return Clip(
        id=told.clip_id,
        title=told.title,
        status=status,
        audio_url=files.get("audio", ""),
        video_url=files.get("video", ""),
        image_url=files.get("image", ""),
        image_large_url=files.get("image_large", ""),
        is_video_pending=status == "streaming",
        major_model_version=version.major,
        model_name=version.model_name,
        created_at=_iso(task.created_at_ms),
        metadata=_metadata(song, told, failure=_fail_reason(task) if status == "error" else None),
        clip_id=told.clip_id,
        duration=told.duration_s,
        state=_CLIP_STATE.get(status, "pending"),
        mv=song.model,
        tags=told.tags,
        prompt=told.lyrics,
        continue_at=continued.at_s if continued else None,
        files=files,
    )


def _promised(song: Song, seat: ClipSeat) -> ClipResult:
    return ClipResult(clip_id=seat.clip_id, title=song.title, tags=song.tags, lyrics=song.lyrics or "")


def _continued(song: Song) -> GoOn | None:
    return song.source if isinstance(song.source, GoOn) else None


def _metadata(song: Song, told: ClipResult, *, failure: str | None) -> ClipMetadata:
    continued = _continued(song)
    return ClipMetadata(
        tags=told.tags,
        prompt=told.lyrics,
        gpt_description_prompt=song.description or None,
        audio_prompt_id=continued.clip.clip_id if continued else None,
        history=[{"id": continued.clip.clip_id, "continue_at": continued.at_s}] if continued else None,
        concat_history=None,
        type="gen",
        duration=told.duration_s,
        refund_credits=failure is not None,
        stream=True,
        error_type="generation_failed" if failure is not None else None,
        error_message=failure,
    )


def _lyrics(task: Task, status: str) -> LyricsData:
    if status == "FAILURE":
        return LyricsData(id=task.public_id, text="", title="", status="error", error_message=_fail_reason(task))
    if task.output is None:
        return LyricsData(id=task.public_id, text="", title="", status="running")
    result = _lyrics_decoder.decode(task.output)
    return LyricsData(id=task.public_id, text=result.text, title=result.title, status="complete", tags=result.tags)


def file_name(title: str, name: str, key: str) -> str:
    """A name to save a file by: the song's title without what file systems refuse, the kind of file, its suffix."""
    stem = "".join(letter for letter in title if letter.isalnum() or letter in " -_'").strip()[:80] or "song"
    return stem + ("" if name in _MAIN_FILES else f".{name}") + PurePosixPath(key).suffix


def _iso(at_ms: int) -> str:
    return datetime.fromtimestamp(at_ms / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
