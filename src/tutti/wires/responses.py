"""The Responses wire of OpenAI, on both sides: requests, the items that go in and come out, and figures.

An item is known by its `type`, a message may leave it out; so items stay plain objects, and each kind that we read has
a struct of its own. https://github.com/openai/openai-openapi, seen 2026-11.
"""

from collections.abc import Mapping
from typing import Annotated, Any

import msgspec

Object = dict[str, Any]


class ReasoningAsked(msgspec.Struct, frozen=True, kw_only=True):
    """How much the model is to think first, and what is told of it."""

    effort: str | None = None
    summary: str | None = None
    # The older name of `summary`.
    generate_summary: str | None = None


class TextFormat(msgspec.Struct, frozen=True, kw_only=True):
    """The form of the answer."""

    type: str
    name: str | None = None
    schema: Object | None = None
    strict: bool | None = None
    description: str | None = None


class TextAsked(msgspec.Struct, frozen=True, kw_only=True):
    """How the answer is written."""

    format: TextFormat | None = None
    verbosity: str | None = None


class CreateRequest(msgspec.Struct, frozen=True, kw_only=True):
    """The body of POST /v1/responses."""

    model: str
    input: str | list[Object] | None = None
    instructions: str | list[Object] | None = None
    max_output_tokens: int | None = None
    temperature: float | None = None
    top_p: float | None = None
    top_logprobs: int | None = None
    tools: list[Object] | None = None
    tool_choice: str | Object | None = None
    parallel_tool_calls: bool | None = None
    reasoning: ReasoningAsked | None = None
    text: TextAsked | None = None
    include: list[str] | None = None
    stream: bool | None = None
    stream_options: Object | None = None
    store: bool | None = None
    background: bool | None = None
    previous_response_id: str | None = None
    conversation: str | Object | None = None
    prompt: Object | None = None
    truncation: str | None = None
    metadata: Object | None = None
    user: str | None = None
    safety_identifier: str | None = None
    service_tier: str | None = None


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """The few fields of a request that routing and holding need."""

    model: Annotated[str, msgspec.Meta(min_length=1)]
    stream: bool | None = None
    max_output_tokens: int | None = None


class MessageItem(msgspec.Struct, frozen=True, kw_only=True):
    """One turn."""

    role: str
    content: str | list[Object]


class TextPart(msgspec.Struct, frozen=True, kw_only=True):
    """Words, of a caller or of the model."""

    text: str
    annotations: list[Object] | None = None


class ImagePart(msgspec.Struct, frozen=True, kw_only=True):
    """A picture: an address or a data URI, or a file kept at the vendor."""

    image_url: str | None = None
    file_id: str | None = None
    detail: str | None = None


class FilePart(msgspec.Struct, frozen=True, kw_only=True):
    """A document: a data URI, an address, or a file kept at the vendor."""

    file_data: str | None = None
    file_url: str | None = None
    file_id: str | None = None
    filename: str | None = None


class Sound(msgspec.Struct, frozen=True, kw_only=True):
    """Sound as base64; `format` is "wav" or "mp3"."""

    data: str
    format: str = ""


class AudioPart(msgspec.Struct, frozen=True, kw_only=True):
    """Sound in a message."""

    input_audio: Sound


class RefusalPart(msgspec.Struct, frozen=True, kw_only=True):
    """The words by which a model refused."""

    refusal: str


class CallItem(msgspec.Struct, frozen=True, kw_only=True):
    """A call of a function."""

    call_id: str
    name: str
    arguments: str = ""


class ResultItem(msgspec.Struct, frozen=True, kw_only=True):
    """What a function gave."""

    call_id: str
    output: str | list[Object] = ""


class Words(msgspec.Struct, frozen=True, kw_only=True):
    """A part of what was thought, or of its summary."""

    text: str = ""


class ReasoningItem(msgspec.Struct, frozen=True, kw_only=True):
    """What was thought: its summary, or the thoughts of open models, and the seal by which they are taken back."""

    id: str = ""
    summary: list[Words] | None = None
    content: list[Words] | None = None
    encrypted_content: str | None = None


class FunctionTool(msgspec.Struct, frozen=True, kw_only=True):
    """A function that may be called."""

    name: str
    description: str | None = None
    parameters: Object | None = None
    strict: bool | None = None


class InputDetails(msgspec.Struct, frozen=True, kw_only=True):
    """Parts of `input_tokens`."""

    cached_tokens: int = 0
    cache_write_tokens: int = 0


class OutputDetails(msgspec.Struct, frozen=True, kw_only=True):
    """Parts of `output_tokens`."""

    reasoning_tokens: int = 0


class Usage(msgspec.Struct, frozen=True, kw_only=True):
    """Tokens of a call."""

    input_tokens: int
    input_tokens_details: InputDetails | None = None
    output_tokens: int
    output_tokens_details: OutputDetails | None = None
    total_tokens: int = 0


class Incomplete(msgspec.Struct, frozen=True, kw_only=True):
    """Why an answer is not whole: "max_output_tokens" or "content_filter"."""

    reason: str = ""


class Failure(msgspec.Struct, frozen=True, kw_only=True):
    """What the model failed of."""

    code: str = ""
    message: str = ""


class Reply(msgspec.Struct, frozen=True, kw_only=True):
    """A response as far as it is read."""

    id: str
    model: str = ""
    created_at: float = 0
    status: str = "completed"
    output: list[Object] = []
    usage: Usage | None = None
    error: Failure | None = None
    incomplete_details: Incomplete | None = None
    service_tier: str | None = None


class StreamEvent(msgspec.Struct, frozen=True, kw_only=True):
    """An event of a stream as far as any is read."""

    type: str = ""
    response: msgspec.Raw = msgspec.Raw(b"null")
    output_index: int = 0
    item: Object | None = None
    part: Object | None = None
    delta: str | Object = ""
    annotation: Object | None = None
    summary_index: int = 0
    logprobs: list[Object] | None = None
    # Of events of the type "error", which some upstreams write as an object inside.
    code: str | None = None
    message: str | None = None
    error: Failure | None = None


class UsageOnly(msgspec.Struct, frozen=True, kw_only=True):
    """A response, or an event that holds one, as far as its figures."""

    usage: Usage | None = None


class UsageEvent(msgspec.Struct, frozen=True, kw_only=True):
    """An event as far as the figures of its response."""

    response: UsageOnly | None = None


def citation_of(annotation: Mapping[str, Any]) -> Mapping[str, Any]:
    """A source in the form of OpenAI's chat wire, where web pages have an object of their own."""
    if annotation.get("type") != "url_citation" or "url_citation" in annotation:
        return annotation
    page = {name: value for name, value in annotation.items() if name != "type"}
    return {"type": "url_citation", "url_citation": page}


# The events that end a stream; each holds the whole response.
FINAL_EVENTS = frozenset({"response.completed", "response.incomplete", "response.failed"})
# A response that has not ended yet.
UNFINISHED = frozenset({"queued", "in_progress"})

encoder = msgspec.json.Encoder()
seen_decoder = msgspec.json.Decoder(Seen)
reply_decoder = msgspec.json.Decoder(Reply)
event_decoder = msgspec.json.Decoder(StreamEvent)
usage_decoder = msgspec.json.Decoder(UsageOnly)
usage_event_decoder = msgspec.json.Decoder(UsageEvent)
