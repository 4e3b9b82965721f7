"""An answer piece by piece: each chunk is a whole reply that holds only what is new."""

from dataclasses import dataclass, field
from typing import Any

from tutti.errors import TuttiError
from tutti.families.gemini.errors import error_body
from tutti.families.gemini.frames import Frames
from tutti.families.gemini.grounding import grounding_metadata
from tutti.families.gemini.to_caller import (
    BROKEN_CALL,
    FINISH_REASONS,
    arguments_of,
    call_to_caller,
    feedback_of,
    logprobs_result,
    parts_to_caller,
    usage_metadata,
)
from tutti.intents.chat import JsonObject, Part, Refusal, Text, Thinking, Usage
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
from tutti.wires import gemini

# What a caller is told when the upstream fails in the midst of its stream.
_FAILED_STATUS = 503
# The reason of an answer that the upstream never ended.
_CUT_SHORT = "OTHER"


@dataclass(slots=True)
class _Call:
    """A call that is being written: this wire tells calls whole."""

    id: str
    name: str
    signature: str | None
    arguments: str = ""


@dataclass(slots=True)
class _Candidate:
    """What is held of one answer."""

    calls: dict[int, _Call] = field(default_factory=dict)
    text: str = ""
    citations: list[JsonObject] = field(default_factory=list)
    stopped: Stopped | None = None


class GeminiStream:
    """Fulfils `CallerStream`.

    Calls are told once they are whole, and the reason of the end goes with the last figures, as the SDK expects.
    """

    def __init__(self, frames: Frames, *, model: str) -> None:
        """Take what puts chunks on the line, and the model's name until the upstream tells its own."""
        self._frames = frames
        self._id: str | None = None
        self._model = model
        self._usage: Usage | None = None
        self._candidates: dict[int, _Candidate] = {}
        self._is_over = False

    def tell(self, event: Event) -> bytes:
        """The bytes for this event."""
        match event:
            case TextDelta():
                self._of(event.choice).text += event.text
                return self._parts(event.choice, Text(text=event.text), event.logprobs)
            case RefusalDelta():
                return self._parts(event.choice, Refusal(text=event.text))
            case ThinkingDelta():
                thought = Thinking(text=event.text, signature=event.signature, sealed=event.sealed)
                return self._parts(event.choice, thought)
            case PartDelta():
                return self._whole(event)
            case Failed():
                return self._fail(_FAILED_STATUS, event.message)
        return self._keep(event)

    def end(self) -> bytes:
        """The last chunk, with the ends of all answers and the figures."""
        if self._is_over:
            return b""
        self._is_over = True
        last = [self._last(index, held) for index, held in sorted(self._candidates.items())]
        return self._chunk(last) + self._frames.end()

    def fail(self, error: TuttiError) -> bytes:
        """An error, and the stream's end with it."""
        return self._fail(error.status, error.message)

    def _fail(self, status: int, message: str) -> bytes:
        self._is_over = True
        return self._frames.chunk(error_body(status, message)) + self._frames.end()

    def _keep(self, event: Event) -> bytes:
        match event:
            case Started():
                self._id, self._model = event.id, event.model or self._model
            case ToolCallStarted():
                call = _Call(id=event.id, name=event.name, signature=event.signature)
                self._of(event.choice).calls[event.index] = call
            case ArgumentsDelta():
                self._of(event.choice).calls[event.index].arguments += event.text
            case Stopped():
                self._of(event.choice).stopped = event
            case Counted():
                self._usage = event.usage
        return b""

    def _whole(self, event: PartDelta) -> bytes:
        feedback = feedback_of(event.part)
        if feedback is not None:
            self._candidates.pop(event.choice, None)
            return self._chunk(feedback=feedback)
        if isinstance(event.part, Text):
            self._of(event.choice).text += event.part.text
            self._of(event.choice).citations += event.part.citations
        return self._parts(event.choice, event.part)

    def _parts(self, choice: int, part: Part, logprobs: JsonObject | None = None) -> bytes:
        parts = [*parts_to_caller((part,))]
        if not parts:
            return b""
        self._of(choice)
        content = gemini.Content(role="model", parts=parts)
        return self._chunk([gemini.Candidate(content=content, index=choice, logprobs_result=logprobs_result(logprobs))])

    def _last(self, index: int, held: _Candidate) -> gemini.Candidate:
        parts: list[dict[str, Any]] = []
        broken = None
        for _, call in sorted(held.calls.items()):
            arguments = arguments_of(call.arguments)
            if arguments is None:
                broken = call
            else:
                parts.append(call_to_caller(call.id, call.name, arguments, call.signature))
        return gemini.Candidate(
            content=gemini.Content(role="model", parts=parts or [{"text": ""}]),
            finish_reason=self._reason(held, is_broken=broken is not None),
            finish_message=broken.arguments if broken else None,
            index=index,
            grounding_metadata=grounding_metadata((citation, held.text) for citation in held.citations),
        )

    @staticmethod
    def _reason(held: _Candidate, *, is_broken: bool) -> str:
        if held.stopped is None:
            return _CUT_SHORT
        return BROKEN_CALL if is_broken else FINISH_REASONS[held.stopped.reason]

    def _of(self, choice: int) -> _Candidate:
        return self._candidates.setdefault(choice, _Candidate())

    def _chunk(
        self, candidates: list[gemini.Candidate] | None = None, *, feedback: dict[str, Any] | None = None
    ) -> bytes:
        reply = gemini.GenerateReply(
            candidates=candidates or None,
            prompt_feedback=feedback,
            usage_metadata=usage_metadata(self._usage) if self._usage is not None else None,
            model_version=self._model,
            response_id=self._id,
        )
        return self._frames.chunk(gemini.encoder.encode(reply))
