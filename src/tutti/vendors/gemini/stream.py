"""A stream in the Gemini wire as events: each chunk is a reply that holds only what is new."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from tutti.intents.chat import Part, Refusal, StopReason, Text, Thinking, ToolCall
from tutti.intents.chat_events import (
    ArgumentsDelta,
    Counted,
    Event,
    Events,
    Failed,
    PartDelta,
    RefusalDelta,
    Started,
    Stopped,
    TextDelta,
    ThinkingDelta,
    ToolCallStarted,
)
from tutti.kit.ids import random_text
from tutti.vendors.garbage import GARBAGE, bad_event
from tutti.vendors.gemini.from_upstream import blocked_parts, logprobs_of, parts_from, stop_of, usage_of
from tutti.vendors.gemini.grounding import citations_of
from tutti.wires import gemini


@dataclass(slots=True)
class _Candidate:
    """What is known of one answer."""

    calls: int = 0
    text: str = ""
    is_stopped: bool = False


class GeminiUpstreamStream:
    """Fulfils `UpstreamStream`."""

    def __init__(self) -> None:
        """Wait for the first chunk."""
        self._is_started = False
        self._candidates: dict[int, _Candidate] = {}

    def feed(self, name: str, data: bytes) -> Events:  # noqa: ARG002 - this wire's events have no names
        """The events that one chunk holds."""
        try:
            return [*self._read(gemini.reply_decoder.decode(data))]
        except GARBAGE:
            return bad_event()

    def end(self) -> Events:
        """Nothing: the last chunk has told the end."""
        return ()

    def _read(self, reply: gemini.GenerateReply) -> Iterator[Event]:
        if reply.error is not None:
            yield Failed(message=str(reply.error.get("message", "")), code=str(reply.error.get("status", "")))
            return
        if not self._is_started:
            self._is_started = True
            yield Started(id=reply.response_id or f"chatcmpl-{random_text(24)}", model=reply.model_version or "")
        for candidate in reply.candidates or ():
            yield from self._candidate(candidate)
        if reply.prompt_feedback is not None and reply.prompt_feedback.get("blockReason") and not self._candidates:
            self._candidates[0] = _Candidate(is_stopped=True)
            for part in blocked_parts(reply.prompt_feedback):
                yield _whole(part, 0)
            yield Stopped(reason=StopReason.REFUSAL)
        usage = usage_of(reply.usage_metadata)
        if usage is not None:
            yield Counted(usage=usage)

    def _candidate(self, candidate: gemini.Candidate) -> Iterator[Event]:
        held = self._candidates.setdefault(candidate.index, _Candidate())
        logprobs = logprobs_of(candidate)
        for part in parts_from(candidate.content):
            if isinstance(part, ToolCall):
                yield from _call(part, held.calls, candidate.index)
                held.calls += 1
            elif isinstance(part, Text):
                held.text += part.text
                yield TextDelta(text=part.text, choice=candidate.index, logprobs=logprobs)
                logprobs = None
            else:
                yield _whole(part, candidate.index)
        citations = citations_of(candidate, held.text)
        if citations:
            yield PartDelta(part=Text(text="", citations=citations), choice=candidate.index)
        if candidate.finish_reason and not held.is_stopped:
            held.is_stopped = True
            yield Stopped(reason=stop_of(candidate.finish_reason, has_calls=held.calls > 0), choice=candidate.index)


def _call(part: ToolCall, index: int, choice: int) -> Iterator[Event]:
    yield ToolCallStarted(index=index, id=part.id, name=part.name, choice=choice, signature=part.signature)
    yield ArgumentsDelta(index=index, text=part.arguments, choice=choice)


def _thinking(part: Thinking, choice: int) -> Event:
    return ThinkingDelta(text=part.text, signature=part.signature, choice=choice)


def _refusal(part: Refusal, choice: int) -> Event:
    return RefusalDelta(text=part.text, choice=choice)


_DELTAS: dict[type[Part], Callable[[Any, int], Event]] = {Thinking: _thinking, Refusal: _refusal}


def _whole(part: Part, choice: int) -> Event:
    tell = _DELTAS.get(type(part))
    return tell(part, choice) if tell else PartDelta(part=part, choice=choice)
