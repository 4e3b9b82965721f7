"""The OpenAI chat wire as upstreams speak it."""

import msgspec

from tutti.intents.chat import Answer, Chat, Image, Media, Part, Usage, Video
from tutti.vendors.openai.from_upstream import answer_of
from tutti.vendors.openai.stream import ChunkStream
from tutti.vendors.openai.to_upstream import request_of
from tutti.vendors.openai.usage import usage_of
from tutti.vendors.told import told_of
from tutti.vendors.wire import Told, Written
from tutti.wires import openai as wire


class OpenAIWire:
    """Fulfils `UpstreamWire`."""

    name = "openai"

    def to_upstream(self, chat: Chat) -> Written:
        """The request. Raises `InvalidRequestError` for what must not be left out and can not be said."""
        return request_of(chat)

    def takes(self, part: Part, media: Media) -> bool:  # noqa: ARG002 - the kind decides
        """Pictures and films may be named by their address; sound and documents are put into the request."""
        return isinstance(part, Image | Video)

    def from_upstream(self, body: bytes) -> Answer:
        """A whole reply. Raises `VendorError` when it can not be read."""
        return answer_of(body)

    def stream(self) -> ChunkStream:
        """What reads a reply piece by piece."""
        return ChunkStream()

    def usage_of(self, body: bytes) -> Usage | None:
        """The figures of a whole reply that passes through."""
        return _counted(body)

    def usage_of_event(self, name: str, data: bytes) -> Usage | None:  # noqa: ARG002 - chunks have no names
        """The figures in one chunk: most hold none, or null."""
        if b'"usage"' not in data or (b'"usage":null' in data and data.count(b'"usage"') == 1):
            return None
        return _counted(data) or _counted_by_choice(data)

    def told(self, status: int, body: bytes) -> Told:
        """What a reply with an error status says."""
        return told_of(status, body)


def _counted(body: bytes) -> Usage | None:
    try:
        return usage_of(wire.usage_decoder.decode(body).usage)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None


def _counted_by_choice(data: bytes) -> Usage | None:
    try:
        choices = wire.choices_usage_decoder.decode(data).choices
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
    return next((usage for choice in choices if (usage := usage_of(choice.usage))), None)
