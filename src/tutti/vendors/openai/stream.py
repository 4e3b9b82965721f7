"""A streamed reply in the OpenAI wire, chunk by chunk."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import msgspec

from tutti.intents.chat import Text, Thinking
from tutti.intents.chat_events import (
    ArgumentsDelta,
    Counted,
    Event,
    Events,
    Failed,
    PartDelta,
    RefusalDelta,
    Started,
    Stopped,
    TextDelta,
    ThinkingDelta,
    ToolCallStarted,
)
from tutti.intents.reasoning_details import seal_of, thoughts_of
from tutti.vendors.openai.from_upstream import (
    parts_of,
    pictures_of,
    sound_of,
    stop_of,
)
from tutti.vendors.openai.usage import usage_of
from tutti.vendors.told import told_of
from tutti.wires import openai as wire


@dataclass(kw_only=True, slots=True)
class _Call:
    """A call that has been begun; it is told once its name is known."""

    id: str
    name: str = ""
    signature: str | None = None
    # Arguments that came before the name.
    held: str = ""
    # Its number among the calls told; None until then.
    index: int | None = None


@dataclass(kw_only=True, slots=True)
class _Open:
    """What has come of one answer."""

    # By the number that the upstream gives, in order of their start.
    calls: dict[int, _Call] = field(default_factory=dict)
    told_calls: int = 0
    is_stopped: bool = False


class ChunkStream:
    """Fulfils `UpstreamStream`."""

    def __init__(self) -> None:
        """Begin before the first chunk."""
        self._is_started = False
        self._answers: dict[int, _Open] = {}

    def feed(self, name: str, data: bytes) -> Events:  # noqa: ARG002 - chunks have no names
        """The events that one server-sent event holds."""
        if data.startswith(wire.DONE) or not data.strip():
            return ()
        try:
            chunk = wire.chunk_decoder.decode(data)
        except (msgspec.DecodeError, UnicodeDecodeError):
            return (Failed(message="The upstream sent a chunk that can not be read.", code="bad_event"),)
        if chunk.error:
            told = told_of(200, data)
            return (Failed(message=told.message, code=told.code or told.kind),)
        return tuple(self._events(chunk))

    def end(self) -> Events:
        """Nothing: a stream that was not cut has told its end."""
        return ()

    def _events(self, chunk: wire.ChatChunk) -> Iterator[Event]:
        if not self._is_started:
            self._is_started = True
            yield Started(id=chunk.id, model=chunk.model, created_s=chunk.created)
        for choice in chunk.choices:
            yield from self._choice(choice)
        told = (chunk.usage, *(choice.usage for choice in chunk.choices))
        usage = next((usage for one in told if (usage := usage_of(one or None))), None)
        if usage:
            yield Counted(usage=usage)

    def _choice(self, choice: wire.ChunkChoice) -> Iterator[Event]:
        answer = self._answers.setdefault(choice.index, _Open())
        yield from _thoughts(choice.delta, choice.index)
        yield from _said(choice)
        for call in choice.delta.tool_calls or ():
            yield from _call(call, answer, choice.index)
        if choice.finish_reason and not answer.is_stopped:
            answer.is_stopped = True
            stop = stop_of(choice.finish_reason, has_calls=bool(answer.calls))
            yield Stopped(reason=stop, choice=choice.index)


def _thoughts(delta: wire.Delta, choice: int) -> Iterator[Event]:
    """Thoughts: OpenRouter tells them twice, and only the list has seals."""
    details = list(thoughts_of(delta.reasoning_details or ()))
    text = delta.reasoning_content or delta.reasoning
    if details:
        for thought in details:
            yield ThinkingDelta(text=thought.text, signature=thought.signature, sealed=thought.sealed, choice=choice)
    elif text:
        yield ThinkingDelta(text=text, choice=choice)


def _said(choice: wire.ChunkChoice) -> Iterator[Event]:
    delta, number = choice.delta, choice.index
    if isinstance(delta.content, list):
        for value in delta.content:
            yield from _in_parts(value, number)
    elif delta.content or choice.logprobs:
        yield TextDelta(text=delta.content or "", choice=number, logprobs=choice.logprobs or None)
    if delta.refusal:
        yield RefusalDelta(text=delta.refusal, choice=number)
    for note in delta.annotations or ():
        yield PartDelta(part=Text(text="", citations=(note,)), choice=number)
    for picture in pictures_of(delta.images or ()):
        yield PartDelta(part=picture, choice=number)
    if delta.audio:
        yield PartDelta(part=sound_of(delta.audio), choice=number)


def _in_parts(value: dict[str, object], choice: int) -> Iterator[Event]:
    for part in parts_of(value):
        match part:
            case Text():
                yield TextDelta(text=part.text, choice=choice)
            case Thinking():
                yield ThinkingDelta(text=part.text, choice=choice)
            case _:
                yield PartDelta(part=part, choice=choice)


def _call(told: wire.ToolCall, answer: _Open, choice: int) -> Iterator[Event]:
    """What a chunk adds to a call. Some leave the number out, or give all calls the same: a new id is a new call."""
    call = _known(told, answer)
    function = told.function or wire.CalledFunction()
    if call.index is None:
        call.name = call.name or function.name or ""
        call.signature = call.signature or seal_of(told.extra_content)
        call.held += function.arguments or ""
        if not call.name:
            return
        call.index, answer.told_calls = answer.told_calls, answer.told_calls + 1
        yield ToolCallStarted(index=call.index, id=call.id, name=call.name, choice=choice, signature=call.signature)
        arguments = call.held
    else:
        arguments = function.arguments or ""
    if arguments:
        yield ArgumentsDelta(index=call.index, text=arguments, choice=choice)


def _known(told: wire.ToolCall, answer: _Open) -> _Call:
    """The call that a chunk speaks of, begun if it is new."""
    last = max(answer.calls, default=-1)
    number = last if told.index is None else told.index
    call = answer.calls.get(number)
    if call and (not told.id or told.id == call.id):
        return call
    fresh = _Call(id=told.id or f"call_{last + 1}")
    answer.calls[number if call is None and number >= 0 else last + 1] = fresh
    return fresh
