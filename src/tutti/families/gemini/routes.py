"""Gemini's own paths: generate, stream, count, embed, and the list of models. Keys come in three ways, see `_CARRIERS`.

https://ai.google.dev/api/generate-content, seen 2026-11.
"""

from urllib.parse import parse_qs

from starlette.routing import BaseRoute, Route

from tutti.families.counting import count_answer
from tutti.families.endpoint import Endpoint
from tutti.families.gemini.errors import tell_error
from tutti.families.gemini.seals import without_foreign_seals
from tutti.families.gemini.tokens import count_reply, prompt_of
from tutti.families.gemini.wire import BATCH_EMBED, COUNT, EMBED, GENERATE, STREAM, GeminiWire, split_path
from tutti.families.immediate import Immediate, Spoken, spoken_in
from tutti.families.services import Services
from tutti.intents.chat import Chat
from tutti.kit.asgi import Receive, Scope, Send
from tutti.relay.call import Call, Passage
from tutti.relay.wires import Peek

_CARRIERS = (b"x-goog-api-key", b"?key")
_PASSAGE = Passage(request=without_foreign_seals)


def routes(services: Services) -> list[BaseRoute]:
    """The one route that all methods of a model share, under both versions of Google's address."""
    by_action = _actions(services)
    array = Immediate(
        services, spoken_in(GeminiWire(is_array=True), "gemini", *_CARRIERS, reframes=True, passage=_PASSAGE)
    )

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        model, action = split_path(scope["path_params"]["rest"])
        scope["path_params"] = {"model": model, "action": action}
        as_array = action == STREAM and parse_qs(scope.get("query_string", b"")).get(b"alt") != [b"sse"]
        await (array if as_array else by_action[action]).answer(scope, receive, send)

    endpoint = Endpoint(answer, tell_error)
    return [
        Route(f"/{version}/models/{{rest:path}}", endpoint, methods=["POST"], name="gemini.model")
        for version in ("v1beta", "v1")
    ]


def _actions(services: Services) -> dict[str, Immediate]:
    """What answers each method of a model."""
    wire = GeminiWire()

    def prompt(call: Call) -> Chat:
        return wire.from_caller(prompt_of(call.body, model=call.peek.model), call.path)

    generate = Immediate(services, spoken_in(wire, "gemini", *_CARRIERS, passage=_PASSAGE))
    return {
        GENERATE: generate,
        STREAM: generate,
        COUNT: Immediate(
            services, _passed("gemini_count"), instead=count_answer(services.counter, prompt, count_reply)
        ),
        EMBED: Immediate(services, _passed("gemini_embed")),
        BATCH_EMBED: Immediate(services, _passed("gemini_batch_embed")),
    }


def _passed(operation: str) -> Spoken:
    """What only upstreams of this wire do."""
    return Spoken(
        operation=operation, peek=lambda _body, scope: Peek(model=scope["path_params"]["model"]), carriers=_CARRIERS
    )
