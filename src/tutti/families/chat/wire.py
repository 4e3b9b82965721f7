"""The OpenAI chat wire as callers speak it."""

from collections.abc import Mapping, Sequence
from typing import Any

from tutti.errors import TuttiError
from tutti.families.chat.from_caller import chat_of
from tutti.families.chat.stream import ChatStream, error_event
from tutti.families.chat.to_caller import reply_of
from tutti.families.endpoint import decode
from tutti.intents.chat import Answer, Chat
from tutti.kit.asgi import EVENT_STREAM_HEADERS
from tutti.kit.clock import Clock
from tutti.relay.wires import Peek
from tutti.wires.openai_request import peek_decoder


class ChatWire:
    """Fulfils `CallerWire`. Vendors of other wires do not date their answers: the `clock` does."""

    name = "openai"
    stream_headers: Sequence[tuple[bytes, bytes]] = EVENT_STREAM_HEADERS
    heartbeat = b": ping\n\n"

    def __init__(self, clock: Clock, *, error_type: str) -> None:
        """`error_type` is the operator's word in error objects."""
        self._clock = clock
        self._error_type = error_type

    def peek(self, body: bytes, path: Mapping[str, Any]) -> Peek:  # noqa: ARG002 - the model stands in the body
        """The few fields that routing and holding need. Raises `InvalidRequestError` naming the field."""
        seen = decode(peek_decoder, body)
        limit = seen.max_tokens if seen.max_completion_tokens is None else seen.max_completion_tokens
        return Peek(model=seen.model, is_stream=bool(seen.stream), max_tokens=limit, count=seen.n or 1)

    def from_caller(self, body: bytes, path: Mapping[str, Any]) -> Chat:  # noqa: ARG002 - the model stands in the body
        """The whole request. Raises `InvalidRequestError` naming the field."""
        return chat_of(body)

    def to_caller(self, answer: Answer, chat: Chat) -> bytes:  # noqa: ARG002 - every request is answered alike
        """A whole reply."""
        return reply_of(answer, created_s=answer.created_s or self._now_s())

    def stream(self, chat: Chat) -> ChatStream:
        """What tells the reply to this request piece by piece."""
        return ChatStream(
            model=chat.model, tells_usage=chat.wants_usage, now_s=self._now_s(), error_type=self._error_type
        )

    def error_event(self, error: TuttiError, *, after: int) -> bytes:  # noqa: ARG002 - events have no number
        """An error in the midst of a stream, and the stream's end with it."""
        return error_event(error, error_type=self._error_type)

    def _now_s(self) -> int:
        return self._clock.now_ms() // 1000
