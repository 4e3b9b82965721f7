"""From a request in the Responses wire to what the caller wants."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from tutti.errors import InvalidRequestError
from tutti.families.reading import Reading, convert, object_of, unknown
from tutti.families.responses.items import messages_of
from tutti.families.responses.parts import parts_of
from tutti.intents.chat import (
    Chat,
    JsonObject,
    Message,
    Reasoning,
    ResponseForm,
    ServerTool,
    Tool,
    ToolChoice,
)
from tutti.wires import responses as wire

# What is called otherwise here than in `Chat`.
WORDS: Mapping[str, str] = {
    "max_tokens": "max_output_tokens",
    "response_form": "text.format",
    "verbosity": "text.verbosity",
    "logprobs": "include",
    "ResponseForm.name": "text.format.name",
    "ResponseForm.description": "text.format.description",
    "ResponseForm.is_strict": "text.format.strict",
    "Thinking": "input[].reasoning",
    "Text.citations": "input[].content[].annotations",
    "Refusal": "input[].content[].refusal",
    "Image": "input[].content[].image_url",
    "Image.detail": "input[].content[].detail",
    "Audio": "input[].content[].input_audio",
    "File": "input[].content[].file_data",
    "File.name": "input[].content[].filename",
    "ToolCall": "input[].function_call",
    "ToolResult": "input[].function_call_output",
    "Foreign": "input[]",
    "ServerTool": "tools[]",
    "Tool.is_strict": "tools[].strict",
    "Tool.schema": "tools[].parameters",
}
LOGPROBS = "message.output_text.logprobs"
SEALS = "reasoning.encrypted_content"
_Tools = tuple[Tool | ServerTool, ...]
_MODES: Mapping[str, ToolChoice] = {
    "auto": ToolChoice(mode="auto"),
    "none": ToolChoice(mode="none"),
    "required": ToolChoice(mode="any"),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class ResponsesChat(Chat):
    """A chat with what the reply repeats of its request."""

    asked: JsonObject = field(default_factory=dict, compare=False, repr=False)
    # The id that the caller was told before the answer began.
    response_id: str | None = None


def chat_of(body: bytes, *, response_id: str | None = None) -> ResponsesChat:
    """The whole request. Raises `InvalidRequestError` naming the field."""
    raw = object_of(body)
    request = convert(wire.CreateRequest, {name: value for name, value in raw.items() if value is not None})
    refuse_what_lies_elsewhere(request)
    reading = Reading()
    tools, choice = _choice_of(request, _tools_of(request, reading), reading)
    text = request.text or wire.TextAsked()
    return ResponsesChat(
        model=request.model,
        messages=_messages_of(request, reading),
        is_stream=bool(request.stream),
        max_tokens=request.max_output_tokens,
        temperature=request.temperature,
        top_p=request.top_p,
        logprobs=True if LOGPROBS in (request.include or ()) else None,
        top_logprobs=request.top_logprobs,
        tools=tools,
        tool_choice=choice,
        parallel_tool_calls=request.parallel_tool_calls,
        response_form=_form_of(text.format),
        reasoning=_reasoning_of(request.reasoning),
        user=request.user or request.safety_identifier,
        metadata=request.metadata or None,
        service_tier=request.service_tier,
        verbosity=text.verbosity,
        wire="responses",
        words=WORDS if request.user is not None else {**WORDS, "user": "safety_identifier"},
        extra=_extra_of(request, raw),
        dropped=reading.dropped,
        asked=raw,
        response_id=response_id,
    )


class _NamesWhatLiesElsewhere(Protocol):
    """A request that may name a conversation or a prompt that OpenAI keeps."""

    @property
    def conversation(self) -> object: ...
    @property
    def prompt(self) -> object: ...


def refuse_what_lies_elsewhere(request: _NamesWhatLiesElsewhere) -> None:
    """Refuse what a vendor keeps for the account of a channel, which many share. Raises `InvalidRequestError`."""
    for name in ("conversation", "prompt"):
        if getattr(request, name) is not None:
            raise InvalidRequestError(
                f"{name}: nothing of the kind is kept here. Send the items in input, or name the response before in "
                "previous_response_id.",
                field=name,
            )


def _messages_of(request: wire.CreateRequest, reading: Reading) -> tuple[Message, ...]:
    messages = messages_of(request.input or [], reading)
    if isinstance(request.instructions, str):
        parts = parts_of(request.instructions, "instructions", reading)
        messages[:0] = [Message(role="system", parts=parts)] if parts else []
    elif request.instructions:
        messages[:0] = messages_of(request.instructions, reading)
    if not messages:
        raise InvalidRequestError("input: give a text or a list of items.", field="input")
    return tuple(messages)


def _tools_of(request: wire.CreateRequest, reading: Reading) -> _Tools:
    return tuple(_tool(value, f"tools[{number}]", reading) for number, value in enumerate(request.tools or ()))


def _tool(value: dict[str, Any], where: str, reading: Reading) -> Tool | ServerTool:
    if value.get("type", "function") != "function":
        return ServerTool(wire="responses", value=value)
    function = reading.read(wire.FunctionTool, {name: inner for name, inner in value.items() if name != "type"}, where)
    return Tool(
        name=function.name,
        description=function.description or "",
        schema=function.parameters,
        is_strict=function.strict,
    )


def _choice_of(request: wire.CreateRequest, tools: _Tools, reading: Reading) -> tuple[_Tools, ToolChoice | None]:
    """The tools that may be called, and which is to be. Raises `InvalidRequestError` for a choice of no known form."""
    match request.tool_choice:
        case None:
            return tools, None
        case str() as mode if mode in _MODES:
            return tools, _MODES[mode]
        case {"type": "function", "name": str(name)}:
            return tools, ToolChoice(mode="named", name=name)
        case {"type": "allowed_tools", "tools": list(allowed), **rest}:
            names = {tool.get("name") for tool in allowed if isinstance(tool, dict)}
            chosen = tuple(tool for tool in tools if isinstance(tool, Tool) and tool.name in names)
            return chosen, _MODES.get(str(rest.get("mode")), _MODES["auto"])
        case {"type": str()}:
            # A tool of the vendor's own that is to be used.
            reading.drop("tool_choice")
            return tools, None
    raise InvalidRequestError("tool_choice: use none, auto, required, or name a function.", field="tool_choice")


def _form_of(form: wire.TextFormat | None) -> ResponseForm | None:
    if form is None:
        return None
    if form.type == "text":
        return ResponseForm(kind="text")
    if form.type == "json_object":
        return ResponseForm(kind="json")
    if form.type != "json_schema" or form.schema is None:
        field = "text.format.schema" if form.type == "json_schema" else "text.format.type"
        raise InvalidRequestError(f"{field}: use text, json_object, or json_schema with its schema.", field=field)
    return ResponseForm(
        kind="schema",
        name=form.name or "",
        description=form.description or "",
        schema=form.schema,
        is_strict=form.strict,
    )


def _reasoning_of(asked: wire.ReasoningAsked | None) -> Reasoning | None:
    if asked is None:
        return None
    told = asked.summary or asked.generate_summary
    if asked.effort == "none":
        return Reasoning(is_on=False, told=told)
    return Reasoning(effort=asked.effort, told=told) if asked.effort or told else None


def _extra_of(request: wire.CreateRequest, raw: JsonObject) -> dict[str, Any]:
    """Fields of this wire alone. What the gateway does itself is none: store, background, previous_response_id."""
    extra = {name: value for name, value in unknown(wire.CreateRequest, raw).items() if value is not None}
    include = [name for name in request.include or () if name not in {LOGPROBS, SEALS}]
    if include:
        extra["include"] = include
    if request.truncation not in {None, "disabled"}:
        extra["truncation"] = request.truncation
    return extra
