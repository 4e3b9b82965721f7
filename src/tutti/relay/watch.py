"""Reads along with a stream that passes through: its figures, and, for a stream that tells none, what it said.

What passes is never delayed, held or re-ordered.
"""

from collections.abc import Callable, Iterable
from contextlib import suppress

from tutti.errors import TuttiError, VendorError
from tutti.intents.chat import Usage
from tutti.kit.sse import EventReader, ServerEvent
from tutti.relay.figures import is_figures_only
from tutti.relay.saying import Saying
from tutti.relay.wires import CallerWire
from tutti.vendors.wire import ReplyReader

# Of a stream, this much is kept to count its words by when no figures come; what is beyond is counted in proportion.
_KEPT_BYTES = 256 * 1024


class Watch:
    """Watches one stream."""

    # Figures so far.
    usage: Usage | None

    def __init__(
        self,
        reader: ReplyReader,
        wire: CallerWire | None,
        say_anew: Callable[[], Saying] | None,
        *,
        hides_figures: bool,
        change: Callable[[bytes], bytes] | None = None,
    ) -> None:
        """`hides_figures` takes the event with the figures out, `change` gives the data of an event as it is shown.

        `say_anew` can say a conversation in other words.
        """
        self._reader = reader
        self._wire = wire
        self._say_anew = say_anew
        self._hides_figures = hides_figures
        self._change = change
        self._passes_bytes = change is None and not hides_figures
        self._events = EventReader()
        self._kept = bytearray()
        self._bytes = 0
        self.usage = None
        self.pieces = 0

    def feed(self, chunk: bytes) -> bytes:
        """What of this chunk goes to the caller: all of it, but for what is changed and figures not asked for."""
        self._bytes += len(chunk)
        if len(self._kept) < _KEPT_BYTES:
            self._kept += chunk
        shown = self._read(self._events.feed(chunk))
        return chunk if self._passes_bytes else shown

    def _read(self, events: Iterable[ServerEvent]) -> bytes:
        """These events, noted, as they are shown where they are written anew."""
        shown = []
        for name, data in events:
            self.pieces += 1
            usage = self._reader.usage_of_event(name, data)
            if usage is not None:
                self.usage = usage if self.usage is None else self.usage.then(usage)
            if not (self._passes_bytes or (self._hides_figures and usage is not None and is_figures_only(data))):
                shown.append(self._shown(name, data))
        return b"".join(shown)

    def _shown(self, name: str, data: bytes) -> bytes:
        """One event, written anew."""
        line = b"event: %b\n" % name.encode() if name else b""
        told = data if self._change is None else self._change(data)
        return b"%bdata: %b\n\n" % (line, told.replace(b"\n", b"\ndata: "))

    def end(self) -> bytes:
        """An event that was held because its own end never came; where bytes pass they all have."""
        shown = self._read(self._events.end())
        return b"" if self._passes_bytes else shown

    def cut(self) -> bytes:
        """The stream's close for want of credit, as if it had been said anew."""
        saying = self._said_anew()
        return b"" if saying is None else saying.cut()

    def fail(self, error: TuttiError) -> bytes:
        """The stream's close when the upstream failed. Raises the error where the wire has no word for it."""
        if self._wire is None:
            raise error
        return self._wire.error_event(error, after=self.pieces)

    def said(self) -> tuple[str, float]:
        """The words that passed, as far as they were kept, and by what factor the whole was longer."""
        saying = self._said_anew()
        words = "" if saying is None else saying.said()[0]
        return words, max(1.0, self._bytes / max(1, len(self._kept)))

    def _said_anew(self) -> Saying | None:
        """What passed, read as if it had been said anew to the caller."""
        if self._say_anew is None:
            return None
        saying = self._say_anew()
        with suppress(VendorError):  # an error told in the stream: what was said before it counts
            saying.feed(bytes(self._kept))
        return saying
