"""A whole reply in the Gemini wire as an answer: candidates, their parts, reasons and figures.

Streams are read with the same functions, since each of their chunks is a reply of its own.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import msgspec

from tutti.errors import VendorError
from tutti.intents.chat import (
    Answer,
    Choice,
    File,
    Foreign,
    JsonObject,
    Media,
    Part,
    Refusal,
    StopReason,
    Text,
    Thinking,
    ToolCall,
    Usage,
)
from tutti.intents.documents import by_type
from tutti.intents.seals import GEMINI, name_seal
from tutti.kit.ids import random_text
from tutti.vendors.garbage import GARBAGE, unreadable
from tutti.vendors.gemini.grounding import citations_of
from tutti.vendors.gemini.parts import MADE_ID
from tutti.wires import gemini

# Every other word is a refusal: the model's, or of a filter.
_REASONS = {
    "STOP": StopReason.END,
    "MAX_TOKENS": StopReason.LENGTH,
    "FINISH_REASON_UNSPECIFIED": StopReason.END,
    "OTHER": StopReason.END,
    "MALFORMED_FUNCTION_CALL": StopReason.END,
    "UNEXPECTED_TOOL_CALL": StopReason.END,
    "TOO_MANY_TOOL_CALLS": StopReason.END,
}


def from_upstream(body: bytes) -> Answer:
    """A whole reply. Raises `VendorError` when it can not be read."""
    try:
        return _answer(gemini.reply_decoder.decode(body))
    except GARBAGE as error:
        raise unreadable() from error


def _answer(reply: gemini.GenerateReply) -> Answer:
    if reply.candidates:
        choices = tuple(_choice(candidate) for candidate in reply.candidates)
    elif reply.prompt_feedback is not None:
        choices = (Choice(parts=blocked_parts(reply.prompt_feedback), stop=StopReason.REFUSAL),)
    else:
        raise VendorError("The upstream gave no answer.")
    return Answer(
        id=reply.response_id or f"chatcmpl-{random_text(24)}",
        model=reply.model_version or "",
        choices=choices,
        usage=usage_of(reply.usage_metadata) or Usage(),
    )


def _choice(candidate: gemini.Candidate) -> Choice:
    parts = parts_from(candidate.content)
    text = "".join(part.text for part in parts if isinstance(part, Text))
    citations = citations_of(candidate, text)
    if citations:
        parts = [*parts, Text(text="", citations=citations)]
    has_calls = any(isinstance(part, ToolCall) for part in parts)
    return Choice(
        parts=tuple(parts),
        stop=stop_of(candidate.finish_reason or "STOP", has_calls=has_calls),
        logprobs=logprobs_of(candidate),
    )


def stop_of(reason: str, *, has_calls: bool) -> StopReason:
    """Why an answer ended: this wire has no reason for calls."""
    stop = _REASONS.get(reason, StopReason.REFUSAL)
    return StopReason.TOOL_CALLS if has_calls and stop is StopReason.END else stop


def blocked_parts(feedback: Mapping[str, Any]) -> tuple[Part, ...]:
    """What is said when the prompt itself was refused."""
    reason = feedback.get("blockReasonMessage") or feedback.get("blockReason") or "OTHER"
    return (
        Refusal(text=f"The prompt was blocked: {reason}."),
        Foreign(wire="gemini", value={"promptFeedback": dict(feedback)}),
    )


def parts_from(content: gemini.Content | None) -> list[Part]:
    """The parts of a content; those of kinds that nobody knows are kept for this wire."""
    return [told for part in (content.parts if content else None) or () for told in _part(part)]


def _part(part: dict[str, Any]) -> Iterator[Part]:
    seal = part.get("thoughtSignature") or None
    named = name_seal(GEMINI, seal) if isinstance(seal, str) else None
    kind = next((name for name in _KINDS if name in part), None)
    if kind == "text" and part.get("thought"):
        yield Thinking(text=_words(part), signature=named)
    elif kind == "functionCall":
        yield _call(part[kind], named)
    else:
        yield from _KINDS[kind](part) if kind else (Foreign(wire="gemini", value=part),)
        if named:
            yield Thinking(signature=named)


def _call(value: Any, seal: str | None) -> ToolCall:
    call = msgspec.convert(value, gemini.FunctionCall)
    return ToolCall(
        id=call.id or f"{MADE_ID}{random_text(24)}",
        name=call.name,
        arguments=msgspec.json.encode(call.args or {}).decode(),
        signature=seal,
    )


def _text(part: Mapping[str, Any]) -> Iterator[Part]:
    if words := _words(part):
        yield Text(text=words)


def _words(part: Mapping[str, Any]) -> str:
    return msgspec.convert(part["text"], str)


def _inline(part: Mapping[str, Any]) -> Iterator[Part]:
    blob = msgspec.convert(part["inlineData"], gemini.Blob)
    yield by_type(File(media=Media(media_type=blob.mime_type, data=blob.data)))


def _by_address(part: Mapping[str, Any]) -> Iterator[Part]:
    file = msgspec.convert(part["fileData"], gemini.FileData)
    yield by_type(File(media=Media(media_type=file.mime_type, url=file.file_uri)))


def _own(part: Mapping[str, Any]) -> Iterator[Part]:
    yield Foreign(wire="gemini", value=part)


_KINDS: dict[str, Callable[[Mapping[str, Any]], Iterable[Part]]] = {
    "text": _text,
    "inlineData": _inline,
    "fileData": _by_address,
    "functionCall": _own,
    "executableCode": _own,
    "codeExecutionResult": _own,
}


def usage_of(figures: gemini.UsageMetadata | None) -> Usage | None:
    """The figures: what is thought counts as said, and what tools put before the model as asked."""
    if figures is None:
        return None
    asked, told = _count(figures.prompt_token_count), _count(figures.candidates_token_count)
    thought = _count(figures.thoughts_token_count)
    is_told = figures.candidates_token_count is not msgspec.UNSET or thought
    return Usage(
        input_tokens=asked + _count(figures.tool_use_prompt_token_count),
        output_tokens=told + thought if is_told else None,
        cached_tokens=_count(figures.cached_content_token_count),
        reasoning_tokens=thought,
        audio_input_tokens=_audio(figures.prompt_tokens_details),
        audio_output_tokens=_audio(figures.candidates_tokens_details),
    )


def _count(value: int | msgspec.UnsetType) -> int:
    return 0 if value is msgspec.UNSET else value


def _audio(details: list[gemini.ModalityCount] | msgspec.UnsetType) -> int:
    return 0 if details is msgspec.UNSET else sum(part.token_count for part in details if part.modality == "AUDIO")


def logprobs_of(candidate: gemini.Candidate) -> JsonObject | None:
    """Log probabilities in the words of OpenAI's wire, where the answer has them."""
    result = candidate.logprobs_result or {}
    chosen = result.get("chosenCandidates")
    if not isinstance(chosen, list):
        return None
    tops = result.get("topCandidates") or [{}] * len(chosen)
    content = [
        {**_logprob(token), "top_logprobs": [_logprob(one) for one in top.get("candidates", ())]}
        for token, top in zip(chosen, tops, strict=False)
    ]
    return {"content": content, "refusal": None}


def _logprob(token: Mapping[str, Any]) -> dict[str, Any]:
    text = str(token.get("token", ""))
    return {"token": text, "logprob": token.get("logProbability", 0.0), "bytes": [*text.encode()]}
