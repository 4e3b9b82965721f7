"""An answer as a reply in the Gemini wire: parts, candidates and figures, which streams are made of too."""

from base64 import b64encode
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import msgspec

from tutti.families.gemini.grounding import grounding_metadata
from tutti.families.gemini.parts import SEALED
from tutti.intents.chat import (
    Answer,
    Audio,
    Choice,
    File,
    Foreign,
    Image,
    JsonObject,
    Media,
    Part,
    Refusal,
    StopReason,
    Text,
    Thinking,
    ToolCall,
    Usage,
    Video,
)
from tutti.intents.seals import CLAUDE, GEMINI, owner_of, seal_for
from tutti.wires import gemini

# This wire has no reason for calls: STOP goes with functionCall parts.
FINISH_REASONS = {
    StopReason.END: "STOP",
    StopReason.LENGTH: "MAX_TOKENS",
    StopReason.STOP_SEQUENCE: "STOP",
    StopReason.TOOL_CALLS: "STOP",
    StopReason.REFUSAL: "SAFETY",
    StopReason.PAUSE: "STOP",
}
BROKEN_CALL = "MALFORMED_FUNCTION_CALL"
# What an answer of this wire says of its prompt; it comes through a chat as a part of this wire's own.
_FEEDBACK = "promptFeedback"


def to_caller(answer: Answer) -> bytes:
    """A whole reply."""
    candidates = [
        _candidate(choice, index) for index, choice in enumerate(answer.choices) if _feedback(choice.parts) is None
    ]
    feedback = next((_feedback(choice.parts) for choice in answer.choices), None)
    reply = gemini.GenerateReply(
        candidates=candidates or None,
        prompt_feedback=feedback,
        usage_metadata=usage_metadata(answer.usage),
        model_version=answer.model,
        response_id=answer.id,
    )
    return gemini.encoder.encode(reply)


def _candidate(choice: Choice, index: int) -> gemini.Candidate:
    broken = [part for part in choice.parts if isinstance(part, ToolCall) and arguments_of(part.arguments) is None]
    parts = [*parts_to_caller(part for part in choice.parts if part not in broken)]
    citations = tuple(
        (citation, part.text) for part in choice.parts if isinstance(part, Text) for citation in part.citations
    )
    return gemini.Candidate(
        content=gemini.Content(role="model", parts=parts or None),
        finish_reason=BROKEN_CALL if broken else FINISH_REASONS[choice.stop],
        finish_message=broken[0].arguments if broken else None,
        index=index,
        grounding_metadata=grounding_metadata(citations),
        logprobs_result=logprobs_result(choice.logprobs),
    )


def parts_to_caller(parts: Iterable[Part]) -> Iterator[dict[str, Any]]:
    """Parts in this wire; a seal that stands alone is put on the words before it."""
    last: dict[str, Any] | None = None
    for part in parts:
        seal = part.signature if isinstance(part, Thinking) and not part.text else None
        if seal and last is not None and "text" in last and "thoughtSignature" not in last:
            last["thoughtSignature"] = told_seal(seal)
            continue
        told = _TELLERS[type(part)](part)
        if told:
            if last is not None:
                yield last
            last = told
    if last is not None:
        yield last


def told_seal(signature: str) -> str:
    """A seal as base64, which the SDK insists on: this wire's own as it is, another's wrapped with its owner's name."""
    own = seal_for(GEMINI, signature)
    if own is not None:
        return own
    named = f"{CLAUDE}:{signature}" if owner_of(signature) == CLAUDE else signature
    return b64encode(named.encode()).decode()


def arguments_of(text: str) -> dict[str, Any] | None:
    """The arguments of a call as an object, None when they are none: a model was cut short, or erred."""
    try:
        value = msgspec.json.decode(text or "{}")
    except (msgspec.DecodeError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def call_to_caller(call_id: str, name: str, arguments: Mapping[str, Any], signature: str | None) -> dict[str, Any]:
    """A call of a function."""
    part: dict[str, Any] = {"functionCall": {"id": call_id, "name": name, "args": arguments}}
    if signature:
        part["thoughtSignature"] = told_seal(signature)
    return part


def _text(part: Text) -> dict[str, Any]:
    return {"text": part.text} if part.text else {}


def _refusal(part: Refusal) -> dict[str, Any]:
    return {"text": part.text} if part.text else {}


def _thinking(part: Thinking) -> dict[str, Any]:
    if part.sealed is not None:
        seal = b64encode(f"{SEALED}:{part.sealed}".encode()).decode()
        return {"text": "", "thought": True, "thoughtSignature": seal}
    told: dict[str, Any] = {"text": part.text, "thought": True} if part.text else {"text": ""}
    if part.signature:
        told["thoughtSignature"] = told_seal(part.signature)
    return told if part.text or part.signature else {}


def _call(part: ToolCall) -> dict[str, Any]:
    return call_to_caller(part.id, part.name, arguments_of(part.arguments) or {}, part.signature)


def _file(part: Image | Audio | Video | File) -> dict[str, Any]:
    if isinstance(part, File) and part.text is not None:
        return {"text": part.text}
    return _media(part.media)


def _media(media: Media) -> dict[str, Any]:
    if media.data is not None:
        return {"inlineData": {"mimeType": media.media_type, "data": media.data}}
    return {"fileData": {"mimeType": media.media_type, "fileUri": media.url or media.file_id or ""}}


def _foreign(part: Foreign) -> dict[str, Any]:
    return dict(part.value) if part.wire == "gemini" and _FEEDBACK not in part.value else {}


def _feedback(parts: Iterable[Part]) -> dict[str, Any] | None:
    for part in parts:
        if isinstance(part, Foreign) and part.wire == "gemini" and _FEEDBACK in part.value:
            return dict(part.value[_FEEDBACK])
    return None


def feedback_of(part: Part) -> dict[str, Any] | None:
    """What is said of the prompt, where a part says that."""
    return _feedback((part,))


# A result of a tool never stands in an answer.
_TELLERS: dict[type[Part], Callable[[Any], dict[str, Any]]] = {
    Text: _text,
    Refusal: _refusal,
    Thinking: _thinking,
    ToolCall: _call,
    Image: _file,
    Audio: _file,
    Video: _file,
    File: _file,
    Foreign: _foreign,
}


def usage_metadata(usage: Usage) -> gemini.UsageMetadata:
    """The figures: the candidates' tokens leave out the thoughts'."""
    asked, told = usage.input_tokens or 0, usage.output_tokens or 0
    thought = min(usage.reasoning_tokens, told)
    return gemini.UsageMetadata(
        prompt_token_count=asked,
        candidates_token_count=told - thought,
        total_token_count=asked + told,
        thoughts_token_count=thought or msgspec.UNSET,
        cached_content_token_count=usage.cached_tokens or msgspec.UNSET,
        prompt_tokens_details=_modalities(asked, usage.audio_input_tokens),
        candidates_tokens_details=_modalities(told - thought, usage.audio_output_tokens),
    )


def _modalities(tokens: int, audio: int) -> list[gemini.ModalityCount] | msgspec.UnsetType:
    if not audio:
        return msgspec.UNSET
    counts = [("TEXT", tokens - audio), ("AUDIO", audio)]
    return [gemini.ModalityCount(modality=kind, token_count=count) for kind, count in counts if count > 0]


def logprobs_result(logprobs: JsonObject | None) -> dict[str, Any] | None:
    """OpenAI's log probabilities in this wire's words."""
    tokens = (logprobs or {}).get("content")
    if not tokens:
        return None
    return {
        "chosenCandidates": [_logprob(token) for token in tokens],
        "topCandidates": [{"candidates": [_logprob(top) for top in token.get("top_logprobs", ())]} for token in tokens],
    }


def _logprob(token: JsonObject) -> dict[str, Any]:
    return {"token": token["token"], "logProbability": token["logprob"]}
