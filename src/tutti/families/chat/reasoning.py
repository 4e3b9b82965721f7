"""How much the model is to think: six ways in which callers of the OpenAI wire ask for it."""

from typing import Any

from tutti.families.reading import Reading
from tutti.intents.chat import Reasoning
from tutti.wires.openai_request import CompletionRequest


def reasoning_of(request: CompletionRequest, reading: Reading) -> tuple[Reasoning | None, str]:
    """What was asked for and the field that said so: OpenAI's own first, then the additions of its family."""
    google = _google(request.extra_body, reading)
    for field, found in (
        ("reasoning_effort", _by_effort(request.reasoning_effort)),
        ("thinking", _by_thinking(request)),
        ("reasoning", _by_reasoning(request)),
        ("enable_thinking", _by_switch(request)),
        ("extra_body", google),
    ):
        if found is not None:
            return found, field
    return None, "reasoning_effort"


def _by_effort(effort: str | None) -> Reasoning | None:
    if effort is None:
        return None
    return Reasoning(is_on=False) if effort == "none" else Reasoning(effort=effort)


def _by_thinking(request: CompletionRequest) -> Reasoning | None:
    thinking = request.thinking
    if thinking is None:
        return None
    return Reasoning(is_on=thinking.type != "disabled", budget_tokens=thinking.budget_tokens)


def _by_reasoning(request: CompletionRequest) -> Reasoning | None:
    asked = request.reasoning
    if asked is None:
        return None
    told = "omitted" if asked.exclude else None
    if asked.effort == "none" or asked.enabled is False:
        return Reasoning(is_on=False)
    return Reasoning(is_on=asked.enabled, effort=asked.effort, budget_tokens=asked.max_tokens, told=told)


def _by_switch(request: CompletionRequest) -> Reasoning | None:
    if request.enable_thinking is None and request.thinking_budget is None:
        return None
    return Reasoning(is_on=request.enable_thinking, budget_tokens=request.thinking_budget)


def _google(extra_body: dict[str, Any] | None, reading: Reading) -> Reasoning | None:
    """Google's own words in extra_body: {google: {thinking_config: {thinking_budget, thinking_level, ...}}}."""
    if not extra_body:
        return None
    google = extra_body.get("google")
    config = google.get("thinking_config") if isinstance(google, dict) else None
    if not isinstance(config, dict):
        reading.drop("extra_body")
        return None
    budget, level = config.get("thinking_budget"), config.get("thinking_level")
    return Reasoning(
        is_on=False if budget == 0 else None,
        budget_tokens=budget if isinstance(budget, int) and budget > 0 else None,
        effort=level.lower() if isinstance(level, str) else None,
        told="auto" if config.get("include_thoughts") else None,
    )
