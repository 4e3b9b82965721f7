"""A chat as a request in the Responses wire."""

import re
from collections.abc import Mapping
from typing import Any

from tutti.errors import InvalidRequestError
from tutti.intents.chat import Chat, Message, ResponseForm, Text, Thinking, Tool, ToolChoice
from tutti.intents.effort import effort_of
from tutti.intents.seals import RESPONSES, seal_for
from tutti.vendors.drops import Drops
from tutti.vendors.responses.items import items_of
from tutti.vendors.wire import Written
from tutti.wires import responses as wire

# Models that think; the others refuse to be asked for the seal of it.
# https://platform.openai.com/docs/guides/reasoning, seen 2026-11.
_THINKS = re.compile(r"(^|/)(o\d|gpt-(?:[5-9]|\d\d)|codex|gpt-oss)")
_LEAST_MAX_TOKENS = 16
_SEALS = "reasoning.encrypted_content"
_LOGPROBS = "message.output_text.logprobs"
_MODES = {"auto": "auto", "none": "none", "any": "required"}
# Words for a field of a chat that this wire has no field for.
_NO_PLACE = (
    "top_k",
    "stop",
    "seed",
    "presence_penalty",
    "frequency_penalty",
    "audio",
)


def to_upstream(chat: Chat) -> Written:
    """The request. Raises `InvalidRequestError` for what must not be left out and can not be said."""
    drops = Drops(chat, "responses")
    if (chat.count or 1) > 1:
        name = chat.word("count")
        raise InvalidRequestError(f"{name}: this model gives one answer a call.", field=name)
    drops.add_set(*_NO_PLACE)
    if set(chat.modalities) - {"text"}:
        drops.add("modalities")
    instructions, messages = _instructions(chat.messages)
    body: dict[str, Any] = {
        "model": chat.model,
        "input": items_of(messages, drops),
        "instructions": instructions,
        "stream": chat.is_stream or None,
        "max_output_tokens": _limit(chat, drops),
        "temperature": chat.temperature,
        "top_p": chat.top_p,
        "top_logprobs": chat.top_logprobs,
        "tools": _tools(chat, drops) or None,
        "tool_choice": _choice(chat.tool_choice) if chat.tools else None,
        "parallel_tool_calls": chat.parallel_tool_calls,
        "text": _text(chat) or None,
        "reasoning": _reasoning(chat) or None,
        "user": chat.user,
        "metadata": chat.metadata,
        "service_tier": chat.service_tier,
        **(chat.extra if chat.wire == RESPONSES else {}),
        # Conversations are kept by the gateway, so that each turn may go to another channel.
        "store": False,
    }
    body["include"] = [*dict.fromkeys([*(body.get("include") or ()), *_included(chat)])] or None
    sent = {name: value for name, value in body.items() if value is not None}
    return Written(body=wire.encoder.encode(sent), dropped=drops.names)


def _instructions(messages: tuple[Message, ...]) -> tuple[str | None, tuple[Message, ...]]:
    """The system's words, and the turns after them."""
    if not messages or messages[0].role != "system":
        return None, messages
    parts = messages[0].parts
    texts = [part.text for part in parts if isinstance(part, Text)]
    return ("\n\n".join(texts), messages[1:]) if len(texts) == len(parts) else (None, messages)


def _limit(chat: Chat, drops: Drops) -> int | None:
    if chat.max_tokens is None or chat.max_tokens >= _LEAST_MAX_TOKENS:
        return chat.max_tokens
    drops.add("max_tokens", f"raised to {_LEAST_MAX_TOKENS}")
    return _LEAST_MAX_TOKENS


def _tools(chat: Chat, drops: Drops) -> list[dict[str, Any]]:
    tools: list[dict[str, Any]] = []
    for tool in chat.tools:
        if isinstance(tool, Tool):
            if tool.cache is not None:
                drops.add("CacheMark")
            tools.append(_function(tool))
        elif tool.wire == RESPONSES:
            tools.append(dict(tool.value))
        else:
            drops.add_foreign(tool)
    return tools


def _function(tool: Tool) -> dict[str, Any]:
    # Left out, strict is true here, which most schemas are not made for.
    told: dict[str, Any] = {"type": "function", "name": tool.name, "strict": bool(tool.is_strict)}
    if tool.description:
        told["description"] = tool.description
    told["parameters"] = tool.schema or {"type": "object", "properties": {}}
    return told


def _choice(choice: ToolChoice | None) -> str | dict[str, Any] | None:
    if choice is None:
        return None
    return {"type": "function", "name": choice.name} if choice.mode == "named" else _MODES[choice.mode]


def _text(chat: Chat) -> dict[str, Any]:
    told: dict[str, Any] = {}
    if chat.response_form is not None:
        told["format"] = _format(chat.response_form)
    if chat.verbosity is not None:
        told["verbosity"] = chat.verbosity
    return told


def _format(form: ResponseForm) -> dict[str, Any]:
    if form.kind == "text":
        return {"type": "text"}
    if form.kind == "json":
        return {"type": "json_object"}
    told: dict[str, Any] = {"type": "json_schema", "name": form.name or "answer", "schema": form.schema}
    if form.description:
        told["description"] = form.description
    if form.is_strict is not None:
        told["strict"] = form.is_strict
    return told


def _reasoning(chat: Chat) -> Mapping[str, Any]:
    asked = chat.reasoning
    if asked is None:
        return {}
    told: dict[str, Any] = {}
    if asked.is_on is False:
        told["effort"] = "none"
    elif asked.effort is not None:
        told["effort"] = asked.effort
    elif asked.budget_tokens is not None:
        told["effort"] = effort_of(asked.budget_tokens)
    if asked.told is not None and asked.told != "omitted":
        told["summary"] = asked.told
    return told


def _included(chat: Chat) -> list[str]:
    is_sealed = any(
        isinstance(part, Thinking) and seal_for(RESPONSES, part.signature) is not None
        for message in chat.messages
        for part in message.parts
    )
    included = [_SEALS] if is_sealed or _THINKS.search(chat.model) else []
    return [*included, _LOGPROBS] if chat.logprobs or chat.top_logprobs else included
