"""The response object, which repeats its request around what the model gave."""

from collections.abc import Mapping, Sequence
from typing import Any

from tutti.errors import TuttiError
from tutti.families.responses.from_caller import ResponsesChat
from tutti.families.responses.output import Item
from tutti.intents.chat import Chat, StopReason, Usage
from tutti.kit.ids import random_text

Response = dict[str, Any]

# What the SDK wants to find, and what it means when nothing was asked.
_REPEATED: Mapping[str, Any] = {
    "instructions": None,
    "max_output_tokens": None,
    "parallel_tool_calls": True,
    "previous_response_id": None,
    "reasoning": {"effort": None, "summary": None},
    "store": True,
    "temperature": 1.0,
    "text": {"format": {"type": "text"}},
    "tool_choice": "auto",
    "tools": [],
    "top_p": 1.0,
    "truncation": "disabled",
    "user": None,
    "metadata": {},
}
# Told only when they were asked.
_TOLD_IF_ASKED = ("background", "max_tool_calls", "prompt_cache_key", "safety_identifier", "top_logprobs")
_TOO_MANY = 429
_INCOMPLETE = {StopReason.LENGTH: "max_output_tokens", StopReason.REFUSAL: "content_filter"}


def new_response_id() -> str:
    """An id that no other response has."""
    return f"resp_{random_text(48)}"


def new_item_id(kind: str) -> str:
    """An id of an item, which begins with "msg", "fc", "rs" and the like."""
    return f"{kind}_{random_text(32)}"


def begun(chat: Chat, *, created_s: int, model: str = "", status: str = "in_progress") -> Response:
    """A response that has no answer yet."""
    asked = chat.asked if isinstance(chat, ResponsesChat) else {}
    told_id = chat.response_id if isinstance(chat, ResponsesChat) else None
    response: Response = {
        "id": told_id or new_response_id(),
        "object": "response",
        "created_at": created_s,
        "status": status,
        "error": None,
        "incomplete_details": None,
        "model": model or chat.model,
        "output": [],
        "usage": None,
    }
    for name, default in _REPEATED.items():
        value = asked.get(name)
        response[name] = default if value is None else value
    response |= {name: asked[name] for name in _TOLD_IF_ASKED if asked.get(name) is not None}
    return response


def ended(
    response: Response,
    *,
    stop: StopReason,
    output: Sequence[Item],
    usage: Usage | None,
    service_tier: str | None = None,
) -> Response:
    """The response with its answer."""
    reason = _INCOMPLETE.get(stop)
    told = {
        **response,
        "status": "completed" if reason is None else "incomplete",
        "incomplete_details": None if reason is None else {"reason": reason},
        "output": [*output],
        "usage": None if usage is None else usage_of(usage),
    }
    return {**told, "service_tier": service_tier} if service_tier else told


def failed(response: Response, *, code: str, message: str, output: Sequence[Item] = ()) -> Response:
    """The response when the model failed; `code` is one of OpenAI's words."""
    return {**response, "status": "failed", "error": {"code": code, "message": message}, "output": [*output]}


def failure_code(error: TuttiError) -> str:
    """OpenAI's word for what a response failed of."""
    return "rate_limit_exceeded" if error.status == _TOO_MANY else "server_error"


def usage_of(usage: Usage) -> dict[str, Any]:
    """The figures."""
    asked, told = usage.input_tokens or 0, usage.output_tokens or 0
    return {
        "input_tokens": asked,
        "input_tokens_details": {
            "cached_tokens": usage.cached_tokens,
            "cache_write_tokens": usage.cache_written_tokens,
        },
        "output_tokens": told,
        "output_tokens_details": {"reasoning_tokens": usage.reasoning_tokens},
        "total_tokens": asked + told,
    }
