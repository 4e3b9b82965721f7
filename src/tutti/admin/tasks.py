"""Deeds on durable tasks and their webhooks, done in this process."""

from collections.abc import Iterator, Sequence
from typing import Protocol

from tutti.accounts.service import Accounts
from tutti.admin.calls import ledger_infos, require_limit
from tutti.admin.names import Names
from tutti.admin.told import Happening, TaskInfo, TaskStory, WebhookInfo
from tutti.errors import InvalidRequestError, NotFoundError
from tutti.routing.desk import ChannelDesk
from tutti.tasks.model import EventRecord, RefundPolicy, Task, TaskPart
from tutti.tasks.states import TaskState
from tutti.tasks.store import Records, TaskStore


class WorkBooks(TaskStore, Records, Protocol):
    """Tasks and what is written of them."""


class LocalTaskDeeds:
    """The part of `Deeds` that concerns tasks."""

    def __init__(self, accounts: Accounts, channels: ChannelDesk, tasks: WorkBooks) -> None:
        """`accounts` and `channels` know names."""
        self._owners = accounts
        self._lanes = channels
        self._tasks = tasks

    async def list_tasks(
        self, *, user: str | None = None, state: str | None = None, before_id: str | None = None, limit: int = 50
    ) -> list[TaskInfo]:
        """Tasks, newest first."""
        require_limit(limit)
        found = await self._tasks.list_tasks(
            user_id=None if user is None else (await self._owners.find_user(user)).id,
            state=None if state is None else _state(state),
            before_id=before_id,
            limit=limit,
        )
        names = await Names.read(self._owners, self._lanes)
        return [_info(task, names) for task in found]

    async def show_task(self, task_id: str) -> TaskStory:
        """What happened with a task."""
        task = await self._find(task_id)
        return await self._task_story(task, await Names.read(self._owners, self._lanes))

    async def cancel_task(self, task_id: str, *, refund: str = "full") -> TaskInfo:
        """Cancel a task."""
        if refund not in set(RefundPolicy):
            raise InvalidRequestError(f"refund is one of {', '.join(RefundPolicy)}.", field="refund")
        task = await self._find(task_id)
        now = await self._tasks.cancel(task.id, refund=RefundPolicy(refund)) or task
        return _info(now, await Names.read(self._owners, self._lanes))

    async def buried_webhooks(self, *, limit: int = 50) -> list[WebhookInfo]:
        """Webhooks that were given up."""
        require_limit(limit)
        return [_webhook(event) for event in await self._tasks.buried_events(limit=limit)]

    async def redeliver(self, webhook_ids: list[str]) -> list[WebhookInfo]:
        """Try them again."""
        require_limit(len(webhook_ids))
        sent = await self._tasks.redeliver(webhook_ids)
        missing = set(webhook_ids) - {event.id for event in sent}
        if missing:
            raise NotFoundError(
                f"{min(missing)} is no webhook that was given up{'; the others are tried again' if sent else ''}.",
                field="webhook_ids",
            )
        return [_webhook(event) for event in sent]

    async def task_stories(self, task_id: str, names: Names) -> tuple[TaskStory, ...]:
        """What happened with the tasks of this id, or those that made a part of this id, such as a clip."""
        task = await self._tasks.look_up(task_id)
        found = [task] if task else await self._tasks.find_by_parts([task_id], user_id=None)
        return tuple([await self._task_story(one, names) for one in found])

    async def _find(self, task_id: str) -> Task:
        task = await self._tasks.look_up(task_id)
        if task is None:
            raise NotFoundError(f"There is no task {task_id!r}.", field="task_id", subject=task_id)
        return task

    async def _task_story(self, task: Task, names: Names) -> TaskStory:
        parts = (await self._tasks.parts([task.id])).get(task.id, ())
        events = await self._tasks.events_of(task.id)
        return TaskStory(
            task=_info(task, names),
            history=tuple(sorted(_history(task, parts, events, names), key=lambda one: one.at_ms)),
            ledger=ledger_infos(await self._tasks.ledger_of(task.id)),
            webhooks=tuple(_webhook(event) for event in events),
        )


def _history(task: Task, parts: Sequence[TaskPart], events: Sequence[EventRecord], names: Names) -> Iterator[Happening]:
    """What is known to have happened; of attempts only the last one is remembered."""
    yield Happening(at_ms=task.created_at_ms, what=f"submitted, {task.price} units held, to {names.lane(task.lane)}")
    if task.started_at_ms:
        yield Happening(at_ms=task.started_at_ms, what=f"begun; this is attempt {task.attempt} of {task.max_attempts}")
    for part in parts:
        yield Happening(at_ms=part.at_ms, what=f"part {part.index} finished")
    for event in events:
        status = "no answer" if event.last_status is None else f"status {event.last_status}"
        tried = f", tried {event.tries} times, last {status}" if event.tries else ""
        yield Happening(at_ms=event.created_at_ms, what=f"webhook {event.id} to {event.endpoint}: {event.state}{tried}")
    if task.finished_at_ms:
        yield Happening(at_ms=task.finished_at_ms, what=_end(task))


def _end(task: Task) -> str:
    cost = task.final_cost or 0
    why = f" ({task.error.code}: {task.error.message})" if task.error else ""
    return f"{task.state.value}{why}, {cost} units charged, {task.price - cost} given back"


def _state(name: str) -> TaskState:
    if name not in set(TaskState):
        raise InvalidRequestError(f"A task's state is one of {', '.join(TaskState)}.", field="state")
    return TaskState(name)


def _info(task: Task, names: Names) -> TaskInfo:
    same = TaskInfo.__struct_fields__
    told = {field: getattr(task, field) for field in same if field != "error" and hasattr(task, field)}
    return TaskInfo(
        **(told | {"lane": names.lane(task.lane), "state": task.state.value}),
        user=names.user(task.user_id),
        cost=task.final_cost,
        error_code=task.error.code if task.error else None,
        error=task.error.message if task.error else None,
    )


def _webhook(event: EventRecord) -> WebhookInfo:
    return WebhookInfo(**{field: getattr(event, field) for field in WebhookInfo.__struct_fields__})
