"""Our own routes over every caller's tasks: list, look, follow, cancel. Errors are told by the OpenAI error object."""

import math
from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response, StreamingResponse
from fastapi.security import HTTPBearer
from starlette.routing import BaseRoute

from tutti.accounts.model import Caller
from tutti.errors import NotFoundError
from tutti.families.endpoint import caller_of
from tutti.families.services import Link, Services
from tutti.families.tasks.translate import NeutralTask, TaskPage, encoder, to_neutral
from tutti.kit.asgi import EVENT_STREAM_HEADERS, JSON_TYPE
from tutti.tasks.model import RefundPolicy, Task
from tutti.tasks.states import TaskState
from tutti.tasks.wait import snapshots

_EVENTS_TYPE = "text/event-stream"
_EVENTS_HEADERS = {key.decode(): value.decode() for key, value in EVENT_STREAM_HEADERS}
# Seconds of silence after which a stream of progress says that it still lives.
PING_S = 15.0


def routes(services: Services, *, ping_s: float = PING_S) -> list[BaseRoute]:
    """The four routes, documented in the app's own OpenAPI page."""
    tasks = _Tasks(services, ping_s)
    # Shows the key field on the documentation page; the key itself is read as on every other route.
    router = APIRouter(tags=["tasks"], dependencies=[Depends(HTTPBearer(auto_error=False))])

    def caller(request: Request) -> Caller:
        return caller_of(request.scope, services)

    Who = Annotated[Caller, Depends(caller)]  # noqa: N806 - a type

    @router.get("/v1/tasks", name="tasks.list", summary="List your tasks, newest first")
    async def list_tasks(
        request: Request,
        who: Who,
        limit: Annotated[int, Query(ge=1, le=100, description="Tasks to a page.")] = 20,
        after: Annotated[str | None, Query(description="Go on after this task.")] = None,
        status: Annotated[TaskState | None, Query(description="Only tasks in this state.")] = None,
    ) -> Response:
        return _json(await tasks.page(who, services.link(request.scope), limit=limit, after=after, state=status))

    @router.get("/v1/tasks/{task_id}", name="tasks.get", summary="Look at one task, or follow it as an event stream")
    async def get_task(request: Request, who: Who, task_id: str) -> Response:
        if _EVENTS_TYPE in request.headers.get("accept", ""):
            return await follow_task(request, who, task_id)
        task = await tasks.find(who, task_id)
        return _json(await tasks.tell(task, services.link(request.scope)))

    @router.get("/v1/tasks/{task_id}/events", name="tasks.events", summary="Follow one task as an event stream")
    async def follow_task(request: Request, who: Who, task_id: str) -> Response:
        task = await tasks.find(who, task_id)
        events = tasks.events(task, services.link(request.scope))
        return StreamingResponse(events, media_type=_EVENTS_TYPE, headers=_EVENTS_HEADERS)

    @router.delete("/v1/tasks/{task_id}", name="tasks.cancel", summary="Cancel a task")
    async def cancel_task(request: Request, who: Who, task_id: str) -> Response:
        task = await tasks.cancel(who, task_id)
        return _json(await tasks.tell(task, services.link(request.scope)))

    return list(router.routes)


class _Tasks:
    def __init__(self, services: Services, ping_s: float) -> None:
        self._services = services
        self._store = services.store
        self._ping_s = ping_s

    async def find(self, who: Caller, public_id: str) -> Task:
        """A task of the caller's. Raises `NotFoundError` for unknown and foreign ones alike."""
        found = await self._store.find([public_id], user_id=who.user_id)
        if not found:
            raise NotFoundError(f"There is no task {public_id!r}.", field="id", subject=public_id)
        return found[0]

    async def tell(self, task: Task, link: Link) -> NeutralTask:
        parts = await self._store.parts([task.id])
        return to_neutral(task, parts.get(task.id, ()), link)

    async def page(
        self, who: Caller, link: Link, *, limit: int, after: str | None, state: TaskState | None
    ) -> TaskPage:
        """One page; one task more than asked for is read, to know whether another page follows."""
        before_id = (await self.find(who, after)).id if after else None
        found = await self._store.list_tasks(user_id=who.user_id, limit=limit + 1, before_id=before_id, state=state)
        shown = found[:limit]
        parts = await self._store.parts([task.id for task in shown]) if shown else {}
        return TaskPage(
            data=tuple(to_neutral(task, parts.get(task.id, ()), link) for task in shown),
            has_more=len(found) > limit,
            last_id=shown[-1].public_id if shown else None,
        )

    async def cancel(self, who: Caller, public_id: str) -> Task:
        """Cancel under the operator's refund policy; a task that has ended stays as it is."""
        task = await self.find(who, public_id)
        refund = RefundPolicy(self._services.settings.cancel_refund)
        cancelled = await self._store.cancel(task.id, refund=refund)
        if cancelled is None:
            raise NotFoundError(f"There is no task {public_id!r}.", field="id", subject=public_id)
        return cancelled

    async def events(self, task: Task, link: Link) -> AsyncIterator[bytes]:
        """Each visible change as an event "progress", the end as an event "done"."""
        seen_version = -1
        # A task ends by its deadline at the latest, and the stream with it.
        async with aclosing(snapshots(self._store, task, timeout_s=math.inf, every_s=self._ping_s)) as states:
            async for state in states:
                if state.version == seen_version:
                    yield b": ping\n\n"
                    continue
                seen_version = state.version
                name = b"done" if state.is_terminal else b"progress"
                yield b"event: " + name + b"\ndata: " + encoder.encode(await self.tell(state, link)) + b"\n\n"


def _json(told: NeutralTask | TaskPage) -> Response:
    return Response(encoder.encode(told), media_type=JSON_TYPE.decode())
