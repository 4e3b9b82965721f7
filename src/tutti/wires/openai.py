"""The OpenAI wire as far as it is spoken here: chat requests, replies and chunks, and the error object.

Chunk order and field rules are those that the official SDKs' accumulators demand; see contracts/suno.yaml,
suno.chat.song.
"""

from typing import Literal

import msgspec


class ContentPart(msgspec.Struct, frozen=True, kw_only=True):
    """One part of a message; parts of other types than text carry no `text`."""

    type: str = "text"
    text: str | None = None


class ChatMessage(msgspec.Struct, frozen=True, kw_only=True):
    """One message of a conversation."""

    role: str
    content: str | list[ContentPart] | None = None


class StreamOptions(msgspec.Struct, frozen=True, kw_only=True):
    """How a stream is told."""

    include_usage: bool | None = None


class ChatRequest(msgspec.Struct, frozen=True, kw_only=True):
    """The fields of a chat request that durable work looks at; all others travel on in the raw body."""

    model: str
    messages: list[ChatMessage]
    stream: bool | None = None
    stream_options: StreamOptions | None = None

    @property
    def wants_usage(self) -> bool:
        """Whether a stream is to end with the usage."""
        return bool(self.stream_options and self.stream_options.include_usage)


class Usage(msgspec.Struct, frozen=True, kw_only=True):
    """Tokens of a call."""

    prompt_tokens: int
    completion_tokens: int
    total_tokens: int


class ReplyMessage(msgspec.Struct, frozen=True, kw_only=True):
    """What the assistant says."""

    role: Literal["assistant"] = "assistant"
    content: str
    refusal: None = None


class Choice(msgspec.Struct, frozen=True, kw_only=True):
    """The one answer of a whole reply."""

    index: int = 0
    message: ReplyMessage
    logprobs: None = None
    finish_reason: str


class ChatReply(msgspec.Struct, frozen=True, kw_only=True):
    """A whole reply; `created` in Unix seconds."""

    id: str
    object: Literal["chat.completion"] = "chat.completion"
    created: int
    model: str
    choices: tuple[Choice, ...]
    usage: Usage


class Delta(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a chunk adds."""

    role: str | msgspec.UnsetType = msgspec.UNSET
    content: str | msgspec.UnsetType = msgspec.UNSET


class ChunkChoice(msgspec.Struct, frozen=True, kw_only=True):
    """The one answer of a chunk."""

    index: int = 0
    delta: Delta
    finish_reason: str | None = None


class ChatChunk(msgspec.Struct, frozen=True, kw_only=True):
    """One event of a stream; `usage` stands in every chunk of a stream that was asked for it, null but in the last."""

    id: str
    object: Literal["chat.completion.chunk"] = "chat.completion.chunk"
    created: int
    model: str
    choices: tuple[ChunkChoice, ...]
    usage: Usage | msgspec.UnsetType | None = msgspec.UNSET


class ErrorObject(msgspec.Struct, frozen=True, kw_only=True):
    """What went wrong; `param` names the offending field."""

    message: str
    type: str
    param: str | None
    code: str


class ErrorBody(msgspec.Struct, frozen=True, kw_only=True):
    """The body of every error in this wire."""

    error: ErrorObject


DONE = b"[DONE]"

chat_request_decoder = msgspec.json.Decoder(ChatRequest)
encoder = msgspec.json.Encoder()
