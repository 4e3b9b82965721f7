"""From what a caller wants to a chat request in the OpenAI wire."""

import hashlib
from typing import Any

from tutti.intents.chat import Chat, ServerTool, Tool
from tutti.vendors.drops import Drops
from tutti.vendors.openai.messages import messages_of
from tutti.vendors.openai.models import Traits, traits_of
from tutti.vendors.openai.reasoning import reasoning_fields
from tutti.vendors.openai.user_parts import own_cache_field
from tutti.vendors.wire import Written
from tutti.wires.openai import encoder

_CHOICES = {"auto": "auto", "none": "none", "any": "required"}
# Fields of the same name and meaning.
_SAMPLING = ("temperature", "top_p", "presence_penalty", "frequency_penalty", "logprobs", "top_logprobs")
_SAME = ("seed", "verbosity")
_TIERS = frozenset({"auto", "default", "flex", "scale", "priority", "fast"})
# The longest `user` that OpenAI takes, in characters: the hash of a longer one is as long and tells users apart too.
_LONGEST_USER = 64


def request_of(chat: Chat) -> Written:
    """The request. Raises `InvalidRequestError` for what must not be left out and can not be said."""
    drops = Drops(chat, "openai")
    traits = traits_of(chat.model)
    body: dict[str, Any] = {"model": chat.model, "messages": messages_of(chat, traits, drops)}
    if chat.is_stream:
        # Always asked for: the call is settled by it, and the caller is told if they want it.
        body |= {"stream": True, "stream_options": {"include_usage": True}}
    body |= _limits(chat, traits, drops) | _tools(chat, drops) | reasoning_fields(chat, traits, drops)
    body |= _form(chat) | _who(chat, drops)
    for name in _SAME:
        if getattr(chat, name) is not None:
            body[name] = getattr(chat, name)
    if chat.modalities:
        body["modalities"] = list(chat.modalities)
    if chat.audio is not None:
        body["audio"] = chat.audio
    if chat.wire == "openai":
        body |= chat.extra
    return Written(body=encoder.encode(body), dropped=drops.names)


def _limits(chat: Chat, traits: Traits, drops: Drops) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    if chat.max_tokens is not None:
        fields["max_completion_tokens" if traits.is_reasoner else "max_tokens"] = chat.max_tokens
    if chat.count is not None:
        fields["n"] = chat.count
    if traits.is_reasoner:
        drops.add_set(*(["temperature"] if chat.temperature != 1 else []), *_SAMPLING[1:], "stop")
    else:
        fields |= {name: getattr(chat, name) for name in _SAMPLING if getattr(chat, name) is not None}
        if chat.stop:
            fields["stop"] = list(chat.stop)
    if chat.top_k is not None and chat.wire == "openai":
        fields["top_k"] = chat.top_k
    elif chat.top_k is not None:
        drops.add("top_k")
    return fields


def _tools(chat: Chat, drops: Drops) -> dict[str, Any]:
    tools = [tool for tool in (_tool(tool, chat, drops) for tool in chat.tools) if tool]
    if not tools:
        if chat.tool_choice and chat.tool_choice.mode in {"any", "named"}:
            drops.add("tool_choice")
        return {}
    fields: dict[str, Any] = {"tools": tools}
    if chat.tool_choice:
        named = {"type": "function", "function": {"name": chat.tool_choice.name}}
        fields["tool_choice"] = _CHOICES.get(chat.tool_choice.mode, named)
    if chat.parallel_tool_calls is not None:
        fields["parallel_tool_calls"] = chat.parallel_tool_calls
    return fields


def _tool(tool: Tool | ServerTool, chat: Chat, drops: Drops) -> dict[str, Any] | None:
    if isinstance(tool, ServerTool):
        if tool.wire == "openai":
            return dict(tool.value)
        drops.add_foreign(tool)
        return None
    function: dict[str, Any] = {"name": tool.name}
    if tool.description:
        function["description"] = tool.description
    if tool.schema is not None:
        function["parameters"] = tool.schema
    if tool.is_strict is not None:
        function["strict"] = tool.is_strict
    return {"type": "function", "function": function, **own_cache_field(tool.cache, chat, drops)}


def _form(chat: Chat) -> dict[str, Any]:
    form = chat.response_form
    if form is None:
        return {}
    if form.kind != "schema":
        return {"response_format": {"type": "text" if form.kind == "text" else "json_object"}}
    schema: dict[str, Any] = {"name": form.name or "answer"}
    if form.description:
        schema["description"] = form.description
    if form.schema is not None:
        schema["schema"] = form.schema
    if form.is_strict is not None:
        schema["strict"] = form.is_strict
    return {"response_format": {"type": "json_schema", "json_schema": schema}}


def _who(chat: Chat, drops: Drops) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    if chat.user:
        is_long = len(chat.user) > _LONGEST_USER and chat.wire != "openai"
        fields["user"] = hashlib.sha256(chat.user.encode()).hexdigest() if is_long else chat.user
    if chat.wire == "openai" and chat.metadata is not None:
        fields["metadata"] = chat.metadata
    else:
        drops.add_set("metadata")
    if chat.service_tier in _TIERS:
        fields["service_tier"] = chat.service_tier
    else:
        drops.add_set("service_tier")
    return fields
