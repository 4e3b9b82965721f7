"""From what an upstream of the family says to our words for it. Pure.

The form is that of contracts/suno.yaml; only what is needed is read, for siblings add keys and leave some out.
"""

import re
from collections.abc import Iterable

import msgspec

from tutti.errors import VendorBusyError, VendorError, VendorRefusedError, VendorReplyLostError
from tutti.intents import ClipResult, ClipSeat, LyricsResult, LyricsWish, Origin, SongResult
from tutti.intents.stored import read_intent, seats_of
from tutti.routing.choice import Outcome
from tutti.tasks.model import Task, TaskFailure
from tutti.tasks.vendor import VendorAnswer
from tutti.vendors.told import told_of

# Addresses in a message would tell callers whose channel it was.
_ADDRESS = re.compile(r"\b(?:https?|wss?)://\S+|\b\d{1,3}(?:\.\d{1,3}){3}\b(?::\d+)?")
# What a decoder makes of rubbish; of brackets without end too.
_UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)


class _Said(msgspec.Struct):
    """The envelope of a submit."""

    code: str | int = ""
    message: str | None = None
    data: object = None


class _Metadata(msgspec.Struct):
    tags: str | None = None
    prompt: str | None = None
    duration: float | None = None
    error_message: str | None = None


class _Clip(msgspec.Struct):
    id: str = ""
    clip_id: str | None = None
    title: str | None = None
    audio_url: str | None = None
    video_url: str | None = None
    image_url: str | None = None
    image_large_url: str | None = None
    duration: float | None = None
    metadata: _Metadata | None = None


class _Words(msgspec.Struct):
    text: str = ""
    title: str | None = None
    tags: tuple[str, ...] | None = None


class _Told(msgspec.Struct):
    """A task; its data is read when it is over."""

    task_id: str
    status: str | None = None
    progress: str | int | None = None
    fail_reason: str | None = None
    data: msgspec.Raw = msgspec.Raw(b"null")


class _Batch(msgspec.Struct):
    """The envelope of a fetch."""

    code: str | int = ""
    message: str | None = None
    data: list[_Told] | None = None


_said_decoder = msgspec.json.Decoder(_Said)
_batch_decoder = msgspec.json.Decoder(_Batch)
_clips_decoder = msgspec.json.Decoder(list[_Clip] | None)
_words_decoder = msgspec.json.Decoder(_Words | None)
_encoder = msgspec.json.Encoder()


def from_submit(status: int, body: bytes) -> str:
    """The upstream's id of the work it took.

    Raises the leaf of `VendorError` that tells what is known: refused, clearly not taken, or maybe taken.
    """
    try:
        said = _said_decoder.decode(body)
    except _UNREADABLE:
        said = None
    if said is not None and status < 400 and said.code == "success" and isinstance(said.data, str) and said.data:
        return said.data
    message = without_addresses(told_of(status, body).message)
    if status < 400 and (said is None or said.code == "success"):
        raise VendorReplyLostError("The upstream's answer could not be read; it may have taken the work.")
    # Its key, its credit, its load: somebody else's channel may well take it. A failure that it tells in its own form
    # is one that it refunds.
    if status in {401, 402, 403, 404, 408, 429, 503} or (status >= 500 and _is_told(said, body) and status != 504):
        raise VendorBusyError(message)
    if status >= 500:
        raise VendorReplyLostError(f"The upstream answered with status {status}; it may have taken the work.")
    raise VendorRefusedError(message)


def outcome_of(status: int, retry_after: str | None) -> Outcome:
    """What a reply to a submit says of the channel."""
    if status in {401, 402, 403}:
        return Outcome.KEY_REFUSED
    if status == 429:
        return Outcome.busy(float(retry_after) if retry_after and retry_after.isdecimal() else None)
    if status >= 500:
        return Outcome.FAILED
    return Outcome.OK if status < 300 else Outcome.CALLER_FAULT


def from_fetch(status: int, body: bytes, tasks: Iterable[Task], *, lane: str) -> list[VendorAnswer]:
    """Where the tasks of a batch stand. Raises `VendorError` when that cannot be read."""
    if status >= 400:
        raise VendorError(
            f"The upstream answered with status {status}: {without_addresses(told_of(status, body).message)}"
        )
    try:
        batch = _batch_decoder.decode(body)
    except _UNREADABLE as error:
        raise VendorError("The upstream's answer to a fetch could not be read.") from error
    if batch.data is None:
        raise VendorError(f"The upstream told no tasks: {without_addresses(batch.message or str(batch.code))}")
    told = {one.task_id: one for one in batch.data}
    asked = ((task, told.get((task.vendor_ref or "").partition("/")[2])) for task in tasks)
    return [_answer(task, one, lane) for task, one in asked if one is not None]


def without_addresses(message: str) -> str:
    """A message as a caller may read it."""
    return _ADDRESS.sub("(address)", message)


def _is_told(said: _Said | None, body: bytes) -> bool:
    """Whether the gateway itself wrote this error, and not a proxy before it."""
    return said is not None and (bool(said.code) or b'"error"' in body)


def _answer(task: Task, told: _Told, lane: str) -> VendorAnswer:
    ref = task.vendor_ref or ""
    if told.status == "FAILURE":
        reason = without_addresses(told.fail_reason or "") or "The upstream gave no reason."
        return VendorAnswer(vendor_ref=ref, failure=TaskFailure(code="upstream_failed", message=reason))
    if told.status != "SUCCESS":
        return VendorAnswer(vendor_ref=ref, progress=_percent(told.progress))
    try:
        return _words(ref, told.data) if task.kind == LyricsWish.kind else _songs(task, told.data, lane)
    except _UNREADABLE as error:
        raise VendorError("A finished task of the upstream could not be read.") from error


def _words(ref: str, data: msgspec.Raw) -> VendorAnswer:
    words = _words_decoder.decode(data) or _Words()
    if not words.text:
        return _nothing(ref)
    result = LyricsResult(title=words.title or "", text=words.text, tags=words.tags or ())
    return VendorAnswer(vendor_ref=ref, result=_encoder.encode(result))


def _songs(task: Task, data: msgspec.Raw, lane: str) -> VendorAnswer:
    ref = task.vendor_ref or ""
    made = [clip for clip in _clips_decoder.decode(data) or () if clip.audio_url]
    # An upstream may make more than was promised; those have no id that a caller could know them by.
    seats = seats_of(read_intent(task.intent))
    clips = tuple(
        _clip(seat, clip, Origin(lane=lane, vendor_ref=ref, clip_id=clip.id or clip.clip_id or ""))
        for seat, clip in zip(seats, made, strict=False)
    )
    if not clips:
        return _nothing(ref)
    parts = tuple(_encoder.encode(clip) for clip in clips)
    return VendorAnswer(vendor_ref=ref, result=_encoder.encode(SongResult(clips=clips)), parts=parts)


def _clip(seat: ClipSeat, clip: _Clip, origin: Origin) -> ClipResult:
    metadata = clip.metadata or _Metadata()
    files = {"audio": clip.audio_url, "video": clip.video_url}
    files |= {"image": clip.image_url, "image_large": clip.image_large_url or clip.image_url}
    return ClipResult(
        clip_id=seat.clip_id,
        title=clip.title or "",
        tags=metadata.tags or "",
        lyrics=metadata.prompt or "",
        duration_s=metadata.duration or clip.duration,
        files={name: address for name, address in files.items() if address},
        origin=origin,
    )


def _nothing(ref: str) -> VendorAnswer:
    failure = TaskFailure(code="upstream_empty", message="The upstream ended the work without a result.")
    return VendorAnswer(vendor_ref=ref, failure=failure)


def _percent(progress: str | int | None) -> int:
    digits = re.match(r"\d+", str(progress or 0))
    return min(int(digits[0]), 99) if digits else 0
