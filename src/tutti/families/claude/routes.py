"""Anthropic's own paths, so that its SDKs and Claude Code work as they are; keys come as `x-api-key` too."""

from starlette.routing import BaseRoute, Route

from tutti.families.claude.errors import teller
from tutti.families.claude.wire import ClaudeWire
from tutti.families.counting import count_answer
from tutti.families.endpoint import Endpoint
from tutti.families.immediate import Immediate, Spoken, spoken_in
from tutti.families.services import Services

_CARRIERS = (b"x-api-key",)


def routes(services: Services) -> list[BaseRoute]:
    """Messages, and the count of a message's tokens."""
    wire = ClaudeWire()
    messages = Immediate(services, spoken_in(wire, "messages", *_CARRIERS))
    counted = Spoken(
        operation="messages_count",
        peek=lambda body, scope: wire.peek(body, scope.get("path_params", {})),
        carriers=_CARRIERS,
    )
    count = Immediate(
        services,
        counted,
        instead=count_answer(services.counter, lambda call: wire.from_caller(call.body, call.path), _told_count),
    )
    tell_error = teller()
    return [
        Route("/v1/messages", Endpoint(messages.answer, tell_error), methods=["POST"], name="claude.messages"),
        Route("/v1/messages/count_tokens", Endpoint(count.answer, tell_error), methods=["POST"], name="claude.count"),
    ]


def _told_count(tokens: int) -> bytes:
    return b'{"input_tokens":%d}' % tokens
