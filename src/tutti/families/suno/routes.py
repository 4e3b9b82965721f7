"""The routes of the Suno family: submit a song or words, fetch one task or many."""

from starlette.routing import BaseRoute, Route

from tutti.accounts.model import Caller
from tutti.errors import InvalidRequestError, NoChannelError, UnknownModelError
from tutti.families.endpoint import (
    Endpoint,
    body_of,
    caller_of,
    decode,
    idempotency_key_of,
    require_model,
)
from tutti.families.services import Services
from tutti.families.suno.errors import TaskNotExistError, teller
from tutti.families.suno.render import to_suno_task
from tutti.families.suno.submit import FAMILY, submit
from tutti.families.suno.translate import to_continued, to_lyrics_wish, to_notify_hook, to_song
from tutti.intents import AnyIntent, GoOn
from tutti.kit.asgi import Receive, Scope, Send, send_bytes
from tutti.routing.models import Offer
from tutti.tasks.model import Task
from tutti.wires.suno import (
    Envelope,
    SubmitMusic,
    SunoTask,
    encoder,
    fetch_many_decoder,
    submit_lyrics_decoder,
    submit_music_decoder,
)

# More ids than any client sends; a longer list is one read too big for a database statement.
_MOST_IDS = 1000


def routes(services: Services) -> list[BaseRoute]:
    """What the app serves for this family; the alias of fetch stands before the action it would be taken for."""
    family = _Suno(services)
    tell_error = teller(error_type=services.settings.error_type)
    fetch_many = Endpoint(family.fetch_many, tell_error)
    return [
        Route("/suno/fetch", fetch_many, methods=["POST"], name="suno.fetch.batch"),
        Route("/suno/submit/fetch", fetch_many, methods=["POST"], name="suno.fetch.batch"),
        Route("/suno/submit/{action}", Endpoint(family.submit, tell_error), methods=["POST"], name="suno.submit"),
        Route("/suno/fetch/{task_id}", Endpoint(family.fetch_one, tell_error), methods=["GET"], name="suno.fetch.one"),
    ]


class _Suno:
    def __init__(self, services: Services) -> None:
        self._services = services
        self._wishes = {"music": self._music_wish, "lyrics": self._lyrics_wish}

    async def submit(self, scope: Scope, receive: Receive, send: Send) -> None:
        """POST /suno/submit/{action}: the task's id, once it is durable."""
        caller = caller_of(scope, self._services)
        action = scope["path_params"]["action"].lower()
        offer = self._offer(action)
        require_model(caller, f"suno_{action}")
        body = await body_of(scope, receive, self._services)
        intent, notify_hook = await self._wishes[action](caller, body)
        submitted = await submit(
            self._services,
            caller,
            offer,
            intent,
            body=body,
            notify_hook=to_notify_hook(notify_hook),
            idempotency_key=idempotency_key_of(scope),
        )
        await _send(send, Envelope(data=submitted.task.public_id), offer=offer)

    def _offer(self, action: str) -> Offer:
        """Who serves an action; an unknown one is a model that has no channel, as in the New-API family."""
        name = f"suno_{action}"
        try:
            return self._services.models.offer(name)
        except UnknownModelError:
            raise NoChannelError(f"No available channel for model {name}.", subject=name) from None

    async def _music_wish(self, caller: Caller, body: bytes) -> tuple[AnyIntent, str | None]:
        form = decode(submit_music_decoder, body)
        return to_song(form, source=await self._continued(caller, form)), form.notify_hook

    async def _lyrics_wish(self, caller: Caller, body: bytes) -> tuple[AnyIntent, str | None]:  # noqa: ARG002 - as its sibling
        form = decode(submit_lyrics_decoder, body)
        return to_lyrics_wish(form), form.notify_hook

    async def _continued(self, caller: Caller, form: SubmitMusic) -> GoOn | None:
        """The clip that a song goes on from: out of a task of the caller's own, whatever the state of that task."""
        if not form.continue_clip_id:
            return None
        if not form.task_id:
            raise InvalidRequestError("task id is empty", field="task_id")
        found = await self._find(caller, [form.task_id])
        if not found:
            raise TaskNotExistError("task_origin_not_exist", field="task_id")
        parts = await self._services.store.parts([found[0].id])
        return to_continued(form, parts.get(found[0].id, ()))

    async def fetch_one(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 - a GET has no body
        """GET /suno/fetch/{task_id}."""
        caller = caller_of(scope, self._services)
        found = await self._find(caller, [scope["path_params"]["task_id"]])
        if not found:
            raise TaskNotExistError(TaskNotExistError.code)
        told = await self._tell(found, scope)
        await _send(send, Envelope(data=told[0]))

    async def fetch_many(self, scope: Scope, receive: Receive, send: Send) -> None:
        """POST /suno/fetch: the known ones of the ids, in the order asked for."""
        caller = caller_of(scope, self._services)
        form = decode(fetch_many_decoder, await body_of(scope, receive, self._services))
        ids = list(dict.fromkeys(form.ids or ()))
        if len(ids) > _MOST_IDS:
            raise InvalidRequestError(f"ids holds {len(ids)} ids; at most {_MOST_IDS} are read at once.", field="ids")
        tasks = {task.public_id: task for task in await self._find(caller, ids)} if ids else {}
        told = await self._tell([tasks[public_id] for public_id in ids if public_id in tasks], scope)
        await _send(send, Envelope(data=told))

    async def _find(self, caller: Caller, ids: list[str]) -> list[Task]:
        found = await self._services.store.find(ids, user_id=caller.user_id)
        return [task for task in found if task.family == FAMILY]

    async def _tell(self, tasks: list[Task], scope: Scope) -> tuple[SunoTask, ...]:
        parts = await self._services.store.parts([task.id for task in tasks]) if tasks else {}
        link = self._services.link(scope)
        return tuple(to_suno_task(task, parts.get(task.id, ()), link) for task in tasks)


async def _send(send: Send, envelope: Envelope, *, offer: Offer | None = None) -> None:
    headers = [(b"x-tutti-engine", offer.engine.encode())] if offer else []
    await send_bytes(send, status=200, body=encoder.encode(envelope), headers=headers)
