"""Chat requests in the OpenAI wire, whole: the fields of OpenAI's API and those that its wide family added.

https://platform.openai.com/docs/api-reference/chat/create, 2026-11; the additions name who speaks them. Parts, tools
and choices come in kinds: they stay plain objects here and are read by the struct of their kind.
"""

from typing import Annotated, Any

import msgspec

JsonObject = dict[str, Any]
ModelName = Annotated[str, msgspec.Meta(min_length=1)]
# Limits that make no sense beyond are refused before anything is held for them.
TokenLimit = Annotated[int, msgspec.Meta(ge=0, le=2**30)]
AnswerCount = Annotated[int, msgspec.Meta(ge=1, le=128)]


class StreamOptions(msgspec.Struct, frozen=True, kw_only=True):
    """How a stream is told; `include_obfuscation` pads chunks, which no converter makes."""

    include_usage: bool | None = None
    include_obfuscation: bool | None = None


class Thinking(msgspec.Struct, frozen=True, kw_only=True):
    """V-API: thinking of Claude and Gemini; also of Zhipu and Volcengine, without a budget."""

    type: str = "enabled"
    budget_tokens: TokenLimit | None = None


class Reasoning(msgspec.Struct, frozen=True, kw_only=True):
    """OpenRouter: reasoning of any vendor."""

    effort: str | None = None
    max_tokens: TokenLimit | None = None
    enabled: bool | None = None
    exclude: bool | None = None


class CompletionRequest(msgspec.Struct, frozen=True, kw_only=True):
    """What a caller asks of /v1/chat/completions."""

    model: ModelName
    messages: Annotated[list[JsonObject], msgspec.Meta(min_length=1)]
    stream: bool | None = None
    stream_options: StreamOptions | None = None
    max_completion_tokens: TokenLimit | None = None
    max_tokens: TokenLimit | None = None
    temperature: float | None = None
    top_p: float | None = None
    n: AnswerCount | None = None
    stop: str | list[str] | None = None
    seed: int | None = None
    presence_penalty: float | None = None
    frequency_penalty: float | None = None
    logprobs: bool | None = None
    top_logprobs: int | None = None
    response_format: JsonObject | None = None
    tools: list[JsonObject] | None = None
    tool_choice: str | JsonObject | None = None
    parallel_tool_calls: bool | None = None
    functions: list[JsonObject] | None = None
    function_call: str | JsonObject | None = None
    reasoning_effort: str | None = None
    verbosity: str | None = None
    modalities: list[str] | None = None
    audio: JsonObject | None = None
    user: str | None = None
    safety_identifier: str | None = None
    metadata: JsonObject | None = None
    service_tier: str | None = None
    # Gemini, Qwen and Claude behind this wire.
    top_k: int | None = None
    thinking: Thinking | None = None
    reasoning: Reasoning | None = None
    # Qwen.
    enable_thinking: bool | None = None
    thinking_budget: TokenLimit | None = None
    # Sent literally by some clients: {"google": {"thinking_config": {...}}}.
    extra_body: JsonObject | None = None


class FunctionCall(msgspec.Struct, frozen=True, kw_only=True):
    """The function of a call; `arguments` is JSON text."""

    name: str = ""
    arguments: str | None = None


class ToolCall(msgspec.Struct, frozen=True, kw_only=True):
    """A call that the model made."""

    id: str = ""
    type: str | None = None
    function: FunctionCall | None = None
    custom: JsonObject | None = None
    # Google keeps the seal of a call here: {"google": {"thought_signature": str}}.
    extra_content: JsonObject | None = None
    index: int | None = None


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """One turn of any role."""

    role: str
    content: str | list[JsonObject] | None = None
    name: str | None = None
    tool_calls: list[ToolCall] | None = None
    tool_call_id: str | None = None
    function_call: FunctionCall | None = None
    refusal: str | None = None
    audio: JsonObject | None = None
    # What a reply tells and clients send back with the turn; it has no meaning there.
    annotations: list[JsonObject] | None = None
    # DeepSeek, Qwen and others; OpenRouter calls it `reasoning`.
    reasoning_content: str | None = None
    reasoning: str | None = None
    # OpenRouter: thoughts one by one, with their seals.
    reasoning_details: list[JsonObject] | None = None
    # A mark that Claude's vendors read, on a turn in place of its last part.
    cache_control: JsonObject | None = None


class TextPart(msgspec.Struct, frozen=True, kw_only=True):
    """A part of the type text."""

    type: str
    text: str
    cache_control: JsonObject | None = None


class ImageUrl(msgspec.Struct, frozen=True, kw_only=True):
    """Where a picture is."""

    url: str
    detail: str | None = None


class ImagePart(msgspec.Struct, frozen=True, kw_only=True):
    """{type: image_url}; New-API takes the bare address too."""

    type: str
    image_url: ImageUrl | str
    cache_control: JsonObject | None = None


class InputAudio(msgspec.Struct, frozen=True, kw_only=True):
    """Sound in base64; V-API takes data URIs and addresses too."""

    data: str
    format: str | None = None


class AudioPart(msgspec.Struct, frozen=True, kw_only=True):
    """A part of the type input_audio."""

    type: str
    input_audio: InputAudio


class FileSource(msgspec.Struct, frozen=True, kw_only=True):
    """A document in hand or kept at OpenAI; V-API takes an address as `file_data`."""

    filename: str | None = None
    file_data: str | None = None
    file_id: str | None = None


class FilePart(msgspec.Struct, frozen=True, kw_only=True):
    """A part of the type file."""

    type: str
    file: FileSource
    cache_control: JsonObject | None = None


class Url(msgspec.Struct, frozen=True, kw_only=True):
    """An address in an object of its own."""

    url: str


class FileUrlPart(msgspec.Struct, frozen=True, kw_only=True):
    """{type: file_url}, V-API."""

    type: str
    file_url: Url | str


class VideoUrlPart(msgspec.Struct, frozen=True, kw_only=True):
    """{type: video_url}, Qwen-VL."""

    type: str
    video_url: Url | str


class RefusalPart(msgspec.Struct, frozen=True, kw_only=True):
    """A part of the type refusal."""

    type: str
    refusal: str


class Function(msgspec.Struct, frozen=True, kw_only=True):
    """A function that may be called; `parameters` is the JSON Schema of its arguments."""

    name: str
    description: str | None = None
    parameters: JsonObject | None = None
    strict: bool | None = None


class FunctionTool(msgspec.Struct, frozen=True, kw_only=True):
    """A function among the tools."""

    type: str = "function"
    function: Function
    cache_control: JsonObject | None = None


class JsonSchema(msgspec.Struct, frozen=True, kw_only=True):
    """The form of an answer."""

    name: str = ""
    description: str | None = None
    schema: JsonObject | None = None
    strict: bool | None = None


class ResponseFormat(msgspec.Struct, frozen=True, kw_only=True):
    """Which form the answer has."""

    type: str
    json_schema: JsonSchema | None = None


class Peeked(msgspec.Struct, frozen=True, kw_only=True):
    """What is read of a request whose body passes through; messages are counted and not looked into."""

    model: ModelName
    messages: Annotated[list[msgspec.Raw], msgspec.Meta(min_length=1)]
    stream: bool | None = None
    max_completion_tokens: TokenLimit | None = None
    max_tokens: TokenLimit | None = None
    n: AnswerCount | None = None


peek_decoder = msgspec.json.Decoder(Peeked, strict=False)
