"""Claude's cache mark, which its own wire and many who speak OpenAI's understand."""

from typing import Any

from tutti.intents.chat import CacheMark


def cache_field(mark: CacheMark | None) -> dict[str, Any]:
    """The field that marks a part, a tool or an instruction for the cache; nothing without a mark."""
    if mark is None:
        return {}
    return {"cache_control": {"type": "ephemeral"} | ({"ttl": mark.ttl} if mark.ttl else {})}
