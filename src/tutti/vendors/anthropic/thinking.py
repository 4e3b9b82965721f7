"""How Claude is told to think, and the limit on tokens, which has to leave room for it."""

from dataclasses import dataclass, field
from typing import Any

from tutti.intents.chat import Chat, Reasoning, ToolCall
from tutti.intents.chat import Thinking as Thought
from tutti.intents.effort import budget_of, effort_of
from tutti.intents.seals import CLAUDE, seal_for
from tutti.vendors.anthropic.models import Traits
from tutti.vendors.drops import Drops

# The least that Claude thinks with.
_LEAST_TOKENS = 1024
# What every model that thinks may say in one answer, thoughts included.
_SAFE_MAX_TOKENS = 32_000
_EFFORTS = frozenset({"low", "medium", "high", "xhigh", "max"})


@dataclass(frozen=True, kw_only=True, slots=True)
class Thinking:
    """What is said of thinking."""

    max_tokens: int
    # The field `thinking`, or nothing.
    fields: dict[str, Any] = field(default_factory=dict)
    # For `output_config`.
    effort: str | None = None
    is_on: bool = False


def thinking_of(chat: Chat, traits: Traits, drops: Drops) -> Thinking:
    """The words for what was asked, as far as the model and the rest of the request allow it."""
    limit = traits.default_max_tokens if chat.max_tokens is None else chat.max_tokens
    asked = chat.reasoning
    if asked is None:
        return Thinking(max_tokens=limit)
    if asked.is_on is False:
        return Thinking(max_tokens=limit, fields=_off(traits), effort=_effort(asked, traits))
    if traits.thinks == "never":
        drops.add("reasoning")
        return Thinking(max_tokens=limit)
    if traits.thinks == "adaptive":
        return _adaptive(asked, traits, limit)
    if reason := _hindrance(chat):
        drops.add("reasoning", reason)
        return Thinking(max_tokens=limit)
    return _with_budget(chat, asked, limit, drops)


def _off(traits: Traits) -> dict[str, Any]:
    return {"thinking": {"type": "disabled"}} if traits.thinks_unasked or traits.thinks == "budget" else {}


def _adaptive(asked: Reasoning, traits: Traits, limit: int) -> Thinking:
    mode = {"type": "adaptive", **_display(asked)}
    # An effort alone leaves it to the model whether it thinks, as it does for callers who ask for nothing else.
    return Thinking(max_tokens=limit, fields={"thinking": mode}, effort=_effort(asked, traits), is_on=True)


def _effort(asked: Reasoning, traits: Traits) -> str | None:
    if traits.thinks != "adaptive":
        return None
    word = asked.effort or (effort_of(asked.budget_tokens) if asked.budget_tokens else None)
    if word == "xhigh" and traits.has_sampling:  # models of before that word
        return "high"
    if word is None or word in _EFFORTS:
        return word
    return "low" if word == "minimal" else "medium"


def _display(asked: Reasoning) -> dict[str, str]:
    if asked.told is None:
        return {}
    return {"display": "omitted" if asked.told == "omitted" else "summarized"}


def _with_budget(chat: Chat, asked: Reasoning, limit: int, drops: Drops) -> Thinking:
    wanted = asked.budget_tokens or budget_of(asked.effort or "medium")
    if chat.max_tokens is None:
        limit = min(limit + wanted, _SAFE_MAX_TOKENS)
    is_exact = asked.budget_tokens is not None and wanted < limit
    # Four fifths leave an answer after the thoughts.
    budget = max(wanted if is_exact else min(wanted, limit * 4 // 5), _LEAST_TOKENS)
    if budget >= limit:
        drops.add("reasoning", "max_tokens too small")
        return Thinking(max_tokens=limit)
    mode = {"type": "enabled", "budget_tokens": budget, **_display(asked)}
    return Thinking(max_tokens=limit, fields={"thinking": mode}, is_on=True)


def _hindrance(chat: Chat) -> str:
    """Why Claude would refuse to think in this conversation; empty when it would not.

    https://platform.claude.com/docs/en/build-with-claude/extended-thinking#extended-thinking-with-tool-use, 2026-11.
    """
    if chat.tool_choice and chat.tool_choice.mode in {"any", "named"} and chat.tools:
        return "tool_choice forces a tool"
    turn = next((message for message in reversed(chat.messages) if message.role == "assistant"), None)
    if turn is None or not any(isinstance(part, ToolCall) for part in turn.parts):
        return ""
    is_sealed = any(
        isinstance(part, Thought) and seal_for(CLAUDE, part.signature or part.sealed) for part in turn.parts
    )
    return "" if is_sealed else "a call came without sealed thoughts"
