"""Claude messages, as requests hold them."""

from typing import Annotated, Any, Literal

from msgspec import Meta

from tests.upstream.forms import Form

ToolName = Annotated[str, Meta(pattern=r"^[a-zA-Z0-9_-]{1,128}$")]
NonEmpty = Annotated[str, Meta(min_length=1)]
LEAST_BUDGET = 1024


class CacheControl(Form):
    type: Literal["ephemeral"]
    ttl: Literal["5m", "1h"] = "5m"


class Block(Form):
    cache_control: CacheControl | None = None


class Text(Block, kw_only=True, tag="text"):
    text: NonEmpty
    citations: list[dict[str, Any]] | None = None


class Base64(Form, tag="base64"):
    media_type: Literal["image/jpeg", "image/png", "image/gif", "image/webp", "application/pdf"]
    data: NonEmpty


class Address(Form, tag="url"):
    url: Annotated[str, Meta(pattern="^https?://")]


class FileId(Form, tag="file"):
    file_id: str


class PlainText(Form, tag="text"):
    media_type: Literal["text/plain"]
    data: str


class Content(Form, tag="content"):
    content: str | list[Text]


class Image(Block, kw_only=True, tag="image"):
    source: Base64 | Address | FileId


class Document(Block, kw_only=True, tag="document"):
    source: Base64 | Address | PlainText | Content | FileId
    title: str | None = None
    context: str | None = None
    citations: dict[str, bool] | None = None


class ToolUse(Block, kw_only=True, tag="tool_use"):
    id: Annotated[str, Meta(pattern=r"^[a-zA-Z0-9_-]+$")]
    name: ToolName
    input: dict[str, Any]


class ToolResult(Block, kw_only=True, tag="tool_result"):
    tool_use_id: str
    content: str | list[Text | Image | Document] | None = None
    is_error: bool | None = None


class Thinking(Form, tag="thinking"):
    thinking: str
    signature: str


class RedactedThinking(Form, tag="redacted_thinking"):
    data: str


AnyBlock = Text | Image | Document | ToolUse | ToolResult | Thinking | RedactedThinking


class Message(Form):
    role: Literal["user", "assistant"]
    content: NonEmpty | Annotated[list[AnyBlock], Meta(min_length=1)]


class Tool(Block, kw_only=True):
    """A client's tool, or one of the service when `type` says so; those have fields of their own."""

    name: ToolName
    type: str = "custom"
    description: str | None = None
    input_schema: dict[str, Any] | None = None
    strict: bool | None = None
    max_uses: int | None = None
    allowed_domains: list[str] | None = None
    blocked_domains: list[str] | None = None
    user_location: dict[str, Any] | None = None


class ToolChoice(Form):
    type: Literal["auto", "any", "tool", "none"]
    name: str | None = None
    disable_parallel_tool_use: bool | None = None


class ThinkingWish(Form):
    type: Literal["enabled", "adaptive", "disabled"]
    budget_tokens: Annotated[int, Meta(ge=LEAST_BUDGET)] | None = None
    display: str | None = None


class OutputFormat(Form):
    type: Literal["json_schema"]
    schema: dict[str, Any]


class OutputConfig(Form):
    effort: Literal["low", "medium", "high", "xhigh", "max"] | None = None
    format: OutputFormat | None = None


class Metadata(Form):
    user_id: str | None = None


class CountRequest(Form):
    """What is counted."""

    model: str
    messages: Annotated[list[Message], Meta(min_length=1)]
    system: str | list[Text] | None = None
    tools: list[Tool] | None = None
    tool_choice: ToolChoice | None = None
    thinking: ThinkingWish | None = None
    output_config: OutputConfig | None = None
    cache_control: CacheControl | None = None


class MessagesRequest(CountRequest, kw_only=True):
    """What is answered."""

    max_tokens: Annotated[int, Meta(ge=1)]
    stream: bool = False
    temperature: Annotated[float, Meta(ge=0, le=1)] | None = None
    top_p: Annotated[float, Meta(ge=0, le=1)] | None = None
    top_k: Annotated[int, Meta(ge=0)] | None = None
    stop_sequences: list[NonEmpty] | None = None
    metadata: Metadata | None = None
    service_tier: Literal["auto", "standard_only"] | None = None
    container: str | None = None
    inference_geo: str | None = None
    mcp_servers: list[dict[str, Any]] | None = None
    context_management: dict[str, Any] | None = None
