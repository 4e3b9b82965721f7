"""From an answer to a whole reply in the OpenAI wire."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from msgspec import UNSET

from tutti.families.media import markdown_of
from tutti.intents.chat import (
    Answer,
    Audio,
    Choice,
    Image,
    Part,
    Refusal,
    StopReason,
    Text,
    Thinking,
    ToolCall,
    Usage,
)
from tutti.intents.reasoning_details import details_of, extra_content_of
from tutti.wires import openai as wire

FINISH_REASONS: Mapping[StopReason, str] = {
    StopReason.END: "stop",
    StopReason.LENGTH: "length",
    StopReason.STOP_SEQUENCE: "stop",
    StopReason.TOOL_CALLS: "tool_calls",
    StopReason.REFUSAL: "content_filter",
    # A turn that is to be continued: callers of this wire know no such thing and take what is there.
    StopReason.PAUSE: "stop",
}


def reply_of(answer: Answer, *, created_s: int) -> bytes:
    """A whole reply."""
    return wire.encoder.encode(
        wire.ChatReply(
            id=answer.id,
            created=created_s,
            model=answer.model,
            choices=[_choice(number, choice) for number, choice in enumerate(answer.choices)],
            usage=usage_of(answer.usage),
            service_tier=answer.service_tier or UNSET,
        )
    )


def _choice(number: int, choice: Choice) -> wire.Choice:
    return wire.Choice(
        index=number,
        message=_message(choice.parts),
        logprobs=dict(choice.logprobs) if choice.logprobs else None,
        finish_reason=FINISH_REASONS[choice.stop],
    )


def _message(parts: Sequence[Part]) -> wire.ReplyMessage:
    calls = [part for part in parts if isinstance(part, ToolCall)]
    thoughts = [part for part in parts if isinstance(part, Thinking)]
    text = "".join(map(words_of, parts))
    return wire.ReplyMessage(
        content=text or (None if calls else ""),
        refusal="".join(part.text for part in parts if isinstance(part, Refusal)) or None,
        tool_calls=[_call(call) for call in calls] or UNSET,
        reasoning_content="".join(thought.text for thought in thoughts) or UNSET,
        reasoning_details=details_of(thoughts) or UNSET,
        annotations=annotations_of(part for part in parts if isinstance(part, Text)) or UNSET,
        audio=next((sound_of(part) for part in parts if isinstance(part, Audio)), UNSET),
    )


def words_of(part: Part) -> str:
    """What of a part stands in the text of an answer; pictures stand there as markdown, as callers expect."""
    match part:
        case Text():
            return part.text
        case Image():
            return markdown_of(part)
    return ""


def _call(call: ToolCall) -> wire.ToolCall:
    function = wire.CalledFunction(name=call.name, arguments=call.arguments)
    return wire.ToolCall(id=call.id, type="function", function=function, extra_content=extra_content_of(call.signature))


def annotations_of(texts: Iterable[Text], *, begin: int = 0) -> list[dict[str, Any]]:
    """The web pages that an answer leans on; `begin` is how many characters came before. Other sources have no form."""
    told: list[dict[str, Any]] = []
    for text in texts:
        end = begin + len(text.text)
        told += [
            note if note.get("type") == "url_citation" else _annotation(note, begin, end)
            for note in map(dict, text.citations)
            if note.get("type") == "url_citation" or note.get("url")
        ]
        begin = end
    return told


def _annotation(note: Mapping[str, Any], begin: int, end: int) -> dict[str, Any]:
    page = {"url": note["url"], "title": note.get("title") or "", "start_index": begin, "end_index": end}
    return {"type": "url_citation", "url_citation": page}


def sound_of(audio: Audio) -> dict[str, Any]:
    """A spoken answer."""
    return {"id": audio.id or "", "data": audio.media.data or "", "transcript": audio.transcript or "", "expires_at": 0}


def usage_of(usage: Usage) -> wire.Usage:
    """Tokens, with both detail objects, as SDKs and the New-API family know them."""
    asked, answered = usage.input_tokens or 0, usage.output_tokens or 0
    return wire.Usage(
        prompt_tokens=asked,
        completion_tokens=answered,
        total_tokens=asked + answered,
        prompt_tokens_details=wire.PromptDetails(
            cached_tokens=usage.cached_tokens,
            audio_tokens=usage.audio_input_tokens,
            cache_write_tokens=usage.cache_written_tokens or UNSET,
        ),
        completion_tokens_details=wire.CompletionDetails(
            reasoning_tokens=usage.reasoning_tokens, audio_tokens=usage.audio_output_tokens
        ),
    )
