"""GET /v1/realtime?model=...: a WebSocket, relayed frame by frame.

What is wrong before the session stands is told as an HTTP error; from then on as an event of the wire, after which the
connection is closed. Browsers cannot set headers, so the key may come among the subprotocols.
"""

from urllib.parse import parse_qsl

from starlette.routing import BaseRoute, WebSocketRoute

from tutti.accounts.model import Caller
from tutti.errors import InvalidRequestError, TuttiError
from tutti.families.endpoint import caller_of, require_model, require_open
from tutti.families.errors import openai_teller
from tutti.families.immediate import refuse_unserved
from tutti.families.realtime.pump import Pump
from tutti.families.services import Services
from tutti.kit.asgi import Message, Receive, Scope, Send, header
from tutti.relay.call import Call
from tutti.relay.sessions import Session
from tutti.relay.wires import Peek

_KEY_PREFIX = "openai-insecure-api-key."
_BETA_PROTOCOL = "openai-beta.realtime-v1"
# The only one that is ever agreed on: browsers drop a connection whose offer was not taken up.
_PROTOCOL = "realtime"
_CARRIERS = (b"api-key",)


def routes(services: Services) -> list[BaseRoute]:
    """The one route."""
    return [WebSocketRoute("/v1/realtime", Realtime(services), name="realtime.connect")]


class Realtime:
    """Answers connections."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._tell_error = openai_teller(error_type=services.settings.error_type)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one connection."""
        await receive()  # the wish to connect
        try:
            require_open(scope)
            session = await self._open(scope)
        except TuttiError as error:
            await self._tell_error(error, scope, _refusing(send))
            return
        await send({"type": "websocket.accept", "subprotocol": _agreed(scope)})
        await Pump(session, scope["tutti.request_id"]).run(receive, send)

    async def _open(self, scope: Scope) -> Session:
        """A session at an upstream. Raises `TuttiError`."""
        caller = self._caller(scope)
        model = _model(scope)
        require_model(caller, model)
        trace = self._services.trace(scope)
        beta = {"openai-beta": "realtime=v1"} if _is_beta(scope) else {}
        call = Call(
            caller=caller,
            request_id=scope["tutti.request_id"],
            client_ip=self._services.client_ip(scope),
            operations=("realtime",),
            wire=None,
            peek=Peek(model=model, is_stream=True),
            body=b"",
            headers=beta if trace is None else {**beta, **trace.headers},
            trace=trace,
        )
        if not self._services.relay.serves(call, call.operations):
            refuse_unserved(self._services, model)
        return await self._services.sessions.open(call)

    def _caller(self, scope: Scope) -> Caller:
        key = _key_among(scope["subprotocols"])
        if key is not None:
            scope = {**scope, "headers": [(b"authorization", key.encode("latin-1", "replace"))]}
            return caller_of(scope, self._services)
        return caller_of(scope, self._services, *_CARRIERS)


def _key_among(protocols: list[str]) -> str | None:
    return next((one.removeprefix(_KEY_PREFIX) for one in protocols if one.startswith(_KEY_PREFIX)), None)


def _agreed(scope: Scope) -> str | None:
    return _PROTOCOL if _PROTOCOL in scope["subprotocols"] else None


def _is_beta(scope: Scope) -> bool:
    return _BETA_PROTOCOL in scope["subprotocols"] or header(scope, b"openai-beta") == "realtime=v1"


def _model(scope: Scope) -> str:
    query: str = scope["query_string"].decode("latin-1")
    for name, value in parse_qsl(query):
        if name == "model":
            return value
    raise InvalidRequestError("model is missing: name the model in the query.", field="model")


def _refusing(send: Send) -> Send:
    """Sends an HTTP reply in place of the connection."""

    async def send_reply(message: Message) -> None:
        await send({**message, "type": f"websocket.{message['type']}"})

    return send_reply
