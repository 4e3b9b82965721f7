"""From a request in the Claude wire to what the caller wants."""

from collections.abc import Mapping
from typing import Any

from tutti.errors import InvalidRequestError
from tutti.families.claude.blocks import cache_of, content_of
from tutti.families.reading import Reading, convert, object_of, unknown
from tutti.intents.chat import (
    Chat,
    Message,
    Reasoning,
    ResponseForm,
    ServerTool,
    Tool,
    ToolChoice,
)
from tutti.wires import claude_request as wire

# What is called otherwise here than in `Chat`.
WORDS: Mapping[str, str] = {
    "stop": "stop_sequences",
    "response_form": "output_config.format",
    "reasoning": "thinking",
    "parallel_tool_calls": "tool_choice.disable_parallel_tool_use",
    "user": "metadata.user_id",
    "Image": "messages[].content[].type=image",
    "File": "messages[].content[].type=document",
    "File.name": "messages[].content[].title",
    "Thinking": "messages[].content[].type=thinking",
    "ToolCall": "messages[].content[].type=tool_use",
    "ToolResult": "messages[].content[].type=tool_result",
    "ToolResult.is_error": "messages[].content[].is_error",
    "Foreign": "messages[].content[]",
    "ServerTool": "tools[]",
    "Tool.is_strict": "tools[].strict",
    "CacheMark": "cache_control",
}
_ROLES = ("user", "assistant", "system")
# Ours are OpenAI's words.
_TIERS = {"standard_only": "default"}


def chat_of(body: bytes) -> Chat:
    """The whole request. Raises `InvalidRequestError` naming the field."""
    raw = object_of(body)
    request = convert(wire.MessagesRequest, raw)
    reading = Reading()
    user, metadata = _who(request.metadata)
    choice = request.tool_choice
    return Chat(
        model=request.model,
        messages=(*_system(request.system, reading), *_messages(request.messages, reading)),
        is_stream=bool(request.stream),
        max_tokens=request.max_tokens,
        temperature=request.temperature,
        top_p=request.top_p,
        top_k=request.top_k,
        stop=tuple(request.stop_sequences or ()),
        tools=tuple(_tool(tool, f"tools[{number}]", reading) for number, tool in enumerate(request.tools or ())),
        tool_choice=_choice(choice) if choice else None,
        parallel_tool_calls=False if choice and choice.disable_parallel_tool_use else None,
        response_form=_form(request.output_config),
        reasoning=_reasoning(request),
        user=user,
        metadata=metadata,
        service_tier=_TIERS.get(request.service_tier, request.service_tier) if request.service_tier else None,
        wire="claude",
        extra=unknown(wire.MessagesRequest, raw),
        dropped=reading.dropped,
        words=WORDS,
    )


def _system(system: str | list[dict[str, Any]] | None, reading: Reading) -> tuple[Message, ...]:
    parts = content_of(system, "system", reading) if system else ()
    return (Message(role="system", parts=parts),) if parts else ()


def _messages(values: list[dict[str, Any]], reading: Reading) -> tuple[Message, ...]:
    return tuple(_message(value, f"messages[{number}]", reading) for number, value in enumerate(values))


def _message(value: dict[str, Any], where: str, reading: Reading) -> Message:
    message = reading.read(wire.Message, value, where)
    parts = content_of(message.content, f"{where}.content", reading)
    match message.role:
        case "user" | "assistant" | "system" as role:
            return Message(role=role, parts=parts)
    raise InvalidRequestError(
        f"{where}.role: {message.role!r} is not one of {', '.join(_ROLES)}.", field=f"{where}.role"
    )


def _tool(value: dict[str, Any], where: str, reading: Reading) -> Tool | ServerTool:
    """A tool of the caller's own, or one that Anthropic runs or knows by its type."""
    kind = value.get("type")
    if isinstance(kind, str) and kind != "custom":
        return ServerTool(wire="claude", value=value)
    tool = reading.read(wire.Tool, value, where)
    return Tool(
        name=tool.name,
        description=tool.description or "",
        schema=tool.input_schema,
        is_strict=tool.strict,
        cache=cache_of(tool.cache_control),
    )


def _choice(choice: wire.ToolChoice) -> ToolChoice:
    match choice.type:
        case "auto" | "any" | "none" as mode:
            return ToolChoice(mode=mode)
        case "tool" if choice.name:
            return ToolChoice(mode="named", name=choice.name)
    raise InvalidRequestError("tool_choice: its type is auto, any, none, or tool with a name.", field="tool_choice")


def _reasoning(request: wire.MessagesRequest) -> Reasoning | None:
    thinking, effort = request.thinking, request.output_config.effort if request.output_config else None
    if thinking is None:
        return Reasoning(effort=effort) if effort else None
    if thinking.type == "disabled":
        return Reasoning(is_on=False, effort=effort)
    told = {"summarized": "auto", "omitted": "omitted"}.get(thinking.display or "")
    return Reasoning(is_on=True, effort=effort, budget_tokens=thinking.budget_tokens, told=told)


def _form(config: wire.OutputConfig | None) -> ResponseForm | None:
    match config.format if config else None:
        case None:
            return None
        case {"type": "json_schema", "schema": dict(schema)}:
            return ResponseForm(kind="schema", schema=schema)
    raise InvalidRequestError("output_config.format: use json_schema with a schema.", field="output_config.format")


def _who(metadata: dict[str, Any] | None) -> tuple[str | None, dict[str, Any] | None]:
    rest = dict(metadata or {})
    user = rest.pop("user_id", None)
    return (user if isinstance(user, str) else None), rest or None
