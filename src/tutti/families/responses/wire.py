"""The Responses wire as callers speak it."""

from collections.abc import Mapping, Sequence
from typing import Any

from tutti.errors import TuttiError
from tutti.families.endpoint import decode
from tutti.families.responses.from_caller import chat_of
from tutti.families.responses.stream import ResponsesStream
from tutti.families.responses.to_caller import response_of
from tutti.intents.chat import Answer, Chat
from tutti.kit.asgi import EVENT_STREAM_HEADERS
from tutti.kit.clock import Clock
from tutti.relay.wires import Peek
from tutti.wires import responses as wire


class ResponsesWire:
    """Fulfils `CallerWire`. Vendors of other wires do not date their answers: the `clock` does."""

    name = "responses"
    stream_headers: Sequence[tuple[bytes, bytes]] = EVENT_STREAM_HEADERS
    heartbeat = b": ping\n\n"

    def __init__(self, clock: Clock) -> None:
        """Take the clock."""
        self._clock = clock

    def peek(self, body: bytes, path: Mapping[str, Any]) -> Peek:  # noqa: ARG002 - the model stands in the body
        """The few fields that routing and holding need. Raises `InvalidRequestError` naming the field."""
        seen = decode(wire.seen_decoder, body)
        return Peek(model=seen.model, is_stream=bool(seen.stream), max_tokens=seen.max_output_tokens)

    def from_caller(self, body: bytes, path: Mapping[str, Any]) -> Chat:
        """The whole request. Raises `InvalidRequestError` naming the field.

        `response_id` among the path's parameters is the id that the caller was told already.
        """
        return chat_of(body, response_id=path.get("response_id"))

    def to_caller(self, answer: Answer, chat: Chat) -> bytes:
        """A whole reply."""
        response = response_of(answer, chat, created_s=answer.created_s or self._now_s())
        return wire.encoder.encode(response)

    def stream(self, chat: Chat) -> ResponsesStream:
        """What tells the reply to this request piece by piece."""
        return ResponsesStream(chat, created_s=self._now_s())

    def error_event(self, error: TuttiError, *, after: int) -> bytes:
        """An error in the midst of a stream, and the stream's end with it."""
        data = {
            "type": "error",
            "code": error.code,
            "message": error.message,
            "param": error.field,
            "sequence_number": after,
        }
        return b"event: error\ndata: " + wire.encoder.encode(data) + b"\n\n"

    def _now_s(self) -> int:
        return self._clock.now_ms() // 1000
