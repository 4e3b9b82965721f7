"""A gateway whose responses are made by a stand-in: it says how many turns it was shown."""

import asyncio
import json
from dataclasses import dataclass, field
from typing import Any

from openai import AsyncOpenAI
from starlette.routing import Route

from tests.gateway import BASE_URL, Gateway, make_gateway
from tutti.accounts.model import Caller
from tutti.families.endpoint import Endpoint, body_of, caller_of
from tutti.families.errors import openai_teller
from tutti.families.gate import Gate
from tutti.families.responses.background import Background
from tutti.families.responses.from_caller import chat_of
from tutti.families.responses.keeping import Keeping, Prepared
from tutti.families.responses.response import begun
from tutti.families.responses.routes import routes
from tutti.families.responses.wire import ResponsesWire
from tutti.intents.chat import Answer, Choice, Text, Thinking, Usage
from tutti.kit.asgi import Receive, Scope, Send, send_bytes


@dataclass
class Desk:
    """The gateway, and what it shows of its work."""

    gateway: Gateway
    keeping: Keeping
    background: Background = field(default_factory=lambda: Background(Gate()))
    # Background answers wait for it.
    may_answer: asyncio.Event = field(default_factory=asyncio.Event)
    prepared: list[Prepared] = field(default_factory=list)

    def client(self, secret: str | None = None) -> AsyncOpenAI:
        """OpenAI's own SDK."""
        http = self.gateway.client(secret or self.gateway.secret)
        key = secret or self.gateway.secret
        return AsyncOpenAI(api_key=key, base_url=f"{BASE_URL}/v1", http_client=http, max_retries=0)

    async def create(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Make a response."""
        services = self.gateway.services
        caller = caller_of(scope, services)
        prepared = await self.keeping.prepare(await body_of(scope, receive, services), caller)
        self.prepared.append(prepared)
        if not prepared.is_background:
            reply = self._answer(prepared)
            await self.keeping.keep(prepared, caller, reply)
            await send_bytes(send, status=200, body=reply)
            return
        chat = chat_of(prepared.body, response_id=prepared.response_id)
        queued = begun(chat, created_s=1, status="queued")
        await self.keeping.begin(prepared, caller, queued)
        assert prepared.response_id
        self.background.start(prepared.response_id, self._later(prepared, caller))
        await send_bytes(send, status=200, body=json.dumps(queued).encode())

    async def _later(self, prepared: Prepared, caller: Caller) -> None:
        await self.may_answer.wait()
        await self.keeping.keep(prepared, caller, self._answer(prepared))

    def _answer(self, prepared: Prepared) -> bytes:
        wire = ResponsesWire(self.gateway.services.clock)
        chat = wire.from_caller(prepared.body, prepared.path)
        parts = (Thinking(text="hm", signature="EqQB"), Text(text=f"{len(chat.messages)} turns"))
        usage = Usage(input_tokens=1, output_tokens=1)
        return wire.to_caller(Answer(id="x", model="m", choices=(Choice(parts=parts),), usage=usage), chat)


async def make_desk(**limits: Any) -> Desk:
    """A desk with one user and key."""
    gateway = await make_gateway()
    desk = Desk(gateway=gateway, keeping=Keeping(gateway.store, gateway.services.clock, **limits))

    endpoint = Endpoint(desk.create, openai_teller(error_type="tutti_error"))
    gateway.api.router.routes[:0] = [
        Route("/v1/responses", endpoint, methods=["POST"]),
        *routes(gateway.services, desk.keeping, desk.background),
    ]
    return desk
