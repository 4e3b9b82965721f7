"""One call of immediate work, as its route hands it over."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from tutti.accounts.model import Caller
from tutti.relay.tracing import Trace
from tutti.relay.wires import CallerWire, Peek


@dataclass(frozen=True, kw_only=True, slots=True)
class Passage:
    """What is changed of a call that passes through to an upstream of its own wire; None: nothing."""

    request: Callable[[bytes], bytes] | None = None
    # A whole reply, and the data of one event of a stream.
    reply: Callable[[bytes], bytes] | None = None
    event: Callable[[bytes], bytes] | None = None


AS_IT_COMES = Passage()


class Call(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """What is known before anything is sent."""

    caller: Caller
    request_id: str
    client_ip: str
    # What the caller asked for, and what else can do it: the caller's own wire first.
    operations: tuple[str, ...]
    # The caller's side of a chat wire; None where a call can only be passed on as it is.
    wire: CallerWire | None
    peek: Peek
    body: bytes
    content_type: str = "application/json"
    path: Mapping[str, Any] = msgspec.field(default_factory=dict)
    # Headers of the caller that travel on, names in lower case.
    headers: Mapping[str, str] = msgspec.field(default_factory=dict)
    # Whether even an upstream of the same wire is not passed on as it speaks: the caller wants its streams framed anew.
    reframes: bool = False
    passage: Passage = AS_IT_COMES
    # A channel that an administrator chose by the key; and one that an earlier call of the same thread went to.
    only_channel: int | None = None
    affinity: int | None = None
    # None where nobody wants traces.
    trace: Trace | None = None

    @property
    def operation(self) -> str:
        """The caller's own operation."""
        return self.operations[0]
