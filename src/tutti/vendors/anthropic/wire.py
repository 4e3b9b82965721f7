"""The Claude wire as upstreams speak it."""

import msgspec

from tutti.intents.chat import Answer, Chat, File, Image, Media, Part, Usage
from tutti.intents.documents import is_text
from tutti.vendors.anthropic.from_upstream import answer_of
from tutti.vendors.anthropic.stream import MessageStream
from tutti.vendors.anthropic.to_upstream import request_of
from tutti.vendors.anthropic.usage import usage_of
from tutti.vendors.told import told_of
from tutti.vendors.wire import Told, Written
from tutti.wires import claude as wire


class AnthropicWire:
    """Fulfils `UpstreamWire`."""

    name = "claude"

    def to_upstream(self, chat: Chat) -> Written:
        """The request. Raises `InvalidRequestError` for what must not be left out and can not be said."""
        return request_of(chat)

    def takes(self, part: Part, media: Media) -> bool:
        """Pictures and PDFs may be named by their address; text is put into the request."""
        return isinstance(part, Image) or (isinstance(part, File) and not is_text(media.media_type))

    def from_upstream(self, body: bytes) -> Answer:
        """A whole reply. Raises `VendorError` when it can not be read."""
        return answer_of(body)

    def stream(self) -> MessageStream:
        """What reads a reply piece by piece."""
        return MessageStream()

    def usage_of(self, body: bytes) -> Usage | None:
        """The figures of a whole reply that passes through."""
        try:
            return usage_of(wire.usage_decoder.decode(body).usage)
        except (msgspec.DecodeError, UnicodeDecodeError):
            return None

    def usage_of_event(self, name: str, data: bytes) -> Usage | None:
        """The figures in one event: the prompt's in the first, the answer's in the last but one."""
        if name not in _COUNTING and (name or b'"usage"' not in data):
            return None
        try:
            event = wire.event_decoder.decode(data)
        except (msgspec.DecodeError, UnicodeDecodeError):
            return None
        return usage_of(event.message.usage if event.message else event.usage)

    def told(self, status: int, body: bytes) -> Told:
        """What a reply with an error status says."""
        return told_of(status, body)


_COUNTING = frozenset({"message_start", "message_delta"})
