"""The two seams of a chat wire: one towards callers, one towards upstreams.

A family fulfils `CallerWire` in its `wire.py`, a vendor dialect `UpstreamWire`; `app.py` brings them together. Where
both speak the same wire the body passes through, and only what reads usage and errors is used. All of it is pure.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from tutti.errors import TuttiError
from tutti.intents.chat import Answer, Chat, Event, Events, Media, Part, Usage


@dataclass(frozen=True, kw_only=True, slots=True)
class Peek:
    """What must be known of a request before it is sent: all else stays bytes."""

    model: str
    is_stream: bool = False
    # The limit on tokens of each answer, where the caller set one; and how many answers are asked for.
    max_tokens: int | None = None
    count: int = 1


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


class CallerStream(Protocol):
    """Tells one answer piece by piece, framing included."""

    def tell(self, event: Event) -> bytes:
        """The bytes that go to the caller for this event; empty when there is nothing to say yet."""
        ...

    def end(self) -> bytes:
        """The last bytes, whatever of the answer was there: every stream is closed in its wire's way."""
        ...


class CallerWire(Protocol):
    """One wire as callers speak it. Path parameters hold the model where a wire has it in its path."""

    # "openai", "claude", "gemini", "responses"
    name: str
    # Sent while nothing comes, so that proxies and SDKs do not give up.
    heartbeat: bytes

    def peek(self, body: bytes, path: Mapping[str, Any]) -> Peek:
        """The few fields that routing and holding need. Raises `InvalidRequestError` naming the field."""
        ...

    def from_caller(self, body: bytes, path: Mapping[str, Any]) -> Chat:
        """The whole request. Raises `InvalidRequestError` naming the field."""
        ...

    def to_caller(self, answer: Answer, chat: Chat) -> bytes:
        """A whole reply."""
        ...

    def stream(self, chat: Chat) -> CallerStream:
        """What tells the reply to this request piece by piece."""
        ...

    def error_event(self, error: TuttiError, message: str) -> bytes:
        """An error in the midst of a stream, and the stream's end with it; `message` is what the caller reads."""
        ...


class UpstreamStream(Protocol):
    """Reads one answer piece by piece."""

    def feed(self, name: str, data: bytes) -> Events:
        """The events that one server-sent event holds; `name` is its event line, empty where it has none."""
        ...

    def end(self) -> Events:
        """What is still to be told once the upstream closed its stream; a cut one yields no `Stopped`."""
        ...


class UpstreamWire(Protocol):
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

    def usage_of(self, body: bytes) -> Usage | None:
        """The figures of a whole reply that passes through; None where it tells none."""
        ...

    def usage_of_event(self, name: str, data: bytes) -> Usage | None:
        """The figures in one event of a stream that passes through: quick for events that hold none."""
        ...

    def told(self, status: int, body: bytes) -> Told:
        """What a reply with an error status says, whatever form it has."""
        ...
