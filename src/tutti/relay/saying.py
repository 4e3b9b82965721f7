"""A stream said anew: the upstream's events in, the caller's wire out."""

from dataclasses import replace

from tutti.errors import TuttiError, VendorSaidError
from tutti.intents.chat import StopReason, Usage
from tutti.intents.chat_events import (
    ArgumentsDelta,
    Counted,
    Events,
    Failed,
    RefusalDelta,
    Stopped,
    TextDelta,
    ThinkingDelta,
)
from tutti.kit.sse import EventReader
from tutti.relay.wires import CallerStream
from tutti.vendors.wire import UpstreamStream


class Saying:
    """Says one stream in another wire."""

    # Figures so far.
    usage: Usage | None

    def __init__(self, upstream: UpstreamStream, caller: CallerStream) -> None:
        self._events = EventReader()
        self._upstream = upstream
        self._caller = caller
        self._words: list[str] = []
        self.usage = None
        self.pieces = 0

    def feed(self, chunk: bytes) -> bytes:
        """The caller's bytes for this chunk. Raises `VendorError` for an error told in the stream."""
        return b"".join([self._say(self._upstream.feed(event.name, event.data)) for event in self._events.feed(chunk)])

    def end(self) -> bytes:
        """The last events and the stream's close."""
        last = [self._say(self._upstream.feed(event.name, event.data)) for event in self._events.end()]
        return b"".join([*last, self._say(self._upstream.end()), self._caller.end()])

    def cut(self) -> bytes:
        """The stream's close for want of credit."""
        return self._caller.tell(Stopped(reason=StopReason.LENGTH)) + self._caller.end()

    def fail(self, error: TuttiError) -> bytes:
        """The stream's close when the upstream failed."""
        return self._caller.fail(error)

    def said(self) -> tuple[str, float]:
        """All words."""
        return "".join(self._words), 1.0

    def _say(self, events: Events) -> bytes:
        told = []
        for event in events:
            if isinstance(event, Failed):
                raise VendorSaidError(event.message, status=502, code=event.code or "upstream_error")
            if isinstance(event, Counted):
                self.usage = event.usage if self.usage is None else self.usage.then(event.usage)
                event = replace(event, usage=self.usage)  # noqa: PLW2901 - the caller hears the figures of the whole
            elif isinstance(event, TextDelta | ThinkingDelta | RefusalDelta | ArgumentsDelta):
                self.pieces += 1
                self._words.append(event.text)
            told.append(self._caller.tell(event))
        return b"".join(told)
