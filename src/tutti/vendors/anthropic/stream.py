"""A streamed reply in the Claude wire, event by event."""

from collections.abc import Callable, Mapping
from typing import ClassVar

import msgspec

from tutti.intents.chat import Foreign, StopReason, Text, Usage
from tutti.intents.chat_events import (
    ArgumentsDelta,
    Counted,
    Event,
    Events,
    Failed,
    PartDelta,
    Started,
    Stopped,
    TextDelta,
    ThinkingDelta,
    ToolCallStarted,
)
from tutti.vendors.anthropic.from_upstream import STOP_REASONS
from tutti.vendors.anthropic.usage import usage_of
from tutti.wires import claude as wire


class MessageStream:
    """Fulfils `UpstreamStream`. Blocks come one after another, so only the open one is remembered."""

    def __init__(self) -> None:
        """Begin before the first event."""
        self._calls = 0
        # A block of a kind that only this wire knows, and the arguments that come for it.
        self._foreign: dict[str, object] | None = None
        self._foreign_input = ""
        self._is_call = False
        self._has_arguments = False
        self._usage = Usage()

    def feed(self, name: str, data: bytes) -> Events:
        """The events that one server-sent event holds."""
        try:
            event = wire.event_decoder.decode(data)
        except (msgspec.DecodeError, UnicodeDecodeError):
            return (Failed(message="The upstream sent an event that can not be read.", code="bad_event"),)
        read = self._READ.get(event.type or name)
        return read(self, event) if read else ()

    def end(self) -> Events:
        """Nothing: a stream that was not cut has told its end."""
        return ()

    def _message_start(self, event: wire.StreamEvent) -> Events:
        message = event.message or wire.Reply()
        return (Started(id=message.id, model=message.model), *self._counted(message.usage))

    def _block_start(self, event: wire.StreamEvent) -> Events:
        block = event.content_block or {}
        match block.get("type"):
            case "text":
                return _words(block.get("text"), lambda text: TextDelta(text=text))
            case "thinking":
                return _words(block.get("thinking"), lambda text: ThinkingDelta(text=text))
            case "redacted_thinking":
                return (ThinkingDelta(sealed=str(block.get("data") or "")),)
            case "tool_use":
                self._is_call, self._has_arguments = True, bool(block.get("input"))
                self._calls += 1
                return self._call(block)
            case str():
                self._foreign, self._foreign_input = block, ""
        return ()

    def _call(self, block: dict[str, object]) -> Events:
        index = self._calls - 1
        started = ToolCallStarted(index=index, id=str(block.get("id") or ""), name=str(block.get("name") or ""))
        given = block.get("input")
        if not given:
            return (started,)
        # Some who copied the wire tell the arguments with the start.
        return (started, ArgumentsDelta(index=index, text=msgspec.json.encode(given).decode()))

    def _block_delta(self, event: wire.StreamEvent) -> Events:
        delta = event.delta or wire.Delta()
        match delta.type:
            case "text_delta":
                return _words(delta.text, lambda text: TextDelta(text=text))
            case "thinking_delta":
                return _words(delta.thinking, lambda text: ThinkingDelta(text=text))
            case "signature_delta":
                return (ThinkingDelta(signature=delta.signature),)
            case "input_json_delta":
                return self._arguments(delta.partial_json)
            case "citations_delta" if delta.citation:
                return (PartDelta(part=Text(text="", citations=(delta.citation,))),)
        return ()

    def _arguments(self, text: str) -> Events:
        if self._is_call:
            self._has_arguments = self._has_arguments or bool(text)
            return _words(text, lambda text: ArgumentsDelta(index=self._calls - 1, text=text))
        self._foreign_input += text
        return ()

    def _block_stop(self, _event: wire.StreamEvent) -> Events:
        if self._is_call:
            self._is_call = False
            # A call without arguments tells none; other wires want an object all the same.
            return () if self._has_arguments else (ArgumentsDelta(index=self._calls - 1, text="{}"),)
        if self._foreign is None:
            return ()
        block, self._foreign = self._foreign, None
        if self._foreign_input:
            try:
                block = {**block, "input": msgspec.json.decode(self._foreign_input)}
            except msgspec.DecodeError:
                block = {**block, "input": {}}
        return (PartDelta(part=Foreign(wire="claude", value=block)),)

    def _message_delta(self, event: wire.StreamEvent) -> Events:
        counted = self._counted(event.usage)
        reason = event.delta.stop_reason if event.delta else None
        if reason is None:
            return counted
        stop = STOP_REASONS.get(reason, StopReason.END)
        sequence = event.delta.stop_sequence if event.delta else None
        return (*counted, Stopped(reason=stop, stop_sequence=sequence))

    def _counted(self, told: wire.Usage | None) -> Events:
        usage = usage_of(told)
        if usage is None:
            return ()
        self._usage = self._usage.then(usage)
        return (Counted(usage=self._usage),)

    def _error(self, event: wire.StreamEvent) -> Events:
        error = event.error or wire.ErrorObject()
        return (Failed(message=error.message or "The upstream failed.", code=error.type),)

    _READ: ClassVar[Mapping[str, Callable[["MessageStream", wire.StreamEvent], Events]]] = {
        "message_start": _message_start,
        "content_block_start": _block_start,
        "content_block_delta": _block_delta,
        "content_block_stop": _block_stop,
        "message_delta": _message_delta,
        "error": _error,
    }


def _words(text: object, make: Callable[[str], Event]) -> Events:
    return (make(text),) if isinstance(text, str) and text else ()
