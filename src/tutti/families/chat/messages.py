"""The turns of a conversation in the OpenAI wire, by role."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from tutti.errors import InvalidRequestError
from tutti.families.chat.parts import cache_of, part_of
from tutti.families.reading import Reading
from tutti.intents.chat import (
    Audio,
    File,
    Image,
    Media,
    Message,
    Part,
    Refusal,
    Text,
    Thinking,
    ToolCall,
    ToolResult,
)
from tutti.intents.reasoning_details import seal_of, thoughts_of
from tutti.wires import openai_request as wire

# Parts that can carry a cache mark.
_MARKED = (Text, Image, File, ToolCall, ToolResult)


def messages_of(values: list[dict[str, Any]], reading: Reading) -> tuple[Message, ...]:
    """All turns. Raises `InvalidRequestError` naming the field."""
    return tuple(_message(value, f"messages[{number}]", reading) for number, value in enumerate(values))


def _message(value: dict[str, Any], where: str, reading: Reading) -> Message:
    message = reading.read(wire.Message, value, where)
    read = _ROLES.get(message.role)
    if read is None:
        raise InvalidRequestError(
            f"{where}.role: {message.role!r} is not one of {', '.join(_ROLES)}.", field=f"{where}.role"
        )
    told = read(message, where, reading)
    cache = cache_of(message.cache_control)
    if cache and told.parts and isinstance(told.parts[-1], _MARKED):
        told = replace(told, parts=(*told.parts[:-1], replace(told.parts[-1], cache=cache)))
    return told


def _system(message: wire.Message, where: str, reading: Reading) -> Message:
    return Message(role="system", parts=_content(message, where, reading), name=message.name)


def _developer(message: wire.Message, where: str, reading: Reading) -> Message:
    return Message(role="developer", parts=_content(message, where, reading), name=message.name)


def _user(message: wire.Message, where: str, reading: Reading) -> Message:
    return Message(role="user", parts=_content(message, where, reading), name=message.name)


def _assistant(message: wire.Message, where: str, reading: Reading) -> Message:
    parts: list[Part] = [*_thoughts(message), *_content(message, where, reading)]
    if message.refusal:
        parts.append(Refusal(text=message.refusal))
    if message.audio:
        parts.append(Audio(media=Media(), id=str(message.audio.get("id", ""))))
    parts += [_call(call, f"{where}.tool_calls[{number}]") for number, call in enumerate(message.tool_calls or ())]
    if message.function_call:
        call = message.function_call
        parts.append(ToolCall(id=_id_of_function(call.name), name=call.name, arguments=call.arguments or ""))
    return Message(role="assistant", parts=tuple(parts), name=message.name)


def _tool(message: wire.Message, where: str, reading: Reading) -> Message:
    if not message.tool_call_id:
        raise InvalidRequestError(
            f"{where}.tool_call_id: name the call that this result belongs to.", field=f"{where}.tool_call_id"
        )
    result = ToolResult(call_id=message.tool_call_id, parts=_content(message, where, reading), name=message.name or "")
    return Message(role="user", parts=(result,))


def _function(message: wire.Message, where: str, reading: Reading) -> Message:
    """The older form of a result, which knows calls by their function alone."""
    name = message.name or ""
    result = ToolResult(call_id=_id_of_function(name), parts=_content(message, where, reading), name=name)
    return Message(role="user", parts=(result,))


_ROLES: Mapping[str, Callable[[wire.Message, str, Reading], Message]] = {
    "system": _system,
    "developer": _developer,
    "user": _user,
    "assistant": _assistant,
    "tool": _tool,
    "function": _function,
}


def _content(message: wire.Message, where: str, reading: Reading) -> tuple[Part, ...]:
    if isinstance(message.content, list):
        places = ((part, f"{where}.content[{number}]") for number, part in enumerate(message.content))
        return tuple(part_of(part, place, reading) for part, place in places)
    return (Text(text=message.content),) if message.content else ()


def _thoughts(message: wire.Message) -> Iterator[Thinking]:
    """The thoughts of an earlier answer: one by one where they were kept so, with their seals."""
    details = list(thoughts_of(message.reasoning_details or ()))
    text = message.reasoning_content or message.reasoning
    if details:
        yield from details
    elif text:
        yield Thinking(text=text)


def _call(call: wire.ToolCall, where: str) -> ToolCall:
    if call.function is None or not call.function.name:
        raise InvalidRequestError(f"{where}.function: name the function that was called.", field=f"{where}.function")
    return ToolCall(
        id=call.id,
        name=call.function.name,
        arguments=call.function.arguments or "",
        signature=seal_of(call.extra_content),
    )


def _id_of_function(name: str) -> str:
    return f"call_{name}"
