"""GET /task/{id}, which several families share: the key first, then the task, then its own family's words."""

from collections.abc import Mapping

from starlette.routing import BaseRoute, Route

from tutti.errors import NotFoundError
from tutti.families.endpoint import Endpoint, caller_of
from tutti.families.errors import openai_teller
from tutti.families.services import Services, TaskTeller
from tutti.kit.asgi import Receive, Scope, Send, send_bytes


def routes(services: Services, tellers: Mapping[str, TaskTeller]) -> list[BaseRoute]:
    """The one route; `tellers` holds each family's by the family's name in the task row."""

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG001 - a GET has no body
        caller = caller_of(scope, services)
        public_id = scope["path_params"]["task_id"]
        found = await services.store.find([public_id], user_id=caller.user_id)
        if not found:
            raise NotFoundError(f"There is no task {public_id!r}.", field="id", subject=public_id)
        task = found[0]
        parts = await services.store.parts([task.id])
        body = tellers[task.family](task, parts.get(task.id, ()), services.link(scope))
        await send_bytes(send, status=200, body=body)

    endpoint = Endpoint(answer, openai_teller(error_type=services.settings.error_type))
    return [Route("/task/{task_id}", endpoint, methods=["GET"], name="tasks.dispatch")]
