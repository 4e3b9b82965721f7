"""The seam of a chat wire towards upstreams; the one towards callers is `relay/wires.py`. All of it is pure."""

from dataclasses import dataclass
from typing import Protocol

from tutti.intents.chat import Answer, Chat, Media, Part, Usage
from tutti.intents.chat_events import Events


@dataclass(frozen=True, kw_only=True, slots=True)
class Written:
    """A request in an upstream's wire, and what found no place in it."""

    body: bytes
    dropped: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Told:
    """What an upstream said of its failure, in its own words."""

    message: str
    # Its word for the cause, such as "context_length_exceeded", and for errors of this sort, such as
    # "invalid_request_error"; empty where it has none.
    code: str = ""
    kind: str = ""


class UpstreamStream(Protocol):
    """Reads one answer piece by piece."""

    def feed(self, name: str, data: bytes) -> Events:
        """The events that one server-sent event holds; `name` is its event line, empty where it has none."""
        ...

    def end(self) -> Events:
        """What is still to be told once the upstream closed its stream; a cut one yields no `Stopped`."""
        ...


class ReplyReader(Protocol):
    """Reads of a reply that passes through what it cost, and of a failure what it says."""

    def usage_of(self, body: bytes) -> Usage | None:
        """The figures of a whole reply; None where it tells none."""
        ...

    def usage_of_event(self, name: str, data: bytes) -> Usage | None:
        """The figures in one event of a stream: quick for events that hold none."""
        ...

    def told(self, status: int, body: bytes) -> Told:
        """What a reply with an error status says, whatever form it has."""
        ...


class UpstreamWire(ReplyReader, Protocol):
    """One wire as upstreams speak it."""

    name: str

    def to_upstream(self, chat: Chat) -> Written:
        """The request. Raises `InvalidRequestError` for what must not be left out and can not be said."""
        ...

    def takes(self, part: Part, media: Media) -> bool:
        """Whether a file may be named by its address: else it is fetched first and put into the request."""
        ...

    def from_upstream(self, body: bytes) -> Answer:
        """A whole reply. Raises `VendorError` when it can not be read."""
        ...

    def stream(self) -> UpstreamStream:
        """What reads a reply piece by piece."""
        ...
