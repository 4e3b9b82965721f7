"""The seam of a chat wire towards callers; the one towards upstreams is `vendors/wire.py`.

A family fulfils `CallerWire` in its `wire.py`, a vendor dialect `UpstreamWire`; `calls.py` and the routes bring them
together. Where both speak the same wire the body passes through, and only what reads usage and errors is used. All of
it is pure.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from tutti.errors import TuttiError
from tutti.intents.chat import Answer, Chat
from tutti.intents.chat_events import Event


@dataclass(frozen=True, kw_only=True, slots=True)
class Peek:
    """What must be known of a request before it is sent: all else stays bytes."""

    model: str
    is_stream: bool = False
    # The limit on tokens of each answer, where the caller set one; and how many answers are asked for.
    max_tokens: int | None = None
    count: int = 1


class CallerStream(Protocol):
    """Tells one answer piece by piece, framing included."""

    def tell(self, event: Event) -> bytes:
        """The bytes that go to the caller for this event; empty when there is nothing to say yet."""
        ...

    def end(self) -> bytes:
        """The last bytes, whatever of the answer was there: every stream is closed in its wire's way."""
        ...

    def fail(self, error: TuttiError) -> bytes:
        """An error in the midst of the answer, and the stream's end with it."""
        ...


class CallerWire(Protocol):
    """One wire as callers speak it. Path parameters hold the model where a wire has it in its path."""

    # "openai", "claude", "gemini", "responses"
    name: str
    # The head of a stream in this wire.
    stream_headers: Sequence[tuple[bytes, bytes]]
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

    def error_event(self, error: TuttiError, *, after: int) -> bytes:
        """An error in the midst of a stream that passed through, `after` so many events, and the stream's end."""
        ...
