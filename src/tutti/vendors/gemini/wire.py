"""The Gemini wire as upstreams speak it: fulfils `UpstreamWire`."""

from urllib.parse import urlsplit

import msgspec

from tutti.intents.chat import Answer, Chat, Media, Part, Usage
from tutti.vendors.gemini.from_upstream import from_upstream, usage_of
from tutti.vendors.gemini.stream import GeminiUpstreamStream
from tutti.vendors.gemini.to_upstream import to_upstream
from tutti.vendors.told import told_of
from tutti.vendors.wire import Told, Written
from tutti.wires import gemini

_FIGURES = b'"usageMetadata"'
# Videos that Google fetches by itself, and files that lie with it.
_ITS_OWN_HOSTS = frozenset({"youtube.com", "www.youtube.com", "youtu.be", "generativelanguage.googleapis.com"})


class GeminiUpstream:
    """Fulfils `UpstreamWire`."""

    name = "gemini"

    def to_upstream(self, chat: Chat) -> Written:
        """The request. Raises `InvalidRequestError` for what must not be left out and can not be said."""
        return to_upstream(chat)

    def takes(self, part: Part, media: Media) -> bool:  # noqa: ARG002 - all kinds of files are taken alike
        """Whether a file may be named by its address: only what lies at Google already."""
        return media.url is None or urlsplit(media.url).netloc in _ITS_OWN_HOSTS

    def from_upstream(self, body: bytes) -> Answer:
        """A whole reply. Raises `VendorError` when it can not be read."""
        return from_upstream(body)

    def stream(self) -> GeminiUpstreamStream:
        """What reads a reply piece by piece."""
        return GeminiUpstreamStream()

    def usage_of(self, body: bytes) -> Usage | None:
        """The figures of a whole reply that passes through; None where it tells none."""
        try:
            return usage_of(gemini.usage_decoder.decode(body).usage_metadata)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            return None

    def usage_of_event(self, name: str, data: bytes) -> Usage | None:  # noqa: ARG002 - events have no names
        """The figures in one event of a stream that passes through."""
        return self.usage_of(data) if _FIGURES in data else None

    def told(self, status: int, body: bytes) -> Told:
        """What a reply with an error status says."""
        return told_of(status, body)
