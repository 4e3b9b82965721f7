"""From a whole reply in the Claude wire to an answer."""

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from tutti.errors import VendorError
from tutti.intents.chat import Answer, Choice, Foreign, Part, StopReason, Text, Thinking, ToolCall, Usage
from tutti.vendors.anthropic.usage import usage_of
from tutti.wires import claude as wire
from tutti.wires import claude_request as blocks

STOP_REASONS: Mapping[str, StopReason] = {
    "end_turn": StopReason.END,
    "max_tokens": StopReason.LENGTH,
    "model_context_window_exceeded": StopReason.LENGTH,
    "stop_sequence": StopReason.STOP_SEQUENCE,
    "tool_use": StopReason.TOOL_CALLS,
    "refusal": StopReason.REFUSAL,
    "pause_turn": StopReason.PAUSE,
}
# Ours are OpenAI's words.
_TIERS = {"standard": "default"}


def answer_of(body: bytes) -> Answer:
    """A whole reply. Raises `VendorError` when it can not be read."""
    try:
        reply = wire.reply_decoder.decode(body)
        parts = tuple(map(part_of, reply.content))
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise VendorError(f"The upstream's reply can not be read: {error}") from error
    choice = Choice(
        parts=parts,
        stop=STOP_REASONS.get(reply.stop_reason or "", StopReason.END),
        stop_sequence=reply.stop_sequence,
    )
    tier = reply.usage.service_tier if reply.usage else None
    return Answer(
        id=reply.id,
        model=reply.model,
        choices=(choice,),
        usage=usage_of(reply.usage) or Usage(),
        service_tier=_TIERS.get(tier, tier) if tier else None,
    )


def part_of(block: dict[str, Any]) -> Part:
    """A block of an answer; kinds that only this wire knows are kept for it. Raises `msgspec.ValidationError`."""
    kind = block.get("type")
    read = _PARTS.get(kind) if isinstance(kind, str) else None
    return read(block) if read else Foreign(wire="claude", value=block)


def _text(value: dict[str, Any]) -> Part:
    block = msgspec.convert(value, blocks.TextBlock)
    return Text(text=block.text, citations=tuple(block.citations or ()))


def _thinking(value: dict[str, Any]) -> Part:
    block = msgspec.convert(value, blocks.ThinkingBlock)
    return Thinking(text=block.thinking, signature=block.signature or None)


def _redacted(value: dict[str, Any]) -> Part:
    return Thinking(sealed=msgspec.convert(value, blocks.RedactedThinkingBlock).data)


def _tool_use(value: dict[str, Any]) -> Part:
    block = msgspec.convert(value, blocks.ToolUseBlock)
    return ToolCall(id=block.id, name=block.name, arguments=msgspec.json.encode(block.input or {}).decode())


_PARTS: Mapping[str, Callable[[dict[str, Any]], Part]] = {
    "text": _text,
    "thinking": _thinking,
    "redacted_thinking": _redacted,
    "tool_use": _tool_use,
}
