"""The Gemini wire: what generateContent takes and gives, on both sides.

Fields are camelCase; callers may write them in snake_case too, which `camel_keys` undoes. A part of a content is known
by which of its fields is there, so parts stay plain objects here and each kind has a struct of its own.

https://ai.google.dev/api/generate-content, seen 2025-05.
"""

import re
from typing import Any

import msgspec

Object = dict[str, Any]


class Form(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """What all objects of this wire share: absent fields are None here and left out there."""


class Blob(Form, frozen=True, kw_only=True):
    """A file in the request, as base64."""

    mime_type: str = ""
    data: str


class FileData(Form, frozen=True, kw_only=True):
    """A file by its address: of the Files API, a public one, or a video of YouTube."""

    mime_type: str = ""
    file_uri: str


class FunctionCall(Form, frozen=True, kw_only=True):
    """A call of a function; most calls have no id, and are known by their name and order."""

    id: str | None = None
    name: str
    args: Object | None = None


class TextPart(Form, frozen=True, kw_only=True):
    """Words, or with `thought` what was thought."""

    text: str
    thought: bool | None = None
    thought_signature: str | None = None


class FunctionResponse(Form, frozen=True, kw_only=True):
    """What a function gave; `parts` are files that go with it."""

    id: str | None = None
    name: str
    response: Object | None = None
    parts: list[Object] | None = None


class Content(Form, frozen=True, kw_only=True):
    """One turn."""

    role: str | None = None
    parts: list[Object] | None = None


class ThinkingConfig(Form, frozen=True, kw_only=True):
    """How much is thought: a budget in tokens (-1: as the model likes, 0: none), or a level."""

    include_thoughts: bool | None = None
    thinking_budget: int | None = None
    thinking_level: str | None = None


class PrebuiltVoice(Form, frozen=True, kw_only=True):
    """A voice by name."""

    voice_name: str | None = None


class VoiceConfig(Form, frozen=True, kw_only=True):
    """Which voice speaks."""

    prebuilt_voice_config: PrebuiltVoice | None = None


class SpeechConfig(Form, frozen=True, kw_only=True):
    """How an answer is spoken."""

    voice_config: VoiceConfig | None = None
    language_code: str | None = None
    multi_speaker_voice_config: Object | None = None


class GenerationConfig(Form, frozen=True, kw_only=True):
    """How an answer is made."""

    temperature: float | None = None
    top_p: float | None = None
    top_k: float | None = None
    candidate_count: int | None = None
    max_output_tokens: int | None = None
    stop_sequences: list[str] | None = None
    response_mime_type: str | None = None
    # The subset of OpenAPI with types in capitals, and real JSON Schema.
    response_schema: Object | None = None
    response_json_schema: Object | None = None
    thinking_config: ThinkingConfig | None = None
    response_modalities: list[str] | None = None
    speech_config: SpeechConfig | None = None
    image_config: Object | None = None
    presence_penalty: float | None = None
    frequency_penalty: float | None = None
    seed: int | None = None
    response_logprobs: bool | None = None
    logprobs: int | None = None
    media_resolution: str | None = None
    audio_timestamp: bool | None = None


class FunctionDeclaration(Form, frozen=True, kw_only=True):
    """A function that may be called."""

    name: str
    description: str | None = None
    parameters: Object | None = None
    parameters_json_schema: Object | None = None
    response: Object | None = None
    response_json_schema: Object | None = None
    behavior: str | None = None


class FunctionTool(Form, frozen=True, kw_only=True):
    """An item of `tools` as far as it declares functions."""

    function_declarations: list[FunctionDeclaration] = []


class FunctionCallingConfig(Form, frozen=True, kw_only=True):
    """Whether functions are called: AUTO, ANY, NONE or VALIDATED; `allowed_function_names` go with ANY."""

    mode: str | None = None
    allowed_function_names: list[str] | None = None


class ToolConfig(Form, frozen=True, kw_only=True):
    """How tools are used."""

    function_calling_config: FunctionCallingConfig | None = None
    retrieval_config: Object | None = None


class GenerateRequest(Form, frozen=True, kw_only=True):
    """The body of generateContent and streamGenerateContent."""

    contents: list[Content]
    system_instruction: Content | None = None
    generation_config: GenerationConfig | None = None
    # Each holds functionDeclarations, or one field that names a tool of the vendor's own.
    tools: list[Object] | None = None
    tool_config: ToolConfig | None = None
    safety_settings: list[Object] | None = None
    cached_content: str | None = None
    service_tier: str | None = None
    labels: Object | None = None


class ModalityCount(Form, frozen=True, kw_only=True):
    """Tokens of one kind: TEXT, IMAGE, VIDEO, AUDIO or DOCUMENT."""

    modality: str = ""
    token_count: int = 0


class UsageMetadata(Form, frozen=True, kw_only=True, omit_defaults=False):
    """Tokens of a call. The candidates' do not hold the thoughts'; the prompt's hold the cached."""

    prompt_token_count: int | msgspec.UnsetType = msgspec.UNSET
    candidates_token_count: int | msgspec.UnsetType = msgspec.UNSET
    total_token_count: int | msgspec.UnsetType = msgspec.UNSET
    thoughts_token_count: int | msgspec.UnsetType = msgspec.UNSET
    cached_content_token_count: int | msgspec.UnsetType = msgspec.UNSET
    tool_use_prompt_token_count: int | msgspec.UnsetType = msgspec.UNSET
    prompt_tokens_details: list[ModalityCount] | msgspec.UnsetType = msgspec.UNSET
    candidates_tokens_details: list[ModalityCount] | msgspec.UnsetType = msgspec.UNSET


class Candidate(Form, frozen=True, kw_only=True):
    """One of the answers, or what a chunk adds to it."""

    content: Content | None = None
    finish_reason: str | None = None
    finish_message: str | None = None
    index: int = 0
    safety_ratings: list[Object] | None = None
    citation_metadata: Object | None = None
    grounding_metadata: Object | None = None
    url_context_metadata: Object | None = None
    avg_logprobs: float | None = None
    logprobs_result: Object | None = None


class GenerateReply(Form, frozen=True, kw_only=True):
    """A whole reply, and a chunk of a stream."""

    candidates: list[Candidate] | None = None
    prompt_feedback: Object | None = None
    usage_metadata: UsageMetadata | None = None
    model_version: str | None = None
    response_id: str | None = None
    # A stream that fails says so in a chunk of this form.
    error: Object | None = None


class ErrorObject(Form, frozen=True, kw_only=True, omit_defaults=False):
    """What went wrong: the HTTP status, words, and Google's word for the kind."""

    code: int
    message: str
    status: str


class ErrorBody(Form, frozen=True, kw_only=True):
    """The body of every error in this wire."""

    error: ErrorObject


class _ReplyUsage(Form, frozen=True, kw_only=True):
    usage_metadata: UsageMetadata | None = None


encoder = msgspec.json.Encoder()
reply_decoder = msgspec.json.Decoder(GenerateReply)
usage_decoder = msgspec.json.Decoder(_ReplyUsage)

# What callers and models write themselves, in whatever case they like.
_OPAQUE = frozenset(
    {
        "args",
        "labels",
        "parameters",
        "parametersJsonSchema",
        "response",
        "responseJsonSchema",
        "responseSchema",
    }
)
# Google's own parser takes one object where a list of them is meant.
_LISTS = frozenset({"contents", "parts", "tools"})
_SNAKE = re.compile("_+([a-z0-9])")


def camel_keys(value: Any) -> Any:
    """An object with all its field names in camelCase, but for what callers name themselves."""
    if isinstance(value, list):
        return [camel_keys(item) for item in value]
    if not isinstance(value, dict):
        return value
    return {name: _inner(name, item) for key, item in value.items() for name in (camel(key),)}


def camel(name: str) -> str:
    """A field's name in camelCase."""
    return _SNAKE.sub(lambda found: found[1].upper(), name.lstrip("_")) if "_" in name else name


def _inner(name: str, value: Any) -> Any:
    if name in _OPAQUE:
        return value
    inner = camel_keys(value)
    return [inner] if name in _LISTS and isinstance(inner, dict) else inner
