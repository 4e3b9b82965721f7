"""OpenAI responses, as requests hold them."""

from collections.abc import Sequence
from typing import Annotated, Any, Literal

from msgspec import Meta

from tests.upstream.forms import Form
from tests.upstream.forms.openai import Address, ToolName


class InputText(Form, tag="input_text"):
    text: str


class InputImage(Form, tag="input_image"):
    image_url: Address | None = None
    file_id: str | None = None
    detail: Literal["low", "high", "auto", "original"] = "auto"


class InputFile(Form, tag="input_file"):
    file_data: str | None = None
    file_url: str | None = None
    file_id: str | None = None
    filename: str | None = None
    detail: str | None = None


class OutputText(Form, tag="output_text"):
    text: str
    annotations: Sequence[dict[str, Any]] = ()
    logprobs: list[Any] | None = None


class Refusal(Form, tag="refusal"):
    refusal: str


InputPart = InputText | InputImage | InputFile
AnyPart = InputPart | OutputText | Refusal


class Message(Form, tag="message"):
    role: Literal["user", "assistant", "system", "developer"]
    content: str | list[AnyPart]
    id: str | None = None
    status: str | None = None
    phase: str | None = None


class FunctionCall(Form, tag="function_call"):
    call_id: Annotated[str, Meta(min_length=1, max_length=64)]
    name: ToolName
    arguments: str
    id: Annotated[str, Meta(pattern="^fc_")] | None = None
    status: str | None = None


class FunctionOutput(Form, tag="function_call_output"):
    call_id: Annotated[str, Meta(min_length=1, max_length=64)]
    output: str | list[InputPart]
    id: str | None = None
    status: str | None = None


class SummaryText(Form, tag="summary_text"):
    text: str


class ReasoningItem(Form, tag="reasoning"):
    summary: list[SummaryText]
    id: Annotated[str, Meta(pattern="^rs_")] | None = None
    content: list[dict[str, Any]] | None = None
    encrypted_content: str | None = None
    status: str | None = None


class ItemReference(Form, tag="item_reference"):
    id: str


Item = Message | FunctionCall | FunctionOutput | ReasoningItem | ItemReference


class Tool(Form):
    """A function, or a tool of the service when `type` says so; those have fields of their own."""

    type: str
    name: ToolName | None = None
    description: str | None = None
    parameters: dict[str, Any] | None = None
    strict: bool | None = None
    search_context_size: str | None = None
    user_location: dict[str, Any] | None = None
    filters: dict[str, Any] | None = None
    vector_store_ids: list[str] | None = None
    container: Any = None


class NamedTool(Form):
    type: Literal["function"]
    name: str


class Reasoning(Form):
    effort: Literal["none", "minimal", "low", "medium", "high", "xhigh", "max"] | None = None
    summary: Literal["auto", "concise", "detailed"] | None = None
    generate_summary: str | None = None


class Format(Form):
    type: Literal["text", "json_object", "json_schema"]
    name: ToolName | None = None
    schema: dict[str, Any] | None = None
    strict: bool | None = None
    description: str | None = None


class TextForm(Form):
    format: Format | None = None
    verbosity: Literal["low", "medium", "high"] | None = None


class CountRequest(Form):
    """What is counted."""

    model: str | None = None
    input: str | list[Item] | None = None
    instructions: str | None = None
    previous_response_id: str | None = None
    tools: list[Tool] | None = None
    tool_choice: Literal["none", "auto", "required"] | NamedTool | None = None
    text: TextForm | None = None
    reasoning: Reasoning | None = None
    conversation: str | None = None
    parallel_tool_calls: bool | None = None
    truncation: Literal["auto", "disabled"] | None = None


class CreateRequest(CountRequest, kw_only=True):
    """What is answered."""

    model: Annotated[str, Meta(min_length=1)]
    max_output_tokens: Annotated[int, Meta(ge=16)] | None = None
    max_tool_calls: int | None = None
    temperature: Annotated[float, Meta(ge=0, le=2)] | None = None
    top_p: Annotated[float, Meta(ge=0, le=1)] | None = None
    top_logprobs: int | None = None
    include: list[str] | None = None
    store: bool | None = None
    background: bool | None = None
    stream: bool | None = None
    stream_options: dict[str, Any] | None = None
    metadata: dict[str, str] | None = None
    user: str | None = None
    safety_identifier: str | None = None
    prompt_cache_key: str | None = None
    prompt_cache_retention: str | None = None
    service_tier: str | None = None
    prompt: dict[str, Any] | None = None
