"""Seals of thoughts in this wire: `encrypted_content` of a reasoning item, whoever sealed them.

OpenAI's own belong to their item, so its id is kept with the seal. Those of others bear their owner's name; a call's
seal, which Gemini gives, goes ahead of the call in an item of its own.
"""

from collections.abc import Mapping
from typing import Any

from tutti.intents.chat import Thinking
from tutti.intents.seals import CLAUDE, GEMINI, RESPONSES, name_seal, owner_of, seal_for

# Thoughts that only their vendor can read, and the seal of the call that follows.
_SEALED = "sealed"
_CALL = "call"
_FOREIGN = tuple(f"{mark}:" for mark in (_SEALED, _CALL, CLAUDE, GEMINI))
_FOREIGN_BYTES = tuple(f'"{mark}'.encode() for mark in _FOREIGN)


def told_seal(thought: Thinking) -> tuple[str | None, str | None]:
    """The id of the item, where the seal holds to one, and its encrypted content."""
    if thought.sealed is not None:
        return None, f"{_SEALED}:{thought.sealed}"
    if thought.signature is None:
        return None, None
    own = seal_for(RESPONSES, thought.signature)
    if own is not None:
        item_id, _, content = own.partition(":")
        return item_id or None, content
    return None, _named(thought.signature)


def told_call_seal(signature: str) -> str:
    """The encrypted content that goes ahead of a call."""
    return f"{_CALL}:{_named(signature)}"


def read_seal(item_id: str, content: str, text: str) -> Thinking:
    """Thoughts with the seal that a caller sends back."""
    if content.startswith(f"{_SEALED}:"):
        return Thinking(sealed=content.removeprefix(f"{_SEALED}:"))
    return Thinking(text=text, signature=_read(content) or name_seal(RESPONSES, f"{item_id}:{content}"))


def may_hold_foreign_seals(body: bytes) -> bool:
    """Whether a request may bring seals that OpenAI would refuse it for; most do not."""
    return any(mark in body for mark in _FOREIGN_BYTES)


def is_foreign(item: Mapping[str, Any]) -> bool:
    """Whether an item is thoughts that another vendor than OpenAI sealed."""
    content = item.get("encrypted_content")
    return item.get("type") == "reasoning" and isinstance(content, str) and content.startswith(_FOREIGN)


def read_call_seal(content: str) -> str | None:
    """The seal of the call that follows, None when the content is of thoughts."""
    return _read(content.removeprefix(f"{_CALL}:")) if content.startswith(f"{_CALL}:") else None


def _named(signature: str) -> str:
    return f"{CLAUDE}:{signature}" if owner_of(signature) == CLAUDE else signature


def _read(content: str) -> str | None:
    """A seal that bears its owner's name; None for OpenAI's own, which bears none."""
    if content.startswith(f"{CLAUDE}:"):
        return content.removeprefix(f"{CLAUDE}:")
    return content if content.startswith((f"{GEMINI}:", f"{RESPONSES}:")) else None
