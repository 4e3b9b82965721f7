"""An answer told piece by piece in the Responses wire. The events themselves are made in `lines.py`."""

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

import msgspec

from tutti.errors import TuttiError
from tutti.families.responses.lines import Lines, OpenCall, OpenMessage, OpenReasoning
from tutti.families.responses.output import Item, annotation_of, item_of, logprobs_of, seal_item, words_of
from tutti.families.responses.response import Response, begun, ended, failed, failure_code, new_item_id
from tutti.families.responses.seals import told_seal
from tutti.intents.chat import Audio, Chat, Image, Part, Refusal, StopReason, Text, Thinking, Usage
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
from tutti.intents.seals import RESPONSES, owner_of

_CUT_SHORT = "The answer was cut short."


class ResponsesStream:
    """Fulfils `CallerStream`. Of several answers the first is told: this wire knows one."""

    def __init__(self, chat: Chat, *, created_s: int) -> None:
        """Take the request, and when the response was made."""
        self._chat = chat
        self._created_s = created_s
        self._lines = Lines()
        self._output: list[Item] = []
        self._words: OpenMessage | None = None
        self._thoughts: OpenReasoning | None = None
        self._calls: dict[int, OpenCall] = {}
        self._response: Response | None = None
        self._usage: Usage | None = None
        self._stop: StopReason | None = None
        # The whole response, once its last event was told.
        self.final: Response | None = None

    def tell(self, event: Event) -> bytes:
        """The bytes for this event."""
        if self.final is not None or getattr(event, "choice", 0) != 0:
            return b""
        return self._begin() + self._TELLERS[type(event)](self, event)

    def end(self) -> bytes:
        """The event that holds the whole response."""
        if self.final is not None:
            return b""
        told = self._begin() + self._close()
        if self._stop is None:
            return told + self._fail(_CUT_SHORT)
        assert self._response is not None
        self.final = ended(self._response, stop=self._stop, output=self._output, usage=self._usage)
        return told + self._lines.event(f"response.{self.final['status']}", response=self.final)

    def fail(self, error: TuttiError) -> bytes:
        """An error, and the stream's end with it."""
        return self._fail(error.message, failure_code(error))

    def _fail(self, message: str, code: str = "server_error") -> bytes:
        told = self._begin() + self._close()
        assert self._response is not None
        self.final = failed(self._response, code=code, message=message, output=self._output)
        return told + self._lines.event("response.failed", response=self.final)

    def _begin(self, model: str = "") -> bytes:
        if self._response is not None:
            return b""
        self._response = begun(self._chat, created_s=self._created_s, model=model)
        told = self._lines.event("response.created", response=self._response)
        return told + self._lines.event("response.in_progress", response=self._response)

    def _started(self, event: Started) -> bytes:
        if event.model and self._response is not None:
            self._response = {**self._response, "model": event.model}
        return b""

    def _text(self, event: TextDelta) -> bytes:
        if not event.text and not event.logprobs:
            return b""
        told, words = self._open_words()
        return told + words.add_text(event.text, logprobs_of(event.logprobs))

    def _refusal(self, event: RefusalDelta) -> bytes:
        told, words = self._open_words()
        return told + words.add_refusal(event.text)

    def _thinking(self, event: ThinkingDelta) -> bytes:
        if event.sealed is not None:
            return self._close() + self._whole(Thinking(sealed=event.sealed))
        told = b""
        if self._thoughts is None:
            told = self._close()
            self._thoughts = OpenReasoning(self._lines, self._place(), new_item_id("rs"))
            told += self._thoughts.begin()
        if event.text:
            told += self._thoughts.add(event.text)
        if event.signature is not None:
            told += self._close_thoughts(event.signature)
        return told

    def _call(self, event: ToolCallStarted) -> bytes:
        told = self._close_words() + self._close_thoughts() + self._close_whole_calls()
        if event.signature:
            told += self._item(seal_item(event.signature, new_item_id))
        call = OpenCall(self._lines, self._place(), new_item_id("fc"), call_id=event.id, name=event.name)
        self._calls[event.index] = call
        return told + call.begin()

    def _arguments(self, event: ArgumentsDelta) -> bytes:
        call = self._calls.get(event.index)
        return call.add(event.text) if call is not None and event.text else b""

    def _part(self, event: PartDelta) -> bytes:
        part = event.part
        if isinstance(part, Text | Audio | Refusal) or (isinstance(part, Image) and part.media.data is None):
            return self._said(part)
        return self._close() + self._whole(part)

    def _said(self, part: Text | Audio | Refusal | Image) -> bytes:
        told, words = self._open_words()
        start, text = words.length, words_of(part)
        if text:
            told += words.add_refusal(text) if isinstance(part, Refusal) else words.add_text(text)
        for citation in part.citations if isinstance(part, Text) else ():
            annotation = annotation_of(citation, start, words.length)
            if annotation is not None:
                told += words.cite(annotation)
        return told

    def _stopped(self, event: Stopped) -> bytes:
        self._stop = event.reason
        return self._close()

    def _counted(self, event: Counted) -> bytes:
        self._usage = event.usage
        return b""

    def _failed(self, event: Failed) -> bytes:
        is_limit = "rate_limit" in event.code or event.code == "RESOURCE_EXHAUSTED"
        return self._fail(event.message, "rate_limit_exceeded" if is_limit else "server_error")

    _TELLERS: ClassVar[Mapping[type[Event], Callable[[Any, Any], bytes]]] = {
        Started: _started,
        TextDelta: _text,
        RefusalDelta: _refusal,
        ThinkingDelta: _thinking,
        ToolCallStarted: _call,
        ArgumentsDelta: _arguments,
        PartDelta: _part,
        Stopped: _stopped,
        Counted: _counted,
        Failed: _failed,
    }

    def _place(self) -> int:
        """The place of the next item, kept for it."""
        self._output.append({})
        return len(self._output) - 1

    def _open_words(self) -> tuple[bytes, OpenMessage]:
        if self._words is not None:
            return b"", self._words
        told = self._close()
        self._words = OpenMessage(self._lines, self._place(), new_item_id("msg"))
        return told + self._words.begin(), self._words

    def _whole(self, part: Part) -> bytes:
        return b"".join(map(self._item, item_of(part, new_item_id)))

    def _item(self, item: Item) -> bytes:
        """An item that comes whole."""
        index = self._place()
        self._output[index] = item
        return self._lines.added(index, item) + self._lines.done(index, item)

    def _close(self) -> bytes:
        """The ends of all that is open."""
        told = self._close_words() + self._close_thoughts()
        return told + b"".join(self._close_call(index) for index in sorted(self._calls))

    def _close_words(self) -> bytes:
        words, self._words = self._words, None
        if words is None:
            return b""
        told = words.close()
        self._output[words.index] = words.item
        return told

    def _close_thoughts(self, signature: str | None = None) -> bytes:
        thoughts, self._thoughts = self._thoughts, None
        if thoughts is None:
            return b""
        content = told_seal(Thinking(signature=signature))[1]
        if signature is not None and owner_of(signature) == RESPONSES:
            # The seal holds to an item of another id than the one that was told.
            content = signature
        told = thoughts.close(content)
        self._output[thoughts.index] = thoughts.item
        return told

    def _close_whole_calls(self) -> bytes:
        """The ends of calls whose arguments are whole: those of several may come in turns."""
        return b"".join(self._close_call(index) for index in sorted(self._calls) if _is_whole(self._calls[index]))

    def _close_call(self, index: int) -> bytes:
        call = self._calls.pop(index)
        told = call.close()
        self._output[call.index] = call.item
        return told


def _is_whole(call: OpenCall) -> bool:
    try:
        return isinstance(msgspec.json.decode(call.arguments), dict)
    except (msgspec.DecodeError, RecursionError):
        return False
