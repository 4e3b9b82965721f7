"""Requests in the Claude wire: the fields of the Messages API that converters know; all others stay in the raw body.

https://platform.claude.com/docs/en/api/messages, 2026-11. Blocks and tools come in kinds: they stay plain objects here
and are read by the struct of their kind.
"""

from typing import Annotated, Any

import msgspec

JsonObject = dict[str, Any]
ModelName = Annotated[str, msgspec.Meta(min_length=1)]
# Limits that make no sense beyond are refused before anything is held for them. Zero fills the cache and says nothing.
TokenLimit = Annotated[int, msgspec.Meta(ge=0, le=2**30)]


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """One turn."""

    role: str
    content: str | list[JsonObject]


class Thinking(msgspec.Struct, frozen=True, kw_only=True):
    """Whether and how long Claude thinks; `display` says whether the thoughts are told."""

    type: str
    budget_tokens: TokenLimit | None = None
    display: str | None = None


class OutputConfig(msgspec.Struct, frozen=True, kw_only=True):
    """How much effort goes into the answer, and its form."""

    effort: str | None = None
    format: JsonObject | None = None


class ToolChoice(msgspec.Struct, frozen=True, kw_only=True):
    """Which tool is to be called."""

    type: str
    name: str | None = None
    disable_parallel_tool_use: bool | None = None


class MessagesRequest(msgspec.Struct, frozen=True, kw_only=True):
    """What a caller asks of /v1/messages."""

    model: ModelName
    messages: Annotated[list[JsonObject], msgspec.Meta(min_length=1)]
    max_tokens: TokenLimit | None = None
    system: str | list[JsonObject] | None = None
    stream: bool | None = None
    temperature: float | None = None
    top_p: float | None = None
    top_k: int | None = None
    stop_sequences: list[str] | None = None
    metadata: JsonObject | None = None
    tools: list[JsonObject] | None = None
    tool_choice: ToolChoice | None = None
    thinking: Thinking | None = None
    output_config: OutputConfig | None = None
    service_tier: str | None = None


class CacheControl(msgspec.Struct, frozen=True, kw_only=True):
    """A mark: everything up to here is to be cached."""

    type: str = "ephemeral"
    ttl: str | None = None


class TextBlock(msgspec.Struct, frozen=True, kw_only=True):
    """Words; `citations` come back with answers of earlier turns."""

    type: str
    text: str
    citations: list[JsonObject] | None = None
    cache_control: CacheControl | None = None


class Source(msgspec.Struct, frozen=True, kw_only=True):
    """Where a picture or a document is: base64, url, file, text or content by its type."""

    type: str
    media_type: str = ""
    data: str | None = None
    url: str | None = None
    file_id: str | None = None
    content: str | list[JsonObject] | None = None


class ImageBlock(msgspec.Struct, frozen=True, kw_only=True):
    """A picture."""

    type: str
    source: Source
    cache_control: CacheControl | None = None


class DocumentBlock(msgspec.Struct, frozen=True, kw_only=True):
    """A document."""

    type: str
    source: Source
    title: str | None = None
    cache_control: CacheControl | None = None


class ToolUseBlock(msgspec.Struct, frozen=True, kw_only=True):
    """A call that Claude made; `caller` is told in newer answers."""

    type: str
    id: str
    name: str
    input: JsonObject | None = None
    caller: JsonObject | None = None
    cache_control: CacheControl | None = None


class ToolResultBlock(msgspec.Struct, frozen=True, kw_only=True):
    """What a tool gave."""

    type: str
    tool_use_id: str
    content: str | list[JsonObject] | None = None
    is_error: bool | None = None
    cache_control: CacheControl | None = None


class ThinkingBlock(msgspec.Struct, frozen=True, kw_only=True):
    """Thoughts of an earlier turn."""

    type: str
    thinking: str = ""
    signature: str | None = None


class RedactedThinkingBlock(msgspec.Struct, frozen=True, kw_only=True):
    """Thoughts that only the vendor can read."""

    type: str
    data: str = ""


class SearchResultBlock(msgspec.Struct, frozen=True, kw_only=True):
    """Something found that Claude may cite."""

    type: str
    source: str
    title: str
    content: list[JsonObject]
    cache_control: CacheControl | None = None


class Tool(msgspec.Struct, frozen=True, kw_only=True):
    """A tool of the caller's own."""

    name: str
    input_schema: JsonObject
    type: str | None = None
    description: str | None = None
    strict: bool | None = None
    cache_control: CacheControl | None = None


class Peeked(msgspec.Struct, frozen=True, kw_only=True):
    """What is read of a request whose body passes through; messages are counted and not looked into."""

    model: ModelName
    messages: Annotated[list[msgspec.Raw], msgspec.Meta(min_length=1)]
    stream: bool | None = None
    max_tokens: TokenLimit | None = None


peek_decoder = msgspec.json.Decoder(Peeked, strict=False)
