"""POST /v1/chat/completions: by a channel that serves the model, else by durable work that can be told in a chat."""

from collections.abc import Mapping

from starlette.routing import BaseRoute, Route

from tutti.families.chat.durable import BEAT_S, DurableChat
from tutti.families.chat.wire import ChatWire
from tutti.families.endpoint import Endpoint
from tutti.families.errors import openai_teller
from tutti.families.immediate import Immediate, spoken_in
from tutti.families.presenter import Presenter
from tutti.families.services import Services
from tutti.kit.asgi import Receive, Scope, Send

_PATHS = ("/v1/chat/completions", "/chat/completions", "/v1beta/openai/chat/completions")


def routes(services: Services, presenters: Mapping[str, Presenter], *, beat_s: float = BEAT_S) -> list[BaseRoute]:
    """The routes; `presenters` holds one for each kind of work that can be asked for in a chat."""
    wire = ChatWire(services.clock, error_type=services.settings.error_type)
    immediate = Immediate(services, spoken_in(wire, "chat"))
    durable = DurableChat(services, presenters, beat_s=beat_s)

    async def complete(scope: Scope, receive: Receive, send: Send) -> None:
        call = await immediate.call_of(scope, receive)
        if services.relay.serves(call, call.operations):
            call.caller.require_model(call.peek.model)
            await services.relay.answer(call, receive, send)
        else:
            await durable.answer(call, scope, receive, send)

    endpoint = Endpoint(complete, openai_teller(error_type=services.settings.error_type))
    return [Route(path, endpoint, methods=["POST"], name="chat.completions") for path in _PATHS]
