"""Thoughts and seals as the OpenAI wire carries them, on both of its sides.

OpenAI's own wire has no place for them; these are the forms that two gateways made known: OpenRouter's list
`reasoning_details` (https://openrouter.ai/docs/guides/best-practices/reasoning-tokens) and Google's `extra_content` on
calls of tools (https://ai.google.dev/gemini-api/docs/thought-signatures), both 2026-11.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from tutti.intents.chat import Thinking
from tutti.intents.seals import GEMINI, name_seal, seal_for


def thoughts_of(details: Iterable[Any]) -> Iterator[Thinking]:
    """The thoughts of a list; entries of unknown forms are passed over."""
    for detail in details:
        match detail:
            case {"type": "reasoning.encrypted", "data": str(data)}:
                yield Thinking(sealed=data)
            case {"type": "reasoning.text" | "reasoning.summary"}:
                text, signature = detail.get("text") or detail.get("summary"), detail.get("signature")
                yield Thinking(
                    text=text if isinstance(text, str) else "",
                    signature=signature if isinstance(signature, str) else None,
                )


def details_of(thoughts: Sequence[Thinking]) -> list[dict[str, Any]]:
    """The list of some thoughts; empty where none is sealed, for then their text says it all."""
    if not any(thought.signature is not None or thought.sealed is not None for thought in thoughts):
        return []
    return [detail_of(number, thought) for number, thought in enumerate(thoughts)]


def detail_of(number: int, thought: Thinking) -> dict[str, Any]:
    """One entry, the `number`th of its list."""
    if thought.sealed is not None:
        return {"type": "reasoning.encrypted", "data": thought.sealed, "index": number}
    seal = {} if thought.signature is None else {"signature": thought.signature}
    return {"type": "reasoning.text", "text": thought.text, **seal, "index": number}


def seal_of(extra_content: Any) -> str | None:
    """Google's seal of a call, by its owner's name."""
    match extra_content:
        case {"google": {"thought_signature": str(signature)}}:
            return name_seal(GEMINI, signature)
    return None


def extra_content_of(signature: str | None) -> dict[str, Any] | None:
    """The field that carries Google's seal of a call; None for a call without one, and for other vendors' seals."""
    seal = seal_for(GEMINI, signature)
    return None if seal is None else {"google": {"thought_signature": seal}}
