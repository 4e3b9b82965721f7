"""Reading tasks: one, or many at once."""

from tutti.errors import InvalidRequestError
from tutti.families.endpoint import body_of, caller_of, decode
from tutti.families.services import Services
from tutti.families.suno.errors import TaskNotExistError
from tutti.families.suno.own import own_task, own_tasks
from tutti.families.suno.render import to_suno_task
from tutti.kit.asgi import Receive, Scope, Send, send_bytes
from tutti.tasks.model import Task
from tutti.wires.suno import Envelope, SunoTask, encoder, fetch_many_decoder

# More ids than any client sends; a longer list is one read too big for a database statement.
_MOST_IDS = 1000


class Fetching:
    """The routes under /suno/fetch."""

    def __init__(self, services: Services) -> None:
        self._services = services

    async def one(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 - a GET has no body
        """GET /suno/fetch/{task_id}."""
        caller = caller_of(scope, self._services)
        task = await own_task(self._services, caller, scope["path_params"]["task_id"])
        if task is None:
            raise TaskNotExistError(TaskNotExistError.code)
        told = await self._tell([task], scope)
        await send_bytes(send, status=200, body=encoder.encode(Envelope(data=told[0])))

    async def many(self, scope: Scope, receive: Receive, send: Send) -> None:
        """POST /suno/fetch: the known ones of the ids, in the order asked for."""
        caller = caller_of(scope, self._services)
        form = decode(fetch_many_decoder, await body_of(scope, receive, self._services))
        ids = list(dict.fromkeys(form.ids or ()))
        if len(ids) > _MOST_IDS:
            raise InvalidRequestError(f"ids holds {len(ids)} ids; at most {_MOST_IDS} are read at once.", field="ids")
        tasks = {task.public_id: task for task in await own_tasks(self._services, caller, ids)} if ids else {}
        told = await self._tell([tasks[public_id] for public_id in ids if public_id in tasks], scope)
        await send_bytes(send, status=200, body=encoder.encode(Envelope(data=told)))

    async def _tell(self, tasks: list[Task], scope: Scope) -> tuple[SunoTask, ...]:
        parts = await self._services.store.parts([task.id for task in tasks]) if tasks else {}
        link = self._services.link(scope)
        return tuple(to_suno_task(task, parts.get(task.id, ()), link) for task in tasks)
