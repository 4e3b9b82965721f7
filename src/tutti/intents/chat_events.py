"""A conversation's answer as it comes, in no wire's words: the events of its stream.

In order: one `Started`; for each answer any number of deltas and one `Stopped`; `Counted` whenever the vendor tells
figures, the last one holding for the call; `Failed` instead of what would have come next. The end of the iterator is
the end of the answer.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from tutti.intents.chat import JsonObject, Part, StopReason, Usage


@dataclass(frozen=True, kw_only=True, slots=True)
class Started:
    """The vendor has begun."""

    id: str
    model: str
    created_s: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class TextDelta:
    """More words."""

    text: str
    choice: int = 0
    logprobs: JsonObject | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class RefusalDelta:
    """More words of a refusal."""

    text: str
    choice: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class ThinkingDelta:
    """More thoughts; the seal of a run of thoughts comes last, alone or with the last words."""

    text: str = ""
    signature: str | None = None
    sealed: str | None = None
    choice: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class ToolCallStarted:
    """A call of a tool begins; calls of one answer are numbered from 0 in the order of their start."""

    index: int
    id: str
    name: str
    choice: int = 0
    signature: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class ArgumentsDelta:
    """More JSON text of a call's arguments. Those of several calls may come in turns."""

    index: int
    text: str
    choice: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class PartDelta:
    """A part that comes whole: a picture, sound, a part that only one wire knows."""

    part: Part
    choice: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Stopped:
    """One answer has ended."""

    reason: StopReason
    choice: int = 0
    stop_sequence: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Counted:
    """Figures so far: each replaces those before."""

    usage: Usage


@dataclass(frozen=True, kw_only=True, slots=True)
class Failed:
    """The vendor told an error in the midst of its stream."""

    message: str
    # The vendor's own word for it: "overloaded_error", "server_error" ...
    code: str = ""


Event = (
    Started
    | TextDelta
    | RefusalDelta
    | ThinkingDelta
    | ToolCallStarted
    | ArgumentsDelta
    | PartDelta
    | Stopped
    | Counted
    | Failed
)

Events = Sequence[Event]
