"""POST /v1/responses, answered while its caller waits or in the background; and the compaction of conversations."""

import asyncio
from dataclasses import replace

import msgspec

from tutti.errors import TuttiError, UnavailableError
from tutti.families.immediate import Immediate, Spoken, refuse_unserved, spoken_in
from tutti.families.responses.background import Background
from tutti.families.responses.keeping import Keeping, Prepared, not_kept
from tutti.families.responses.making import Making
from tutti.families.responses.response import Response, begun, failed, failure_code
from tutti.families.responses.wire import ResponsesWire
from tutti.families.services import Services
from tutti.kit.asgi import Message, Receive, Scope, Send, send_bytes
from tutti.relay.call import Call
from tutti.wires import responses as wire

# Fields of a request for an answer that one for a compaction does not have.
_OF_ANSWERS = frozenset({"store", "background", "stream", "include"})


class Creating:
    """Makes responses."""

    def __init__(self, services: Services, keeping: Keeping, background: Background) -> None:
        """Take what keeps responses, and what makes them while nobody waits."""
        self._services = services
        self._keeping = keeping
        self._background = background
        self._immediate = Immediate(services, spoken_in(ResponsesWire(services.clock), "responses"))

    async def create(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Make a response."""
        call = await self._immediate.call_of(scope, receive)
        prepared = await self._keeping.prepare(call.body, call.caller)
        if not prepared.is_changed:
            await self._immediate.answer_call(call, receive, send)
            return
        making = Making(self._keeping, prepared, call.caller)
        call = making.call(call)
        if prepared.is_background:
            await self._begin(making, prepared, call, send)
        else:
            await self._immediate.answer_call(call, receive, making.keeping(send))

    async def _begin(self, making: Making, prepared: Prepared, call: Call, send: Send) -> None:
        """Tell that the answer is waited for, and begin to make it."""
        call.caller.require_model(call.peek.model)
        if not self._services.relay.serves(call, call.operations):
            refuse_unserved(self._services, call.peek.model)
        chat = making.from_caller(call.body, call.path)
        queued = begun(chat, created_s=self._services.clock.now_ms() // 1000, status="queued")
        queued |= prepared.changes
        await self._keeping.begin(prepared, call.caller, queued)
        self._background.start(queued["id"], self._answer(making, call, queued))
        await send_bytes(send, status=200, body=wire.encoder.encode(queued))

    async def _answer(self, making: Making, call: Call, queued: Response) -> None:
        """Make the answer of a background response; a failure is kept in its place."""
        try:
            await self._services.relay.answer(call, _nobody, making.keeping(_nowhere))
        except TuttiError as error:
            await making.end(failed(queued, code=failure_code(error), message=error.message))


class Compacting:
    """Passes requests for compaction on to upstreams that offer it."""

    def __init__(self, services: Services, keeping: Keeping) -> None:
        """Take what finds the conversation."""
        peek = ResponsesWire(services.clock).peek
        spoken = Spoken(operation="responses_compact", peek=lambda body, _: replace(peek(body, {}), is_stream=False))
        self._immediate = Immediate(services, spoken, instead=_refuse)
        self._keeping = keeping

    async def compact(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Tell a conversation in fewer tokens."""
        call = await self._immediate.call_of(scope, receive)
        prepared = await self._keeping.prepare(not_kept(call.body), call.caller)
        if prepared.is_changed:
            call = msgspec.structs.replace(call, body=_to_compact(prepared.same_wire_body))
        await self._immediate.answer_call(call, receive, send)


def _to_compact(body: bytes) -> bytes:
    fields = msgspec.json.decode(body, type=dict[str, msgspec.Raw])
    return wire.encoder.encode({name: value for name, value in fields.items() if name not in _OF_ANSWERS})


async def _refuse(call: Call, _: Send) -> None:
    raise UnavailableError(
        f"No channel that serves {call.peek.model} compacts conversations: add one of a type that serves "
        "responses_compact, such as openai or gateway.",
        field="model",
        subject=call.peek.model,
    )


async def _nobody() -> Message:
    """A caller who went away already, and never comes back to say so."""
    return await asyncio.Future[Message]()


async def _nowhere(_: Message) -> None:
    """What is told to nobody."""
