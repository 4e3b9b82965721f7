"""From what a caller wants to a request in the Claude wire."""

from typing import Any

from tutti.errors import InvalidRequestError
from tutti.intents.chat import Chat, Message, ServerTool, Text, Tool
from tutti.vendors.anthropic.messages import messages_of
from tutti.vendors.anthropic.models import Traits, named_plainly, traits_of
from tutti.vendors.anthropic.thinking import Thinking, thinking_of
from tutti.vendors.cache_mark import cache_field
from tutti.vendors.drops import Drops
from tutti.vendors.wire import Written
from tutti.wires.claude import encoder

# Chat fields that have no place in this wire, whatever they hold.
_WITHOUT_PLACE = (
    "seed",
    "presence_penalty",
    "frequency_penalty",
    "logprobs",
    "top_logprobs",
    "audio",
    "verbosity",
)
_CHOICES = {"auto": "auto", "none": "none", "any": "any", "named": "tool"}
_TIERS = {"auto": "auto", "default": "standard_only"}


def request_of(chat: Chat) -> Written:
    """The request. Raises `InvalidRequestError` for what must not be left out and can not be said."""
    chat = named_plainly(chat)
    if (chat.count or 1) > 1:
        field = chat.word("count")
        raise InvalidRequestError(f"{field}: {chat.model} gives one answer a call.", field=field)
    drops = Drops(chat, "claude")
    traits = traits_of(chat.model)
    thinking = thinking_of(chat, traits, drops)
    drops.add_set(*_WITHOUT_PLACE)
    if set(chat.modalities) - {"text"}:
        drops.add("modalities")
    body: dict[str, Any] = {"model": chat.model, "max_tokens": thinking.max_tokens}
    body |= _system(chat, drops)
    body["messages"] = messages_of(chat, drops)
    body |= {"stream": True} if chat.is_stream else {}
    body |= _sampling(chat, traits, thinking, drops) | _tools(chat, drops) | thinking.fields
    body |= _output(chat, thinking, drops) | _who(chat, drops)
    if chat.wire == "claude":
        body |= chat.extra
    return Written(body=encoder.encode(body), dropped=drops.names)


def _system(chat: Chat, drops: Drops) -> dict[str, Any]:
    """Instructions stand before the conversation here, wherever they stood: all of them, each a block of its own."""
    told = [part for message in chat.messages if _is_instruction(message) for part in message.parts]
    for part in told:
        if not isinstance(part, Text):
            drops.add(type(part).__name__)
    blocks = [
        {"type": "text", "text": part.text, **cache_field(part.cache)}
        for part in told
        if isinstance(part, Text) and part.text
    ]
    if not blocks:
        return {}
    return {"system": blocks[0]["text"] if len(blocks) == 1 and len(blocks[0]) == 2 else blocks}


def _is_instruction(message: Message) -> bool:
    return message.role in {"system", "developer"}


def _sampling(chat: Chat, traits: Traits, thinking: Thinking, drops: Drops) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    stop = [word for word in chat.stop if word.strip()]
    if len(stop) < len(chat.stop):
        drops.add("stop", "blank")
    if stop:
        fields["stop_sequences"] = stop
    if not traits.has_sampling or thinking.is_on:
        # One is what these models do by themselves.
        drops.add_set(*(["temperature"] if chat.temperature != 1 else []), "top_p", "top_k")
        return fields
    if chat.temperature is not None:
        fields["temperature"] = min(max(chat.temperature, 0.0), 1.0)
        if fields["temperature"] != chat.temperature:
            drops.add("temperature", "clamped")
    if chat.top_p is not None and chat.temperature is not None and not traits.takes_both:
        drops.add("top_p")
    elif chat.top_p is not None:
        fields["top_p"] = chat.top_p
    if chat.top_k is not None:
        fields["top_k"] = chat.top_k
    return fields


def _tools(chat: Chat, drops: Drops) -> dict[str, Any]:
    tools = [tool for tool in (_tool(tool, drops) for tool in chat.tools) if tool]
    mode = chat.tool_choice.mode if chat.tool_choice else None
    if not tools:
        if mode in {"any", "named"}:
            drops.add("tool_choice")
        return {}
    if mode is None and chat.parallel_tool_calls is not False:
        return {"tools": tools}
    choice: dict[str, Any] = {"type": _CHOICES[mode or "auto"]}
    if chat.tool_choice and chat.tool_choice.name:
        choice["name"] = chat.tool_choice.name
    if chat.parallel_tool_calls is False and mode != "none":
        choice["disable_parallel_tool_use"] = True
    return {"tools": tools, "tool_choice": choice}


def _tool(tool: Tool | ServerTool, drops: Drops) -> dict[str, Any] | None:
    if isinstance(tool, ServerTool):
        if tool.wire == "claude":
            return dict(tool.value)
        drops.add_foreign(tool)
        return None
    told: dict[str, Any] = {"name": tool.name}
    if tool.description:
        told["description"] = tool.description
    told["input_schema"] = {"type": "object", **(tool.schema or {"properties": {}})}
    if tool.is_strict is not None:
        told["strict"] = tool.is_strict
    return told | cache_field(tool.cache)


def _output(chat: Chat, thinking: Thinking, drops: Drops) -> dict[str, Any]:
    config: dict[str, Any] = {"effort": thinking.effort} if thinking.effort else {}
    form = chat.response_form
    if form and form.kind == "schema" and form.schema is not None:
        config["format"] = {"type": "json_schema", "schema": form.schema}
        if form.description:
            drops.add("ResponseForm.description")
    elif form and form.kind != "text":
        drops.add("response_form")
    return {"output_config": config} if config else {}


def _who(chat: Chat, drops: Drops) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    metadata = dict(chat.metadata or {}) if chat.wire == "claude" else {}
    if chat.user:
        metadata["user_id"] = chat.user
    if metadata:
        fields["metadata"] = metadata
    if chat.wire != "claude":
        drops.add_set("metadata")
    if chat.service_tier in _TIERS:
        fields["service_tier"] = _TIERS[chat.service_tier]
    else:
        drops.add_set("service_tier")
    return fields
