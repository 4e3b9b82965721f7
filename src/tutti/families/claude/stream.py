"""An answer told piece by piece in the Claude wire.

Blocks never interleave here, and SDKs count on it: a block is closed before the next begins, and of calls that other
vendors tell in turns all but one wait. The end always comes, whatever the vendor left out: Claude Code waits for it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

import msgspec

from tutti.errors import TuttiError
from tutti.families.claude.errors import error_event
from tutti.families.claude.to_caller import STOP_REASONS, citations_of, foreign_of, usage_of, words_of
from tutti.intents.chat import Foreign, StopReason, Text, Usage
from tutti.intents.chat_events import (
    ArgumentsDelta,
    Counted,
    Event,
    Failed,
    PartDelta,
    RefusalDelta,
    Started,
    Stopped,
    TextDelta,
    ThinkingDelta,
    ToolCallStarted,
)
from tutti.wires import claude as wire


@dataclass(kw_only=True, slots=True)
class _Call:
    """A call whose arguments are coming."""

    index: int
    id: str
    name: str
    arguments: list[str] = field(default_factory=list)

    def is_whole(self) -> bool:
        """Whether the arguments are an object already: nothing more can come then."""
        try:
            return isinstance(msgspec.json.decode("".join(self.arguments)), dict)
        except msgspec.DecodeError:
            return False


class MessageStream:
    """Fulfils `CallerStream`. Of several answers the first alone is told."""

    def __init__(self, *, model: str) -> None:
        """`model` stands in for what the vendor does not say."""
        self._id = "msg_0"
        self._model = model
        self._is_started = False
        self._has_failed = False
        # How many blocks there were, and the type of the open one.
        self._blocks = 0
        self._open = ""
        # The calls that are not closed, in order: the first is the open block.
        self._calls: list[_Call] = []
        self._stop = Stopped(reason=StopReason.LENGTH)
        self._usage = Usage()

    def tell(self, event: Event) -> bytes:
        """The bytes for this event; empty when there is nothing to say yet."""
        if getattr(event, "choice", 0):
            return b""
        return self._TELL[type(event)](self, event)

    def end(self) -> bytes:
        """The open block's end, why the answer ended, its figures, and the end."""
        if self._has_failed:
            return b""
        told = self._start() + self._close()
        delta = {"stop_reason": STOP_REASONS[self._stop.reason], "stop_sequence": self._stop.stop_sequence}
        return told + wire.event("message_delta", delta=delta, usage=usage_of(self._usage)) + wire.event("message_stop")

    def fail(self, error: TuttiError) -> bytes:
        """An error, and the stream's end with it."""
        self._has_failed = True
        return error_event(error)

    def _started(self, event: Started) -> bytes:
        self._id = event.id or self._id
        self._model = event.model or self._model
        return self._start()

    def _start(self) -> bytes:
        if self._is_started:
            return b""
        self._is_started = True
        message = wire.Reply(id=self._id, model=self._model, usage=usage_of(self._usage))
        return wire.event("message_start", message=message)

    def _text(self, event: TextDelta | RefusalDelta) -> bytes:
        return self._words(event.text) if event.text else b""

    def _words(self, text: str) -> bytes:
        told = self._ensure("text", {"type": "text", "text": ""})
        return told + self._delta({"type": "text_delta", "text": text})

    def _thinking(self, event: ThinkingDelta) -> bytes:
        if event.sealed is not None:
            return self._whole({"type": "redacted_thinking", "data": event.sealed})
        if not event.text and event.signature is None:
            return b""
        told = self._ensure("thinking", {"type": "thinking", "thinking": "", "signature": ""})
        if event.text:
            told += self._delta({"type": "thinking_delta", "thinking": event.text})
        if event.signature is not None:
            # The seal is a block's last word.
            told += self._delta({"type": "signature_delta", "signature": event.signature}) + self._close()
        return told

    def _call(self, event: ToolCallStarted) -> bytes:
        call = _Call(index=event.index, id=event.id, name=event.name)
        if self._calls and not self._calls[0].is_whole():
            self._calls.append(call)
            return b""
        told = self._close()
        self._calls = [call]
        return told + self._begin_call()

    def _arguments(self, event: ArgumentsDelta) -> bytes:
        call = next((call for call in self._calls if call.index == event.index), None)
        if call is None or not event.text:
            return b""
        call.arguments.append(event.text)
        if call is not self._calls[0]:
            return b""
        told = self._delta({"type": "input_json_delta", "partial_json": event.text})
        while len(self._calls) > 1 and self._calls[0].is_whole():
            told += self._next_call()
        return told

    def _begin_call(self) -> bytes:
        """The first of the calls, with what of its arguments there is."""
        call = self._calls[0]
        told = self._begin("tool_use", {"type": "tool_use", "id": call.id, "name": call.name, "input": {}})
        text = "".join(call.arguments)
        return told + (self._delta({"type": "input_json_delta", "partial_json": text}) if text else b"")

    def _next_call(self) -> bytes:
        self._calls.pop(0)
        return self._stop_block() + self._begin_call()

    def _part(self, event: PartDelta) -> bytes:
        part = event.part
        if isinstance(part, Foreign):
            block = foreign_of(part)
            return self._whole(block) if block else b""
        if not isinstance(part, Text):
            text = words_of(part)
            return self._words(text) if text else b""
        told = self._words(part.text) if part.text else b""
        for citation in citations_of(part):
            told += self._ensure("text", {"type": "text", "text": ""})
            told += self._delta({"type": "citations_delta", "citation": citation})
        return told

    def _stopped(self, event: Stopped) -> bytes:
        self._stop = event
        return b""

    def _counted(self, event: Counted) -> bytes:
        self._usage = self._usage.then(event.usage)
        return b""

    def _failed(self, event: Failed) -> bytes:
        self._has_failed = True
        kind = event.code if event.code.endswith("_error") else "api_error"
        return wire.event("error", error=wire.ErrorObject(type=kind, message=event.message))

    def _ensure(self, kind: str, block: dict[str, Any]) -> bytes:
        """An open block of a kind."""
        return b"" if self._open == kind else self._close() + self._begin(kind, block)

    def _whole(self, block: dict[str, Any]) -> bytes:
        return self._close() + self._begin("whole", block) + self._stop_block()

    def _begin(self, kind: str, block: dict[str, Any]) -> bytes:
        told = self._start()
        self._open = kind
        return told + wire.event("content_block_start", index=self._blocks, content_block=block)

    def _delta(self, delta: dict[str, Any]) -> bytes:
        return wire.event("content_block_delta", index=self._blocks, delta=delta)

    def _close(self) -> bytes:
        """Close what is open: waiting calls are told first."""
        if not self._open:
            return b""
        told = b""
        while len(self._calls) > 1:
            told += self._next_call()
        self._calls.clear()
        return told + self._stop_block()

    def _stop_block(self) -> bytes:
        self._open = ""
        self._blocks += 1
        return wire.event("content_block_stop", index=self._blocks - 1)

    _TELL: ClassVar[Mapping[type[Event], Callable[["MessageStream", Any], bytes]]] = {
        Started: _started,
        TextDelta: _text,
        RefusalDelta: _text,
        ThinkingDelta: _thinking,
        ToolCallStarted: _call,
        ArgumentsDelta: _arguments,
        PartDelta: _part,
        Stopped: _stopped,
        Counted: _counted,
        Failed: _failed,
    }
