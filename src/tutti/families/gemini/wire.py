"""The Gemini wire as callers speak it: fulfils `CallerWire`.

The model and what is wanted of it stand in the path: `models/{model}:{action}`. The route hands over the two as the
path parameters `model` and `action`, told apart by `split_path`.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple
from urllib.parse import unquote

import msgspec

from tutti.errors import InvalidRequestError, NotFoundError, TuttiError
from tutti.families.endpoint import decode
from tutti.families.gemini.errors import error_body
from tutti.families.gemini.frames import ArrayFrames, EventFrames
from tutti.families.gemini.from_caller import from_caller
from tutti.families.gemini.stream import GeminiStream
from tutti.families.gemini.to_caller import to_caller
from tutti.intents.chat import Answer, Chat
from tutti.kit.asgi import EVENT_STREAM_HEADERS
from tutti.relay.wires import Peek

GENERATE = "generateContent"
STREAM = "streamGenerateContent"
COUNT = "countTokens"
EMBED = "embedContent"
BATCH_EMBED = "batchEmbedContents"
ACTIONS = frozenset({GENERATE, STREAM, COUNT, EMBED, BATCH_EMBED})


class Target(NamedTuple):
    """What a path names."""

    model: str
    action: str


def split_path(rest: str) -> Target:
    """What stands behind `/models/`, such as "gemini-2.5-flash:generateContent". Raises `NotFoundError`.

    Names of models may hold colons and slashes themselves, so the last colon counts; clients may write it as %3A.
    """
    model, _, action = unquote(rest).rpartition(":")
    model = model.removeprefix("models/").removeprefix("tunedModels/")
    if not model or action not in ACTIONS:
        raise NotFoundError(f"There is no method {action!r} of a model here: use one of {', '.join(sorted(ACTIONS))}.")
    return Target(model, action)


class _Config(msgspec.Struct, rename="camel"):
    max_output_tokens: int | None = None
    candidate_count: int | None = None


class _SnakeConfig(msgspec.Struct):
    max_output_tokens: int | None = None
    candidate_count: int | None = None


class _Limits(msgspec.Struct):
    camel: _Config | None = msgspec.field(default=None, name="generationConfig")
    snake: _SnakeConfig | None = msgspec.field(default=None, name="generation_config")


_limits_decoder = msgspec.json.Decoder(_Limits)


class GeminiWire:
    """Fulfils `CallerWire`, for callers who read events or, with `is_array`, one JSON array."""

    name = "gemini"
    # The only thing that the SDK's reader skips, and white space between the items of an array.
    heartbeat = b"\n"

    def __init__(self, *, is_array: bool = False) -> None:
        """Choose how streams are told."""
        self._is_array = is_array
        self.stream_headers: Sequence[tuple[bytes, bytes]] = (
            ((b"content-type", b"application/json"),) if is_array else EVENT_STREAM_HEADERS
        )

    def peek(self, body: bytes, path: Mapping[str, Any]) -> Peek:
        """The few fields that routing and holding need. Raises `InvalidRequestError` naming the field."""
        limits = decode(_limits_decoder, body)
        try:
            body.decode()
        except UnicodeDecodeError as error:
            # Nothing else of the body is looked at here: the model stands in the path.
            raise InvalidRequestError(f"The body is not valid JSON: {error}") from error
        config = limits.camel or limits.snake
        return Peek(
            model=path["model"],
            is_stream=path["action"] == STREAM,
            max_tokens=config.max_output_tokens if config else None,
            count=max(1, (config.candidate_count if config else None) or 1),
        )

    def from_caller(self, body: bytes, path: Mapping[str, Any]) -> Chat:
        """The whole request. Raises `InvalidRequestError` naming the field."""
        return from_caller(body, model=path["model"], is_stream=path["action"] == STREAM)

    def to_caller(self, answer: Answer, chat: Chat) -> bytes:  # noqa: ARG002 - this wire repeats nothing of the request
        """A whole reply."""
        return to_caller(answer)

    def stream(self, chat: Chat) -> GeminiStream:
        """What tells the reply to this request piece by piece."""
        return GeminiStream(ArrayFrames() if self._is_array else EventFrames(), model=chat.model)

    def error_event(self, error: TuttiError, *, after: int) -> bytes:  # noqa: ARG002 - events have no number
        """An error in the midst of a stream, and the stream's end with it; arrays never pass through."""
        return EventFrames().chunk(error_body(error.status, error.message))
