"""GET /healthz says that the process lives, GET /readyz that it takes work; neither asks for a key.

The root lives too: Claude Code and others look there whether anybody answers.
"""

from collections.abc import Awaitable, Callable

import msgspec
from starlette.routing import BaseRoute, Route

from tutti.errors import TuttiError
from tutti.families.endpoint import Endpoint
from tutti.families.errors import openai_teller
from tutti.kit.asgi import Receive, Scope, Send, send_bytes

# Returns when work is taken; raises `TuttiError` with the reason when it is not.
RequireReady = Callable[[], Awaitable[None]]

_ALIVE = b'{"status":"ok"}'


def routes(require_ready: RequireReady, *, error_type: str) -> list[BaseRoute]:
    """The routes."""

    async def alive(scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG001 - a GET has no body
        await send_bytes(send, status=200, body=_ALIVE)

    async def ready(scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG001 - a GET has no body
        try:
            await require_ready()
        except TuttiError as error:
            body = msgspec.json.encode({"status": "not ready", "reason": error.code})
            await send_bytes(send, status=503, body=body)
        else:
            await send_bytes(send, status=200, body=_ALIVE)

    tell = openai_teller(error_type=error_type)
    return [
        Route("/", Endpoint(alive, tell), methods=["GET"], name="health.root"),
        Route("/healthz", Endpoint(alive, tell), methods=["GET"], name="health.alive"),
        Route("/readyz", Endpoint(ready, tell), methods=["GET"], name="health.ready"),
    ]
