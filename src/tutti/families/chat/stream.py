"""An answer told piece by piece in the OpenAI wire.

Order and once-only fields are what the official SDKs' accumulators demand (contracts/chat.yaml, Streaming): the role in
an answer's first chunk alone, a call's id and name in its first delta alone, one chunk with the reason for the end, and
nothing behind the usage but [DONE].
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from msgspec import UNSET

from tutti.errors import TuttiError
from tutti.families.chat.to_caller import (
    FINISH_REASONS,
    annotations_of,
    sound_of,
    usage_of,
    words_of,
)
from tutti.intents.chat import Audio, Part, StopReason, Text, Thinking, Usage
from tutti.intents.chat_events import (
    ArgumentsDelta,
    Counted,
    Event,
    Failed,
    PartDelta,
    RefusalDelta,
    Started,
    Stopped,
    TextDelta,
    ThinkingDelta,
    ToolCallStarted,
)
from tutti.intents.reasoning_details import detail_of, extra_content_of
from tutti.wires import openai as wire

_DONE = b"data: " + wire.DONE + b"\n\n"


def error_event(error: TuttiError, *, error_type: str) -> bytes:
    """An error object as an event: SDKs raise on it, and nothing comes after."""
    return _event_of(wire.ErrorObject(message=error.message, type=error_type, param=error.field, code=error.code))


def _event_of(error: wire.ErrorObject) -> bytes:
    return b"data: " + wire.encoder.encode(wire.ErrorBody(error=error)) + b"\n\n"


@dataclass(kw_only=True, slots=True)
class _Open:
    """What has been told of one answer."""

    characters: int = 0
    notes: int = 0
    # The run of thoughts that is open, and how many were sealed before it.
    thought: list[str] = field(default_factory=list)
    sealed_thoughts: int = 0
    is_stopped: bool = False


class ChatStream:
    """Fulfils `CallerStream`."""

    def __init__(self, *, model: str, tells_usage: bool, now_s: int, error_type: str) -> None:
        """`model` and `now_s` stand in for what the vendor does not say."""
        self._id = ""
        self._model = model
        self._created_s = now_s
        self._tells_usage = tells_usage
        self._error_type = error_type
        self._usage: Usage | None = None
        self._answers: dict[int, _Open] = {}
        self._has_failed = False

    def tell(self, event: Event) -> bytes:
        """The bytes for this event; empty when there is nothing to say yet."""
        return self._TELL[type(event)](self, event)

    def end(self) -> bytes:
        """The reason for the end where the vendor gave none, the usage if it was asked for, and [DONE]."""
        if self._has_failed:
            return b""
        told = b"" if self._answers else self._open(0)
        for choice in self._answers:
            told += self._stop(choice, StopReason.LENGTH)
        if self._tells_usage:
            told += self._chunk((), usage_of(self._usage or Usage()))
        return told + _DONE

    def fail(self, error: TuttiError) -> bytes:
        """An error, and the stream's end with it."""
        self._has_failed = True
        return error_event(error, error_type=self._error_type)

    def _started(self, event: Started) -> bytes:
        self._id = event.id
        self._model = event.model or self._model
        self._created_s = event.created_s or self._created_s
        return self._open(0)

    def _text(self, event: TextDelta) -> bytes:
        answer, told = self._answer(event.choice)
        answer.characters += len(event.text)
        return told + self._delta(event.choice, wire.Delta(content=event.text), event.logprobs)

    def _refusal(self, event: RefusalDelta) -> bytes:
        return self._said(event.choice, wire.Delta(refusal=event.text))

    def _thinking(self, event: ThinkingDelta) -> bytes:
        answer, told = self._answer(event.choice)
        if event.text:
            answer.thought.append(event.text)
            told += self._delta(event.choice, wire.Delta(reasoning_content=event.text))
        if event.signature is None and event.sealed is None:
            return told
        # The list of thoughts is for those who send it back: each comes whole, once its seal is there.
        thought = Thinking(text="".join(answer.thought), signature=event.signature, sealed=event.sealed)
        detail = detail_of(answer.sealed_thoughts, thought)
        answer.thought.clear()
        answer.sealed_thoughts += 1
        return told + self._delta(event.choice, wire.Delta(reasoning_details=(detail,)))

    def _call(self, event: ToolCallStarted) -> bytes:
        call = wire.ToolCall(
            index=event.index,
            id=event.id,
            type="function",
            function=wire.CalledFunction(name=event.name, arguments=""),
            extra_content=extra_content_of(event.signature),
        )
        return self._said(event.choice, wire.Delta(tool_calls=(call,)))

    def _arguments(self, event: ArgumentsDelta) -> bytes:
        call = wire.ToolCall(index=event.index, function=wire.CalledFunction(arguments=event.text))
        return self._said(event.choice, wire.Delta(tool_calls=(call,)))

    def _part(self, event: PartDelta) -> bytes:
        answer, told = self._answer(event.choice)
        delta = self._delta_of(event.part, answer)
        answer.characters += len(words_of(event.part))
        return told + self._delta(event.choice, delta) if delta else told

    def _delta_of(self, part: Part, answer: _Open) -> wire.Delta | None:
        """What a part that came whole adds; None for one that has no form here."""
        if isinstance(part, Audio):
            return wire.Delta(audio=sound_of(part))
        words = words_of(part) or None
        notes = annotations_of((part,), begin=answer.characters) if isinstance(part, Text) else []
        # Accumulators put lists together by the number of each entry.
        numbered = [{"index": answer.notes + number, **note} for number, note in enumerate(notes)]
        answer.notes += len(notes)
        return wire.Delta(content=words, annotations=numbered or None) if words or notes else None

    def _stopped(self, event: Stopped) -> bytes:
        _, told = self._answer(event.choice)
        return told + self._stop(event.choice, event.reason)

    def _counted(self, event: Counted) -> bytes:
        self._usage = self._usage.then(event.usage) if self._usage else event.usage
        return b""

    def _failed(self, event: Failed) -> bytes:
        self._has_failed = True
        code = event.code or "upstream_error"
        return _event_of(wire.ErrorObject(message=event.message, type=self._error_type, param=None, code=code))

    def _said(self, choice: int, delta: wire.Delta) -> bytes:
        _, told = self._answer(choice)
        return told + self._delta(choice, delta)

    def _answer(self, choice: int) -> tuple[_Open, bytes]:
        """An answer, and the chunk that opens it when this is its first."""
        told = b"" if choice in self._answers else self._open(choice)
        return self._answers[choice], told

    def _open(self, choice: int) -> bytes:
        self._answers[choice] = _Open()
        return self._delta(choice, wire.Delta(role="assistant", content=""))

    def _stop(self, choice: int, reason: StopReason) -> bytes:
        """The reason for an answer's end, once."""
        if self._answers[choice].is_stopped:
            return b""
        self._answers[choice].is_stopped = True
        return self._chunk((wire.ChunkChoice(index=choice, delta=wire.Delta(), finish_reason=FINISH_REASONS[reason]),))

    def _delta(self, choice: int, delta: wire.Delta, logprobs: Mapping[str, Any] | None = None) -> bytes:
        told = dict(logprobs) if logprobs else UNSET
        return self._chunk((wire.ChunkChoice(index=choice, delta=delta, logprobs=told),))

    def _chunk(self, choices: tuple[wire.ChunkChoice, ...], usage: wire.Usage | None = None) -> bytes:
        chunk = wire.ChatChunk(
            id=self._id,
            created=self._created_s,
            model=self._model,
            choices=choices,
            usage=usage if self._tells_usage else UNSET,
        )
        return b"data: " + wire.encoder.encode(chunk) + b"\n\n"

    _TELL: ClassVar[Mapping[type[Event], Callable[["ChatStream", Any], bytes]]] = {
        Started: _started,
        TextDelta: _text,
        RefusalDelta: _refusal,
        ThinkingDelta: _thinking,
        ToolCallStarted: _call,
        ArgumentsDelta: _arguments,
        PartDelta: _part,
        Stopped: _stopped,
        Counted: _counted,
        Failed: _failed,
    }
