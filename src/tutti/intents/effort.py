"""Effort in words and effort in tokens: some wires ask for one, some models take only the other."""

# The words from less to more, with the tokens of Google's OpenAI front; the last two go on from there.
# https://ai.google.dev/gemini-api/docs/openai#thinking, 2026-11.
_BUDGETS = {"minimal": 1024, "low": 1024, "medium": 8192, "high": 24576, "xhigh": 32768, "max": 65536}


def budget_of(effort: str) -> int:
    """Tokens to think with for a word; an unknown word counts as "medium"."""
    return _BUDGETS.get(effort, _BUDGETS["medium"])


def effort_of(budget_tokens: int) -> str:
    """The word for at least so many tokens: "low", "medium" or "high", which every model with efforts knows."""
    return next((word for word in ("low", "medium") if budget_tokens <= _BUDGETS[word]), "high")
