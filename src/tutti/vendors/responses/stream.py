"""A stream in the Responses wire as events: one function for each type of event, found in a table."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import msgspec

from tutti.intents.chat import Text, ToolCall
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
from tutti.vendors.garbage import GARBAGE, bad_event
from tutti.vendors.responses.from_upstream import parts_of, seal_of, stop_of, usage_of
from tutti.wires import responses as wire


@dataclass(slots=True)
class _Call:
    """A call that is being written."""

    index: int
    is_told: bool = False


class ResponsesUpstreamStream:
    """Fulfils `UpstreamStream`."""

    def __init__(self) -> None:
        """Wait for the first event."""
        # By the place of their item in the output.
        self._calls: dict[int, _Call] = {}
        # Items whose words came piece by piece, and thoughts that need a break before more of them.
        self._told: set[int] = set()

    def feed(self, name: str, data: bytes) -> Events:
        """The events that one server-sent event holds."""
        if data == b"[DONE]":
            return ()
        try:
            event = wire.event_decoder.decode(data)
            read = self._READERS.get(event.type or name)
            return [*read(self, event)] if read else ()
        except GARBAGE:
            return bad_event()

    def end(self) -> Events:
        """Nothing: the last event has told the end."""
        return ()

    def _created(self, event: wire.StreamEvent) -> Iterator[Event]:
        reply = wire.reply_decoder.decode(event.response)
        yield Started(id=reply.id, model=reply.model, created_s=int(reply.created_at))

    def _text(self, event: wire.StreamEvent) -> Iterator[Event]:
        self._told.add(event.output_index)
        logprobs = {"content": event.logprobs, "refusal": None} if event.logprobs else None
        yield TextDelta(text=_words(event), logprobs=logprobs)

    def _refusal(self, event: wire.StreamEvent) -> Iterator[Event]:
        self._told.add(event.output_index)
        yield RefusalDelta(text=_words(event))

    def _annotation(self, event: wire.StreamEvent) -> Iterator[Event]:
        if event.annotation:
            yield PartDelta(part=Text(text="", citations=(wire.citation_of(event.annotation),)))

    def _thoughts_part(self, event: wire.StreamEvent) -> Iterator[Event]:
        if event.summary_index > 0:
            yield ThinkingDelta(text="\n\n")

    def _thoughts(self, event: wire.StreamEvent) -> Iterator[Event]:
        self._told.add(event.output_index)
        yield ThinkingDelta(text=_words(event))

    def _added(self, event: wire.StreamEvent) -> Iterator[Event]:
        item = event.item or {}
        if item.get("type") == "function_call":
            yield self._start(event.output_index, item)

    def _start(self, place: int, item: Mapping[str, Any]) -> Event:
        call = self._calls[place] = _Call(index=len(self._calls))
        return ToolCallStarted(index=call.index, id=str(item.get("call_id", "")), name=str(item.get("name", "")))

    def _arguments(self, event: wire.StreamEvent) -> Iterator[Event]:
        call = self._calls.get(event.output_index)
        if call is not None:
            call.is_told = True
            yield ArgumentsDelta(index=call.index, text=_words(event))

    def _done(self, event: wire.StreamEvent) -> Iterator[Event]:
        """What of an item was not told piece by piece."""
        item = event.item or {}
        match item.get("type"):
            case "function_call":
                yield from self._call_done(event.output_index, item)
            case "reasoning":
                yield from self._thoughts_done(event.output_index, item)
            case "message" if event.output_index in self._told:
                pass
            case _:
                for part in parts_of(item):
                    yield TextDelta(text=part.text) if isinstance(part, Text) else PartDelta(part=part)

    def _call_done(self, place: int, item: Mapping[str, Any]) -> Iterator[Event]:
        if place not in self._calls:
            yield self._start(place, item)
        call = self._calls[place]
        if not call.is_told and item.get("arguments"):
            yield ArgumentsDelta(index=call.index, text=str(item["arguments"]))

    def _thoughts_done(self, place: int, item: Mapping[str, Any]) -> Iterator[Event]:
        if place not in self._told:
            for part in parts_of(item):
                yield ThinkingDelta(text=getattr(part, "text", ""), signature=getattr(part, "signature", None))
        elif seal := seal_of(msgspec.convert(item, wire.ReasoningItem)):
            yield ThinkingDelta(signature=seal)

    def _ended(self, event: wire.StreamEvent) -> Iterator[Event]:
        reply = wire.reply_decoder.decode(event.response)
        usage = usage_of(reply.usage)
        if usage is not None:
            yield Counted(usage=usage)
        if reply.status == "failed" or event.type == "response.failed":
            failure = reply.error or wire.Failure(message="The upstream gave no answer.")
            yield Failed(message=failure.message, code=failure.code)
            return
        calls = tuple(ToolCall(id="", name="", arguments="") for _ in self._calls)
        yield Stopped(reason=stop_of(reply, calls))

    def _error(self, event: wire.StreamEvent) -> Iterator[Event]:
        failure = event.error or wire.Failure(code=event.code or "", message=event.message or "")
        yield Failed(message=failure.message, code=failure.code)

    _READERS: ClassVar[Mapping[str, Callable[[Any, wire.StreamEvent], Iterator[Event]]]] = {
        "response.created": _created,
        "response.output_item.added": _added,
        "response.output_text.delta": _text,
        "response.output_text.annotation.added": _annotation,
        "response.refusal.delta": _refusal,
        "response.reasoning_summary_part.added": _thoughts_part,
        "response.reasoning_summary_text.delta": _thoughts,
        "response.reasoning_text.delta": _thoughts,
        "response.function_call_arguments.delta": _arguments,
        "response.output_item.done": _done,
        "response.completed": _ended,
        "response.incomplete": _ended,
        "response.failed": _ended,
        "error": _error,
    }


def _words(event: wire.StreamEvent) -> str:
    return event.delta if isinstance(event.delta, str) else ""
