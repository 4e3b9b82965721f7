"""The Responses wire of OpenAI as upstreams speak it: fulfils `UpstreamWire`."""

import msgspec

from tutti.intents.chat import Answer, Chat, File, Image, Media, Part, Usage
from tutti.vendors.responses.from_upstream import from_upstream, usage_of
from tutti.vendors.responses.stream import ResponsesUpstreamStream
from tutti.vendors.responses.to_upstream import to_upstream
from tutti.vendors.told import told_of
from tutti.vendors.wire import Told, Written
from tutti.wires import responses as wire

_FIGURES = b"input_tokens"


class ResponsesUpstream:
    """Fulfils `UpstreamWire`."""

    name = "responses"

    def to_upstream(self, chat: Chat) -> Written:
        """The request. Raises `InvalidRequestError` for what must not be left out and can not be said."""
        return to_upstream(chat)

    def takes(self, part: Part, media: Media) -> bool:
        """Whether a file may be named by its address: pictures and documents, but no sound."""
        return media.url is None or isinstance(part, Image | File)

    def from_upstream(self, body: bytes) -> Answer:
        """A whole reply. Raises `VendorError` when it can not be read."""
        return from_upstream(body)

    def stream(self) -> ResponsesUpstreamStream:
        """What reads a reply piece by piece."""
        return ResponsesUpstreamStream()

    def usage_of(self, body: bytes) -> Usage | None:
        """The figures of a whole reply that passes through; None where it tells none."""
        try:
            return usage_of(wire.usage_decoder.decode(body).usage)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            return None

    def usage_of_event(self, name: str, data: bytes) -> Usage | None:
        """The figures in one event of a stream that passes through."""
        if (name and name not in wire.FINAL_EVENTS) or _FIGURES not in data:
            return None
        try:
            response = wire.usage_event_decoder.decode(data).response
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            return None
        return usage_of(response.usage) if response else None

    def told(self, status: int, body: bytes) -> Told:
        """What a reply with an error status says."""
        return told_of(status, body)
