"""Clips in place of tasks: the v1 sub-family, which takes the same bodies and answers as Suno itself does, bare."""

from tutti.errors import InvalidRequestError
from tutti.families.endpoint import caller_of
from tutti.families.services import Services
from tutti.families.suno.clips import Clips
from tutti.families.suno.errors import TaskNotExistError
from tutti.families.suno.own import own_task
from tutti.families.suno.render import clips_of, iso_time, to_suno_task
from tutti.families.suno.submitting import Accepted, Submitting
from tutti.intents import LyricsWish
from tutti.kit.asgi import Receive, Scope, Send, send_bytes
from tutti.tasks.states import TaskState
from tutti.wires.suno import Clip, LyricsData, encoder
from tutti.wires.suno_acts import GeneratedId, GenerateReply, RawLyrics

# A feed of more clips is no page of anyone's.
_MOST_CLIPS = 100


class Raw:
    """The routes that speak of clips alone."""

    def __init__(self, services: Services, clips: Clips, submitting: Submitting) -> None:
        self._services = services
        self._clips = clips
        self._submitting = submitting

    async def generate(self, scope: Scope, receive: Receive, send: Send) -> None:
        """POST /suno/generate: the promised clips of a song submit."""
        accepted = await self._submitting.accept(scope, receive, action="music")
        clips = await self._told(scope, accepted)
        told = GenerateReply(
            id=accepted.task.public_id,
            clips=clips,
            metadata={},
            major_model_version=clips[0].major_model_version,
            created_at=iso_time(accepted.task.created_at_ms),
            batch_size=len(clips),
        )
        await send_bytes(send, status=200, body=encoder.encode(told), headers=accepted.headers)

    async def concat(self, scope: Scope, receive: Receive, send: Send) -> None:
        """POST /suno/generate/concat: the promised clip."""
        accepted = await self._submitting.accept(scope, receive, action="concat")
        (clip,) = await self._told(scope, accepted)
        await send_bytes(send, status=200, body=encoder.encode(clip), headers=accepted.headers)

    async def feed(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 - a GET has no body
        """GET /suno/feed/{ids}: clips as they stand, in the order asked for; unknown and foreign ones are missing."""
        caller = caller_of(scope, self._services)
        ids = [part.strip() for part in scope["path_params"]["ids"].split(",") if part.strip()]
        if len(ids) > _MOST_CLIPS:
            raise InvalidRequestError(f"{len(ids)} clips were asked for; at most {_MOST_CLIPS} are told.", field="ids")
        link = self._services.link(scope)
        tasks = await self._clips.tasks_of(caller, ids)
        known = {clip.id: clip for task, parts in tasks for clip in clips_of(task, parts, link)}
        told = [known[clip_id] for clip_id in dict.fromkeys(ids) if clip_id in known]
        await send_bytes(send, status=200, body=encoder.encode(told))

    async def generate_lyrics(self, scope: Scope, receive: Receive, send: Send) -> None:
        """POST /suno/generate/lyrics/: the id of the words to come."""
        accepted = await self._submitting.accept(scope, receive, action="lyrics")
        told = GeneratedId(id=accepted.task.public_id)
        await send_bytes(send, status=200, body=encoder.encode(told), headers=accepted.headers)

    async def lyrics(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 - a GET has no body
        """GET /suno/lyrics/{lyrics_id}."""
        caller = caller_of(scope, self._services)
        task = await own_task(self._services, caller, scope["path_params"]["lyrics_id"], kind=LyricsWish.kind)
        if task is None:
            raise TaskNotExistError(TaskNotExistError.code, field="id")
        data = to_suno_task(task, (), self._services.link(scope)).data
        assert isinstance(data, LyricsData)
        is_waiting = task.state is TaskState.QUEUED
        told = RawLyrics(
            text=data.text,
            title=data.title,
            status="submitted" if is_waiting else data.status,
            tags=data.tags,
            error_message=data.error_message,
        )
        await send_bytes(send, status=200, body=encoder.encode(told))

    async def _told(self, scope: Scope, accepted: Accepted) -> tuple[Clip, ...]:
        parts = await self._services.store.parts([accepted.task.id])
        return clips_of(accepted.task, parts.get(accepted.task.id, ()), self._services.link(scope))
