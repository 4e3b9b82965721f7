"""Gemini contents, as requests hold them."""

from typing import Annotated, Any, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

FunctionName = Annotated[str, Meta(pattern=r"^[a-zA-Z_][a-zA-Z0-9_.:-]{0,127}$")]


class Form(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="camel"):
    """A form that takes no field it does not know; names are in camel case on the wire."""


class Blob(Form):
    mime_type: Annotated[str, Meta(min_length=3)]
    data: Annotated[str, Meta(min_length=1)]
    display_name: str | None = None


class FileData(Form):
    file_uri: Annotated[str, Meta(min_length=1)]
    mime_type: str | None = None
    display_name: str | None = None


class FunctionCall(Form):
    name: FunctionName
    args: dict[str, Any] = {}
    id: str | None = None


class FunctionResponse(Form):
    name: FunctionName
    response: dict[str, Any]
    id: str | None = None
    parts: list[dict[str, Any]] | None = None


class Part(Form):
    text: str | UnsetType = UNSET
    inline_data: Blob | UnsetType = UNSET
    file_data: FileData | UnsetType = UNSET
    function_call: FunctionCall | UnsetType = UNSET
    function_response: FunctionResponse | UnsetType = UNSET
    executable_code: dict[str, Any] | UnsetType = UNSET
    code_execution_result: dict[str, Any] | UnsetType = UNSET
    thought: bool | None = None
    thought_signature: str | None = None
    video_metadata: dict[str, Any] | None = None
    media_resolution: Any = None

    @property
    def count(self) -> int:
        """How many kinds of data it holds: one, in a good part."""
        held = (
            self.text,
            self.inline_data,
            self.file_data,
            self.function_call,
            self.function_response,
            self.executable_code,
            self.code_execution_result,
        )
        return sum(one is not UNSET for one in held)


class Content(Form):
    parts: Annotated[list[Part], Meta(min_length=1)]
    role: Literal["user", "model", "function", "system"] | None = None


class ThinkingConfig(Form):
    include_thoughts: bool | None = None
    thinking_budget: Annotated[int, Meta(ge=-1)] | None = None
    thinking_level: Literal["MINIMAL", "LOW", "MEDIUM", "HIGH"] | None = None


class GenerationConfig(Form):
    temperature: Annotated[float, Meta(ge=0, le=2)] | None = None
    top_p: Annotated[float, Meta(ge=0, le=1)] | None = None
    top_k: Annotated[float, Meta(ge=1)] | None = None
    candidate_count: Annotated[int, Meta(ge=1, le=8)] | None = None
    max_output_tokens: Annotated[int, Meta(ge=1)] | None = None
    stop_sequences: Annotated[list[Annotated[str, Meta(min_length=1)]], Meta(max_length=5)] | None = None
    response_mime_type: Literal["text/plain", "application/json", "text/x.enum"] | None = None
    response_schema: dict[str, Any] | None = None
    response_json_schema: Any = None
    thinking_config: ThinkingConfig | None = None
    response_modalities: list[Literal["TEXT", "IMAGE", "AUDIO"]] | None = None
    speech_config: dict[str, Any] | None = None
    image_config: dict[str, Any] | None = None
    presence_penalty: Annotated[float, Meta(ge=-2, lt=2)] | None = None
    frequency_penalty: Annotated[float, Meta(ge=-2, lt=2)] | None = None
    seed: int | None = None
    response_logprobs: bool | None = None
    logprobs: Annotated[int, Meta(ge=0, le=20)] | None = None
    media_resolution: str | None = None
    audio_timestamp: bool | None = None
    enable_enhanced_civic_answers: bool | None = None


class Declaration(Form):
    name: FunctionName
    description: str | None = None
    parameters: dict[str, Any] | None = None
    parameters_json_schema: Any = None
    response: dict[str, Any] | None = None
    response_json_schema: Any = None
    behavior: str | None = None


class Tool(Form):
    function_declarations: list[Declaration] | None = None
    google_search: dict[str, Any] | None = None
    google_search_retrieval: dict[str, Any] | None = None
    code_execution: dict[str, Any] | None = None
    url_context: dict[str, Any] | None = None


class CallingConfig(Form):
    mode: Literal["AUTO", "ANY", "NONE", "VALIDATED"] | None = None
    allowed_function_names: list[str] | None = None


class ToolConfig(Form):
    function_calling_config: CallingConfig | None = None
    retrieval_config: dict[str, Any] | None = None


class SafetySetting(Form):
    category: Annotated[str, Meta(pattern="^HARM_CATEGORY_")]
    threshold: Literal["BLOCK_LOW_AND_ABOVE", "BLOCK_MEDIUM_AND_ABOVE", "BLOCK_ONLY_HIGH", "BLOCK_NONE", "OFF"]


class GenerateRequest(Form):
    """A generateContent body."""

    contents: Annotated[list[Content], Meta(min_length=1)]
    model: str | None = None
    system_instruction: Content | None = None
    generation_config: GenerationConfig | None = None
    tools: list[Tool] | None = None
    tool_config: ToolConfig | None = None
    safety_settings: list[SafetySetting] | None = None
    cached_content: str | None = None
    service_tier: str | None = None
    labels: dict[str, str] | None = None


class CountRequest(Form):
    contents: list[Content] | None = None
    generate_content_request: GenerateRequest | None = None


class EmbedRequest(Form):
    content: Content
    model: str | None = None
    task_type: str | None = None
    title: str | None = None
    output_dimensionality: Annotated[int, Meta(ge=1)] | None = None


class BatchRequest(Form):
    requests: Annotated[list[EmbedRequest], Meta(min_length=1)]
