"""The Claude wire as callers speak it."""

from collections.abc import Mapping, Sequence
from typing import Any

from tutti.errors import TuttiError
from tutti.families.claude.errors import error_event
from tutti.families.claude.from_caller import chat_of
from tutti.families.claude.stream import MessageStream
from tutti.families.claude.to_caller import reply_of
from tutti.families.endpoint import decode
from tutti.intents.chat import Answer, Chat
from tutti.kit.asgi import EVENT_STREAM_HEADERS
from tutti.relay.wires import Peek
from tutti.wires import claude
from tutti.wires.claude_request import peek_decoder


class ClaudeWire:
    """Fulfils `CallerWire`."""

    name = "claude"
    stream_headers: Sequence[tuple[bytes, bytes]] = EVENT_STREAM_HEADERS
    heartbeat = claude.event("ping")

    def peek(self, body: bytes, path: Mapping[str, Any]) -> Peek:  # noqa: ARG002 - the model stands in the body
        """The few fields that routing and holding need. Raises `InvalidRequestError` naming the field."""
        seen = decode(peek_decoder, body)
        return Peek(model=seen.model, is_stream=bool(seen.stream), max_tokens=seen.max_tokens)

    def from_caller(self, body: bytes, path: Mapping[str, Any]) -> Chat:  # noqa: ARG002 - the model stands in the body
        """The whole request. Raises `InvalidRequestError` naming the field."""
        return chat_of(body)

    def to_caller(self, answer: Answer, chat: Chat) -> bytes:  # noqa: ARG002 - every request is answered alike
        """A whole reply."""
        return reply_of(answer)

    def stream(self, chat: Chat) -> MessageStream:
        """What tells the reply to this request piece by piece."""
        return MessageStream(model=chat.model)

    def error_event(self, error: TuttiError, *, after: int) -> bytes:  # noqa: ARG002 - events have no number
        """An error in the midst of a stream, and the stream's end with it."""
        return error_event(error)
