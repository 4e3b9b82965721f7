"""OpenAI chat and legacy completions, as requests hold them."""

from typing import Annotated, Any, Literal

from msgspec import Meta

from tests.upstream.forms import Form

ToolName = Annotated[str, Meta(pattern=r"^[a-zA-Z0-9_-]{1,64}$")]
Zero = Annotated[float, Meta(ge=0, le=2)]
Penalty = Annotated[float, Meta(ge=-2, le=2)]
Count = Annotated[int, Meta(ge=1)]
Address = Annotated[str, Meta(pattern=r"^(https?://|data:[\w.+-]+/[\w.+-]+;base64,)")]


class Text(Form, tag="text"):
    text: str


class ImageUrl(Form):
    url: Address
    detail: Literal["auto", "low", "high"] = "auto"


class Image(Form, tag="image_url"):
    image_url: ImageUrl


class AudioData(Form):
    data: str
    format: Literal["wav", "mp3"]


class InputAudio(Form, tag="input_audio"):
    input_audio: AudioData


class FileData(Form):
    file_data: str | None = None
    file_id: str | None = None
    filename: str | None = None


class File(Form, tag="file"):
    file: FileData


class Url(Form):
    url: str


class VideoUrl(Form, tag="video_url"):
    video_url: Url | str


class FileUrl(Form, tag="file_url"):
    file_url: Url


class Refusal(Form, tag="refusal"):
    refusal: str


UserPart = Text | Image | InputAudio | File | VideoUrl | FileUrl


class FunctionCall(Form):
    name: ToolName
    arguments: str


class ToolCall(Form):
    id: Annotated[str, Meta(min_length=1)]
    function: FunctionCall
    type: Literal["function"]
    # Gemini's seal on its compatible endpoint.
    extra_content: dict[str, Any] | None = None


class System(Form, tag_field="role", tag="system"):
    content: str | list[Text]
    name: str | None = None


class Developer(Form, tag_field="role", tag="developer"):
    content: str | list[Text]
    name: str | None = None


class User(Form, tag_field="role", tag="user"):
    content: str | Annotated[list[UserPart], Meta(min_length=1)]
    name: str | None = None


class SpokenId(Form):
    id: str


class Assistant(Form, tag_field="role", tag="assistant"):
    content: str | list[Text | Refusal] | None = None
    name: str | None = None
    refusal: str | None = None
    tool_calls: Annotated[list[ToolCall], Meta(min_length=1)] | None = None
    audio: SpokenId | None = None
    reasoning_content: str | None = None
    prefix: bool | None = None
    annotations: list[dict[str, Any]] | None = None


class ToolResult(Form, tag_field="role", tag="tool"):
    tool_call_id: str
    content: str | list[Text]
    name: str | None = None


Message = System | Developer | User | Assistant | ToolResult


class Function(Form):
    name: ToolName
    description: str = ""
    parameters: dict[str, Any] | None = None
    strict: bool | None = None


class Tool(Form):
    type: Literal["function"]
    function: Function


class Named(Form):
    name: str


class NamedTool(Form):
    type: Literal["function"]
    function: Named


class StreamOptions(Form):
    include_usage: bool = False
    include_obfuscation: bool = True


class JsonSchema(Form):
    name: ToolName
    description: str | None = None
    schema: dict[str, Any] | None = None
    strict: bool | None = None


class ResponseFormat(Form):
    type: Literal["text", "json_object", "json_schema"]
    json_schema: JsonSchema | None = None


class SpeechForm(Form):
    voice: str | dict[str, str]
    format: str


class ChatRequest(Form):
    """The fields of OpenAI, and after them those of its kin."""

    model: Annotated[str, Meta(min_length=1)]
    messages: Annotated[list[Message], Meta(min_length=1)]
    stream: bool | None = None
    stream_options: StreamOptions | None = None
    max_tokens: Count | None = None
    max_completion_tokens: Count | None = None
    temperature: Zero | None = None
    top_p: Annotated[float, Meta(ge=0, le=1)] | None = None
    n: Annotated[int, Meta(ge=1, le=128)] | None = None
    stop: str | Annotated[list[str], Meta(min_length=1, max_length=4)] | None = None
    presence_penalty: Penalty | None = None
    frequency_penalty: Penalty | None = None
    logit_bias: dict[str, float] | None = None
    logprobs: bool | None = None
    top_logprobs: Annotated[int, Meta(ge=0, le=20)] | None = None
    seed: int | None = None
    user: str | None = None
    response_format: ResponseFormat | None = None
    tools: Annotated[list[Tool], Meta(min_length=1)] | None = None
    tool_choice: Literal["none", "auto", "required"] | NamedTool | None = None
    parallel_tool_calls: bool | None = None
    reasoning_effort: Literal["none", "minimal", "low", "medium", "high", "xhigh", "max"] | None = None
    verbosity: Literal["low", "medium", "high"] | None = None
    modalities: list[Literal["text", "audio"]] | None = None
    audio: SpeechForm | None = None
    prediction: dict[str, Any] | None = None
    web_search_options: dict[str, Any] | None = None
    store: bool | None = None
    metadata: dict[str, str] | None = None
    service_tier: str | None = None
    safety_identifier: str | None = None
    prompt_cache_key: str | None = None
    prompt_cache_retention: str | None = None
    thinking: dict[str, Any] | None = None
    top_k: int | None = None
    extra_body: dict[str, Any] | None = None
    reasoning: dict[str, Any] | None = None
    enable_thinking: bool | None = None
    thinking_budget: Count | None = None
    search_parameters: dict[str, Any] | None = None


class CompletionRequest(Form):
    """A legacy completion."""

    model: str
    prompt: str | list[str]
    max_tokens: Count | None = None
    stream: bool | None = None
    stream_options: StreamOptions | None = None
    temperature: Zero | None = None
    top_p: float | None = None
    n: int | None = None
    stop: str | list[str] | None = None
    suffix: str | None = None
    echo: bool | None = None
    best_of: int | None = None
    logprobs: int | None = None
    seed: int | None = None
    user: str | None = None
    presence_penalty: Penalty | None = None
    frequency_penalty: Penalty | None = None
    logit_bias: dict[str, float] | None = None
