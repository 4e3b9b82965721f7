"""The OpenAI wire: chat replies and chunks, the error object, and of requests what durable work looks at.

One set of structs serves both directions: what we tell leaves nothing out that SDKs want, and what upstreams tell may
leave out much. Chunk order and field rules are those that the official SDKs' accumulators demand; see
contracts/chat.yaml. Whole requests are in `openai_request.py`.
"""

from collections.abc import Sequence
from typing import Any

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


class PromptDetails(msgspec.Struct, frozen=True, kw_only=True):
    """What of the prompt was cached, and what of it was sound; the last field is that of newer vendors."""

    cached_tokens: int | None = 0
    audio_tokens: int | None = 0
    cache_write_tokens: int | msgspec.UnsetType | None = msgspec.UNSET


class CompletionDetails(msgspec.Struct, frozen=True, kw_only=True):
    """What of the answer was thought, and what of it is sound."""

    reasoning_tokens: int | None = 0
    audio_tokens: int | None = 0
    accepted_prediction_tokens: int | None = 0
    rejected_prediction_tokens: int | None = 0


class Usage(msgspec.Struct, frozen=True, kw_only=True):
    """Tokens of a call: all of the prompt, cached or not, and all of the answer, thoughts included."""

    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    total_tokens: int | None = None
    prompt_tokens_details: PromptDetails | msgspec.UnsetType | None = msgspec.UNSET
    completion_tokens_details: CompletionDetails | msgspec.UnsetType | None = msgspec.UNSET
    # DeepSeek's older word for the cached part.
    prompt_cache_hit_tokens: int | msgspec.UnsetType | None = msgspec.UNSET
    # Moonshot's: https://platform.kimi.ai/docs/api/chat, read 2026-11-28.
    cached_tokens: int | msgspec.UnsetType | None = msgspec.UNSET


class CalledFunction(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The function of a call, or what a chunk adds to it."""

    name: str | None = None
    arguments: str | None = None


class ToolCall(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A call of a tool, or what a chunk adds to the one of that `index`; identity is told once, in the first."""

    index: int | None = None
    id: str | None = None
    type: str | None = None
    function: CalledFunction | None = None
    # Google keeps the seal of a call here.
    extra_content: dict[str, Any] | None = None


class ReplyMessage(msgspec.Struct, frozen=True, kw_only=True):
    """What the assistant says."""

    role: str = "assistant"
    # A few vendors answer in parts.
    content: str | list[dict[str, Any]] | None = None
    refusal: str | None = None
    tool_calls: Sequence[ToolCall] | msgspec.UnsetType | None = msgspec.UNSET
    # Thoughts: DeepSeek's name and OpenRouter's; then OpenRouter's list of them with their seals.
    reasoning_content: str | msgspec.UnsetType | None = msgspec.UNSET
    reasoning: str | msgspec.UnsetType | None = msgspec.UNSET
    reasoning_details: Sequence[dict[str, Any]] | msgspec.UnsetType | None = msgspec.UNSET
    annotations: Sequence[dict[str, Any]] | msgspec.UnsetType | None = msgspec.UNSET
    audio: dict[str, Any] | msgspec.UnsetType | None = msgspec.UNSET
    # OpenRouter: pictures that the model drew.
    images: Sequence[dict[str, Any]] | msgspec.UnsetType | None = msgspec.UNSET


class Choice(msgspec.Struct, frozen=True, kw_only=True):
    """One answer of a whole reply."""

    index: int = 0
    message: ReplyMessage
    logprobs: dict[str, Any] | None = None
    finish_reason: str | None = None


class ChatReply(msgspec.Struct, frozen=True, kw_only=True):
    """A whole reply; `created` in Unix seconds."""

    id: str = ""
    object: str = "chat.completion"
    created: int = 0
    model: str = ""
    choices: Sequence[Choice]
    usage: Usage | None = None
    service_tier: str | msgspec.UnsetType | None = msgspec.UNSET


class Delta(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a chunk adds."""

    role: str | None = None
    content: str | list[dict[str, Any]] | None = None
    refusal: str | None = None
    tool_calls: Sequence[ToolCall] | None = None
    reasoning_content: str | None = None
    reasoning: str | None = None
    reasoning_details: Sequence[dict[str, Any]] | None = None
    annotations: Sequence[dict[str, Any]] | None = None
    audio: dict[str, Any] | None = None
    images: Sequence[dict[str, Any]] | None = None


class ChunkChoice(msgspec.Struct, frozen=True, kw_only=True):
    """One answer of a chunk."""

    index: int = 0
    delta: Delta
    logprobs: dict[str, Any] | msgspec.UnsetType | None = msgspec.UNSET
    finish_reason: str | None = None
    # Moonshot's place for the figures of a stream: https://platform.kimi.ai/docs/api/chat, read 2026-11-28.
    usage: Usage | msgspec.UnsetType | None = msgspec.UNSET


class ChatChunk(msgspec.Struct, frozen=True, kw_only=True):
    """One event of a stream; `usage` stands in every chunk of a stream that was asked for it, null but in the last."""

    id: str = ""
    object: str = "chat.completion.chunk"
    created: int = 0
    model: str = ""
    choices: Sequence[ChunkChoice] = ()
    usage: Usage | msgspec.UnsetType | None = msgspec.UNSET
    # What upstreams send in place of what would have come next.
    error: Any = msgspec.UNSET


class Counted(msgspec.Struct, frozen=True, kw_only=True):
    """What is read of a reply or a chunk that passes through."""

    usage: Usage | None = None


class CountedChoices(msgspec.Struct, frozen=True, kw_only=True):
    """The same of a chunk that tells its figures with its answers."""

    choices: Sequence[Counted] = ()


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
reply_decoder = msgspec.json.Decoder(ChatReply)
chunk_decoder = msgspec.json.Decoder(ChatChunk)
usage_decoder = msgspec.json.Decoder(Counted)
choices_usage_decoder = msgspec.json.Decoder(CountedChoices)
encoder = msgspec.json.Encoder()
