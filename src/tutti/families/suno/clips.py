"""Clips by their own ids: a caller's, finished, as something that new work can start from."""

from collections.abc import Sequence
from dataclasses import dataclass

from tutti.accounts.model import Caller
from tutti.errors import InvalidRequestError
from tutti.families.services import Services
from tutti.families.suno.errors import ClipGoneError, ClipNotExistError, ClipNotReadyError
from tutti.families.suno.render import fail_reason
from tutti.families.suno.seats import finished
from tutti.families.suno.submit import FAMILY
from tutti.intents import AnyIntent, ClipResult
from tutti.intents.stored import read_intent
from tutti.tasks.model import Task, TaskPart

# Ids are ours and short; what is longer is not looked for.
_LONGEST_ID = 100


@dataclass(frozen=True, kw_only=True, slots=True)
class FoundClip:
    """A finished clip and the work that made it."""

    clip: ClipResult
    task: Task
    intent: AnyIntent


class Clips:
    """Finds clips; those of others are as unknown as those that never were."""

    def __init__(self, services: Services) -> None:
        self._store = services.store
        self._blobs = services.blobs

    async def find(self, caller: Caller, clip_id: str, *, field: str = "clip_id") -> FoundClip:
        """A finished clip with its sound. Raises `ClipNotExistError`, `ClipNotReadyError`, `ClipGoneError`."""
        for task, parts in await self.tasks_of(caller, [clip_id]):
            clip = finished(parts).get(clip_id)
            if clip is None:
                raise ClipNotReadyError(_why_not_ready(task, clip_id), field=field, subject=clip_id)
            if "audio" not in clip.files or clip.duration_s is None:
                raise InvalidRequestError(f"The clip {clip_id} has no sound.", field=field, subject=clip_id)
            if await self._blobs.head(clip.files["audio"]) is None:
                raise ClipGoneError(
                    f"The files of the clip {clip_id} are no longer kept.", field=field, subject=clip_id
                )
            return FoundClip(clip=clip, task=task, intent=read_intent(task.intent))
        raise ClipNotExistError(
            f"{ClipNotExistError.code}: you have no clip {clip_id[:_LONGEST_ID]!r}.", field=field, subject=clip_id
        )

    async def tasks_of(self, caller: Caller, clip_ids: Sequence[str]) -> list[tuple[Task, tuple[TaskPart, ...]]]:
        """The caller's tasks that promised these clips, each with the parts that are finished."""
        known = [clip_id for clip_id in clip_ids if 0 < len(clip_id) <= _LONGEST_ID]
        found = await self._store.find_by_parts(known, user_id=caller.user_id) if known else []
        tasks = [task for task in found if task.family == FAMILY]
        parts = await self._store.parts([task.id for task in tasks]) if tasks else {}
        return [(task, parts.get(task.id, ())) for task in tasks]


def _why_not_ready(task: Task, clip_id: str) -> str:
    if task.is_terminal:
        return f"The clip {clip_id} was never finished: {fail_reason(task)}."
    return f"The clip {clip_id} is not complete yet: wait for its task {task.public_id}."
