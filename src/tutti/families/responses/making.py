"""POST /v1/responses: a response on its way from a channel to its caller.

What is told last is kept first: a caller may go on from a response as soon as its end was read.
"""

from dataclasses import replace

import structlog
from msgspec import structs

from tutti.accounts.model import Caller
from tutti.errors import StoreError
from tutti.families.responses.from_caller import ResponsesChat
from tutti.families.responses.keeping import Keeping, Prepared, object_told
from tutti.families.responses.response import Response
from tutti.families.responses.stream import ResponsesStream
from tutti.families.responses.wire import ResponsesWire
from tutti.intents.chat import Answer, Chat
from tutti.kit.asgi import Message, Send
from tutti.relay.call import Call, Passage
from tutti.wires import responses as wire

_log = structlog.get_logger(__name__)


# What events of an answer's pieces lack: those that hold the response begin and end a stream.
_HOLDS_RESPONSE = b'"response"'


class Making(ResponsesWire):
    """The wire of one call, which remembers the response as it is told."""

    def __init__(self, keeping: Keeping, prepared: Prepared, caller: Caller) -> None:
        """Take what keeps the response, what it is made from, and whose it is."""
        super().__init__(keeping.clock)
        self._keeping = keeping
        self._prepared = prepared
        self._caller = caller
        # The whole response as it was told last, and what tells one piece by piece.
        self._told: bytes | None = None
        self._stream: ResponsesStream | None = None
        # The id by which a stream that passes through has begun.
        self._begun_id: str | None = None
        self._is_over = False

    def call(self, call: Call) -> Call:
        """The call as the relay gets it: with its past, and in this wire."""
        prepared = self._prepared
        passage = Passage(request=lambda _: prepared.same_wire_body, reply=self._reply_passed, event=self._event_passed)
        return structs.replace(call, wire=self, body=prepared.body, path=prepared.path, passage=passage)

    def to_caller(self, answer: Answer, chat: Chat) -> bytes:
        """A whole reply."""
        self._told = super().to_caller(answer, chat)
        return self._told

    def stream(self, chat: Chat) -> ResponsesStream:
        """What tells the reply to this request piece by piece."""
        if self._begun_id is not None and isinstance(chat, ResponsesChat):
            chat = replace(chat, response_id=self._begun_id)
        self._stream = super().stream(chat)
        return self._stream

    def _reply_passed(self, reply: bytes) -> bytes:
        self._told = self._prepared.told(reply)
        return self._told

    def _event_passed(self, data: bytes) -> bytes:
        if _HOLDS_RESPONSE not in data:
            return data
        event = object_told(data)
        response = event.get("response")
        if not isinstance(response, dict):
            return data
        response |= self._prepared.changes
        if str(event.get("type")) in wire.FINAL_EVENTS:
            self._told = wire.encoder.encode(response)
        elif isinstance(response.get("id"), str):
            self._begun_id = response["id"]
        return wire.encoder.encode(event)

    def keeping(self, send: Send) -> Send:
        """Sends as `send` does, and keeps the response before its end goes out."""

        async def send_kept(message: Message) -> None:
            if message["type"] == "http.response.body":
                await self._keep()
            await send(message)

        return send_kept

    async def end(self, response: Response) -> None:
        """Let a response that could not be made end so."""
        self._told = wire.encoder.encode(response)
        await self._keep()

    async def _keep(self) -> None:
        final = self._final()
        if final is None or self._is_over:
            return
        self._is_over = True
        try:
            await self._keeping.keep(self._prepared, self._caller, final)
        except StoreError:
            # It was made and is told all the same.
            _log.exception("response_not_kept")

    def _final(self) -> bytes | None:
        if self._stream is not None and self._stream.final is not None:
            return wire.encoder.encode(self._stream.final)
        return self._told
