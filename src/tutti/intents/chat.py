"""A conversation, in no wire's words: where the four chat wires meet.

A family turns its wire's request into a `Chat` and tells an `Answer`, or the events of one (`chat_events.py`), in its
wire; a vendor dialect does the same the other way round. So every pair of wires is served by two converters of four,
and none knows another. These are plain values of the present call: nothing here is stored, and nothing here does I/O.

What a wire cannot say is never lost silently: the converter that has no place for it adds the field's name to
`dropped`, which the caller reads in the header `x-tutti-dropped`; what must not be left out is refused.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Literal

import msgspec

JsonObject = Mapping[str, Any]


class StopReason(StrEnum):
    """Why an answer ended."""

    END = "end"  # it was finished
    LENGTH = "length"  # the limit on tokens was reached
    STOP_SEQUENCE = "stop_sequence"  # one of the caller's stop words came up
    TOOL_CALLS = "tool_calls"  # the caller is to run tools
    REFUSAL = "refusal"  # the model, or a filter before it, would not
    PAUSE = "pause"  # a long turn of a server tool: to be sent back as it is


@dataclass(frozen=True, kw_only=True, slots=True)
class CacheMark:
    """Everything up to here is to be cached by the vendor."""

    # "5m" or "1h"; None is the vendor's usual time.
    ttl: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Media:
    """A file in a message: exactly one of `data`, `url` and `file_id` is there."""

    # "image/png", "application/pdf" ...; empty where the caller did not say.
    media_type: str = ""
    # Base64 as it came: it is never decoded on its way through.
    data: str | None = None
    url: str | None = None
    # A file kept at the vendor.
    file_id: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Text:
    """Words."""

    text: str
    cache: CacheMark | None = None
    # Sources that the words lean on, in the wire's own form: OpenAI's annotations, Claude's citations.
    citations: tuple[JsonObject, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Image:
    """A picture."""

    media: Media
    # "low", "high", "auto": how closely it is to be looked at.
    detail: str | None = None
    cache: CacheMark | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Audio:
    """Sound, with its media type; `transcript` and `id` belong to sound that a model made."""

    media: Media
    transcript: str | None = None
    id: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Video:
    """Moving pictures."""

    media: Media


@dataclass(frozen=True, kw_only=True, slots=True)
class File:
    """A document: PDF, text and whatever else a model reads."""

    media: Media
    # As the caller named it; and the name in the address that it was fetched from.
    name: str = ""
    name_at_source: str = ""
    # Text in hand instead of `media.data`, for documents that are plain text.
    text: str | None = None
    cache: CacheMark | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Thinking:
    """What a model thought before it answered, with the seal by which its vendor takes it back."""

    text: str = ""
    signature: str | None = None
    # Thoughts that only the vendor can read; `text` is empty then.
    sealed: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class ToolCall:
    """A tool that the model wants run; `arguments` is JSON text as the model wrote it."""

    id: str
    name: str
    arguments: str
    # Gemini seals its calls like thoughts.
    signature: str | None = None
    cache: CacheMark | None = None

    @property
    def input(self) -> JsonObject:
        """The arguments as the object that they should be; what a model wrote wrongly is kept under "arguments"."""
        try:
            value = msgspec.json.decode(self.arguments or "{}")
        except msgspec.DecodeError:
            value = self.arguments
        return value if isinstance(value, dict) else {"arguments": value}


@dataclass(frozen=True, kw_only=True, slots=True)
class ToolResult:
    """What a tool gave, in the turn after the call; `name` where the wire knows calls by name."""

    call_id: str
    parts: tuple["Part", ...]
    name: str = ""
    is_error: bool = False
    cache: CacheMark | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Refusal:
    """The words by which a model refuses."""

    text: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Foreign:
    """A part that only its own wire knows, such as the results of a vendor's server tool; kept for that wire."""

    # "openai", "claude", "gemini", "responses".
    wire: str
    value: JsonObject


Part = Text | Image | Audio | Video | File | Thinking | ToolCall | ToolResult | Refusal | Foreign


@dataclass(frozen=True, kw_only=True, slots=True)
class Message:
    """One turn. Results of tools are parts of a user's turn."""

    role: Literal["system", "developer", "user", "assistant"]
    parts: tuple[Part, ...]
    # Tells speakers of one role apart.
    name: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Tool:
    """A function that the model may call; `schema` is the JSON Schema of its arguments."""

    name: str
    description: str = ""
    schema: JsonObject | None = None
    is_strict: bool | None = None
    cache: CacheMark | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class ServerTool:
    """A tool that the vendor itself runs, such as a web search, in its wire's own form."""

    wire: str
    value: JsonObject


@dataclass(frozen=True, kw_only=True, slots=True)
class ToolChoice:
    """Which tool is to be called: `name` is there when the mode is "named"."""

    mode: Literal["auto", "none", "any", "named"]
    name: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Reasoning:
    """How much the model is to think first."""

    is_on: bool | None = None
    # "minimal", "low", "medium", "high" ...; or a number of tokens. Converters translate one to the other.
    effort: str | None = None
    budget_tokens: int | None = None
    # Whether the thoughts, or a summary of them, are told: "auto", "concise", "detailed", "omitted".
    told: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class ResponseForm:
    """The form that the answer must have: JSON, or JSON of one schema."""

    kind: Literal["text", "json", "schema"]
    name: str = ""
    description: str = ""
    schema: JsonObject | None = None
    is_strict: bool | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Chat:
    """What a caller wants said. None: the caller did not say."""

    model: str
    messages: tuple[Message, ...]
    is_stream: bool = False
    # Whether an OpenAI stream is to end with its usage; the other wires always tell it.
    wants_usage: bool = True
    max_tokens: int | None = None
    temperature: float | None = None
    top_p: float | None = None
    top_k: int | None = None
    stop: tuple[str, ...] = ()
    seed: int | None = None
    # How many answers.
    count: int | None = None
    presence_penalty: float | None = None
    frequency_penalty: float | None = None
    logprobs: bool | None = None
    top_logprobs: int | None = None
    tools: tuple[Tool | ServerTool, ...] = ()
    tool_choice: ToolChoice | None = None
    parallel_tool_calls: bool | None = None
    response_form: ResponseForm | None = None
    reasoning: Reasoning | None = None
    # What the model is to answer in: "text", "audio", "image".
    modalities: tuple[str, ...] = ()
    # Voice and format of spoken answers, as OpenAI's `audio` says it.
    audio: JsonObject | None = None
    # Who asks, for the vendor's own protection.
    user: str | None = None
    metadata: JsonObject | None = None
    service_tier: str | None = None
    verbosity: str | None = None
    # The wire it came in: "openai", "claude", "gemini", "responses".
    wire: str = ""
    # Fields that only the caller's wire knows, by name, for upstreams of the same wire; named as dropped elsewhere.
    extra: JsonObject = field(default_factory=dict)
    dropped: tuple[str, ...] = ()
    # The caller's words for what is named here, where they differ: "count" -> "n", "Image.detail" -> a path.
    words: Mapping[str, str] = field(default_factory=dict, compare=False, repr=False)

    def word(self, name: str) -> str:
        """What the caller calls a field of this, or of a part ("Image.detail"): for `dropped` and for errors."""
        return self.words.get(name, name)


@dataclass(frozen=True, kw_only=True, slots=True)
class Usage:
    """Tokens of a call. `input_tokens` is the whole prompt, cached parts included; None: the vendor did not say."""

    input_tokens: int | None = None
    output_tokens: int | None = None
    cached_tokens: int = 0
    # Written to the vendor's cache, and of these, for an hour.
    cache_written_tokens: int = 0
    cache_written_1h_tokens: int = 0
    # Parts of `output_tokens`.
    reasoning_tokens: int = 0
    audio_output_tokens: int = 0
    # Part of `input_tokens`.
    audio_input_tokens: int = 0

    def then(self, later: "Usage") -> "Usage":
        """These figures, once later ones are known: some wires tell the prompt at the start and the rest at the end."""
        told, asked = (self if later.output_tokens is None else later), (self if later.input_tokens is None else later)
        return Usage(
            input_tokens=asked.input_tokens,
            cached_tokens=asked.cached_tokens,
            cache_written_tokens=asked.cache_written_tokens,
            cache_written_1h_tokens=asked.cache_written_1h_tokens,
            audio_input_tokens=asked.audio_input_tokens,
            output_tokens=told.output_tokens,
            reasoning_tokens=told.reasoning_tokens,
            audio_output_tokens=told.audio_output_tokens,
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class Choice:
    """One of the answers."""

    parts: tuple[Part, ...]
    stop: StopReason = StopReason.END
    # The stop word that came up, where the wire tells it.
    stop_sequence: str | None = None
    logprobs: JsonObject | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """A whole reply."""

    id: str
    model: str
    choices: tuple[Choice, ...]
    usage: Usage = Usage()
    created_s: int = 0
    service_tier: str | None = None
