"""From an answer to a whole reply in the Claude wire."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from tutti.families.media import markdown_of
from tutti.intents.chat import (
    Answer,
    Audio,
    Choice,
    Foreign,
    Image,
    Part,
    Refusal,
    StopReason,
    Text,
    Thinking,
    ToolCall,
    Usage,
)
from tutti.wires import claude as wire

Block = dict[str, Any]
STOP_REASONS: Mapping[StopReason, str] = {
    StopReason.END: "end_turn",
    StopReason.LENGTH: "max_tokens",
    StopReason.STOP_SEQUENCE: "stop_sequence",
    StopReason.TOOL_CALLS: "tool_use",
    StopReason.REFUSAL: "refusal",
    StopReason.PAUSE: "pause_turn",
}
_TIERS = {"default": "standard", "auto": "standard"}


def reply_of(answer: Answer) -> bytes:
    """A whole reply; this wire knows one answer a call."""
    choice = answer.choices[0] if answer.choices else Choice(parts=())
    return wire.encoder.encode(
        wire.Reply(
            id=answer.id,
            model=answer.model,
            content=list(blocks_of(choice.parts)),
            stop_reason=STOP_REASONS[choice.stop],
            stop_sequence=choice.stop_sequence,
            usage=usage_of(answer.usage, answer.service_tier),
        )
    )


def blocks_of(parts: Iterable[Part]) -> Iterator[Block]:
    """The blocks of an answer."""
    for part in parts:
        tell = _BLOCKS.get(type(part))
        if tell and (block := tell(part)):
            yield block


def words_of(part: Part) -> str:
    """What of a part can only be told as words here."""
    match part:
        case Image():
            return markdown_of(part)
        case Audio():
            return part.transcript or ""
        case Refusal():
            return part.text
    return ""


def citations_of(text: Text) -> list[dict[str, Any]]:
    """The sources that this wire has a form for: its own."""
    return [dict(note) for note in text.citations if str(note.get("type", "")).endswith("_location")]


def foreign_of(part: Foreign) -> Block | None:
    """A part of an answer that this wire alone knows; those of others have no form here."""
    return dict(part.value) if part.wire == "claude" else None


def _text(part: Text) -> Block | None:
    if not part.text:
        return None
    citations = citations_of(part)
    return {"type": "text", "text": part.text, **({"citations": citations} if citations else {})}


def _words(part: Part) -> Block | None:
    text = words_of(part)
    return {"type": "text", "text": text} if text else None


def _thinking(part: Thinking) -> Block:
    if part.sealed is not None:
        return {"type": "redacted_thinking", "data": part.sealed}
    return {"type": "thinking", "thinking": part.text, "signature": part.signature or ""}


def _tool_use(part: ToolCall) -> Block:
    return {"type": "tool_use", "id": part.id, "name": part.name, "input": part.input}


_BLOCKS: Mapping[type[Part], Callable[[Any], Block | None]] = {
    Text: _text,
    Refusal: _words,
    Image: _words,
    Audio: _words,
    Thinking: _thinking,
    ToolCall: _tool_use,
    Foreign: foreign_of,
}


def usage_of(usage: Usage, service_tier: str | None = None) -> wire.Usage:
    """Tokens: what was read from and written to the cache stands apart from the rest of the prompt."""
    cached, written = usage.cached_tokens, usage.cache_written_tokens
    hour = usage.cache_written_1h_tokens
    return wire.Usage(
        input_tokens=max((usage.input_tokens or 0) - cached - written, 0),
        cache_creation_input_tokens=written,
        cache_read_input_tokens=cached,
        output_tokens=usage.output_tokens or 0,
        cache_creation=wire.CacheCreation(ephemeral_5m_input_tokens=written - hour, ephemeral_1h_input_tokens=hour)
        if written
        else None,
        output_tokens_details=wire.OutputDetails(thinking_tokens=usage.reasoning_tokens)
        if usage.reasoning_tokens
        else None,
        service_tier=_TIERS.get(service_tier, service_tier) if service_tier else None,
    )
