"""What the routes of all immediate work share: from a request to a `Call`, which the relay answers.

A family says by a `Spoken` what its operation is, how its wire is read and where its callers put their key.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from tutti.accounts.model import Caller
from tutti.errors import NoChannelError
from tutti.families.endpoint import body_of, caller_of
from tutti.families.services import Services
from tutti.kit.asgi import Receive, Scope, Send, header
from tutti.relay.call import AS_IT_COMES, Call, Passage
from tutti.relay.tracing import Trace
from tutti.relay.wires import CallerWire, Peek

# Each of these can do the work of the others: the words are said anew in its wire.
CONVERSATIONS = ("chat", "responses", "messages", "gemini")
# Answers a call by other means than a channel.
Instead = Callable[[Call, Send], Awaitable[None]]
# What callers may say to an upstream beside the body.
_TRAVELLING = frozenset({b"anthropic-beta", b"openai-beta"})


@dataclass(frozen=True, kw_only=True, slots=True)
class Spoken:
    """One operation as callers reach it."""

    operation: str
    # Reads the model and the few figures that are needed.
    peek: Callable[[bytes, Scope], Peek]
    # The wire of a conversation; None where a call can only be passed on.
    wire: CallerWire | None = None
    # Where the key may stand beside the Authorization header, see `caller_of`.
    carriers: tuple[bytes, ...] = ()
    # See `Call.reframes`.
    reframes: bool = False
    passage: Passage = AS_IT_COMES
    operations: tuple[str, ...] = field(init=False)

    def __post_init__(self) -> None:
        others = [one for one in CONVERSATIONS if one != self.operation] if self.wire else []
        object.__setattr__(self, "operations", (self.operation, *others))


def spoken_in(
    wire: CallerWire, operation: str, *carriers: bytes, reframes: bool = False, passage: Passage = AS_IT_COMES
) -> Spoken:
    """A conversation in one wire."""
    return Spoken(
        operation=operation,
        peek=lambda body, scope: wire.peek(body, scope.get("path_params", {})),
        wire=wire,
        carriers=carriers,
        reframes=reframes,
        passage=passage,
    )


class Immediate:
    """Answers one operation."""

    def __init__(self, services: Services, spoken: Spoken, *, instead: Instead | None = None) -> None:
        """`instead` answers for models that no channel does this for, but some channel serves."""
        self._instead = instead
        self._services = services
        self._spoken = spoken

    async def answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request. Raises `TuttiError` as long as nothing was said."""
        await self.answer_call(await self.call_of(scope, receive), receive, send)

    async def answer_call(self, call: Call, receive: Receive, send: Send) -> None:
        """Answer a request that was read. Raises `TuttiError` as long as nothing was said."""
        call.caller.require_model(call.peek.model)
        relay = self._services.relay
        if relay.serves(call, call.operations):
            await relay.answer(call, receive, send)
        elif self._instead is not None and relay.serves(call, CONVERSATIONS):
            await self._instead(call, send)
        else:
            refuse_unserved(self._services, call.peek.model)

    async def call_of(self, scope: Scope, receive: Receive) -> Call:
        """The request, read. Raises `AuthError`, `InvalidRequestError`."""
        spoken = self._spoken
        caller = caller_of(scope, self._services, *spoken.carriers)
        body = await body_of(scope, receive, self._services, with_files=True)
        services = self._services
        return _call(scope, body, caller, spoken, client_ip=services.client_ip(scope), trace=services.trace(scope))


def refuse_unserved(services: Services, model: str) -> None:
    """Raise what is true of a model without a channel: `UnknownModelError`, `NoChannelError` or `UnavailableError`."""
    offer = services.models.offer(model)
    raise NoChannelError(
        f"{model} is served here by an engine for {offer.kind}, which does not do this.", subject=model
    )


def _call(scope: Scope, body: bytes, caller: Caller, spoken: Spoken, *, client_ip: str, trace: Trace | None) -> Call:
    return Call(
        caller=caller,
        request_id=scope.get("tutti.request_id", ""),
        client_ip=client_ip,
        operations=spoken.operations,
        wire=spoken.wire,
        peek=spoken.peek(body, scope),
        body=body,
        content_type=header(scope, b"content-type") or "application/json",
        path=scope.get("path_params", {}),
        headers=_travelling(scope) if trace is None else {**_travelling(scope), **trace.headers},
        reframes=spoken.reframes,
        passage=spoken.passage,
        only_channel=caller.channel,
        trace=trace,
    )


def _travelling(scope: Scope) -> dict[str, str]:
    """Those of the caller's headers that go on to the upstream."""
    found = {}
    for name, value in scope["headers"]:
        if name in _TRAVELLING:
            found[name.decode("latin-1")] = value.decode("latin-1")
    return found
