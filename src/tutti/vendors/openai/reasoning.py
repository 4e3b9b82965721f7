"""How models behind the OpenAI wire are told to think: each maker has words of its own."""

from typing import Any

from tutti.intents.chat import Chat, Reasoning
from tutti.intents.effort import effort_of
from tutti.vendors.drops import Drops
from tutti.vendors.openai.models import Traits


def reasoning_fields(chat: Chat, traits: Traits, drops: Drops) -> dict[str, Any]:
    """The fields for what was asked; named as dropped where the model knows no such words."""
    asked = chat.reasoning
    if asked is None:
        return {}
    match traits.thinks_by:
        case "effort":
            fields = _by_effort(asked, traits)
        case "thinking":
            fields = _by_thinking(asked)
        case "switch":
            fields = _by_switch(asked)
        case "nothing":
            # A caller of this wire knows the model; what is said in another wire is said to a model in general.
            fields = {"reasoning_effort": asked.effort} if asked.effort and chat.wire == "openai" else {}
            if asked.is_on is False:
                return fields
    if not fields:
        drops.add("reasoning")
    return fields


def _by_effort(asked: Reasoning, traits: Traits) -> dict[str, Any]:
    if asked.is_on is False:
        return {"reasoning_effort": traits.off} if traits.off else {}
    word = asked.effort or (effort_of(asked.budget_tokens) if asked.budget_tokens else None)
    if word == "max":  # Claude's word for more than there is
        word = "xhigh"
    return {"reasoning_effort": word or "medium"}


def _by_thinking(asked: Reasoning) -> dict[str, Any]:
    if asked.is_on is False:
        return {"thinking": {"type": "disabled"}}
    budget = {"budget_tokens": asked.budget_tokens} if asked.budget_tokens else {}
    return {"thinking": {"type": "enabled", **budget}}


def _by_switch(asked: Reasoning) -> dict[str, Any]:
    budget = {"thinking_budget": asked.budget_tokens} if asked.budget_tokens and asked.is_on is not False else {}
    return {"enable_thinking": asked.is_on is not False, **budget}
