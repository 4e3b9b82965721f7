"""From a whole reply in the OpenAI wire to an answer."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec

from tutti.errors import VendorError
from tutti.intents.chat import (
    Answer,
    Audio,
    Choice,
    Foreign,
    Image,
    Media,
    Part,
    Refusal,
    StopReason,
    Text,
    Thinking,
    ToolCall,
    Usage,
)
from tutti.intents.reasoning_details import seal_of, thoughts_of
from tutti.kit import data_uri
from tutti.vendors.openai.usage import usage_of
from tutti.vendors.told import told_of
from tutti.wires import openai as wire

STOP_REASONS: Mapping[str, StopReason] = {
    "stop": StopReason.END,
    "length": StopReason.LENGTH,
    "tool_calls": StopReason.TOOL_CALLS,
    "function_call": StopReason.TOOL_CALLS,
    "content_filter": StopReason.REFUSAL,
    # Words of other wires, from gateways that do not translate them.
    "max_tokens": StopReason.LENGTH,
    "tool_use": StopReason.TOOL_CALLS,
    "refusal": StopReason.REFUSAL,
}


def answer_of(body: bytes) -> Answer:
    """A whole reply. Raises `VendorError` when it can not be read, or holds an error in the place of answers."""
    try:
        reply = wire.reply_decoder.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise VendorError(f"The upstream's reply can not be read: {told_of(200, body).message}") from error
    return Answer(
        id=reply.id,
        model=reply.model,
        choices=tuple(map(_choice, sorted(reply.choices, key=lambda choice: choice.index))),
        usage=usage_of(reply.usage) or Usage(),
        created_s=reply.created,
        service_tier=reply.service_tier or None,
    )


def _choice(choice: wire.Choice) -> Choice:
    parts = tuple(_parts(choice.message))
    has_calls = any(isinstance(part, ToolCall) for part in parts)
    return Choice(parts=parts, stop=stop_of(choice.finish_reason, has_calls=has_calls), logprobs=choice.logprobs)


def stop_of(word: str | None, *, has_calls: bool) -> StopReason:
    """Why an answer ended: OpenAI says "stop" for a call that was forced, which is to be run all the same."""
    stop = STOP_REASONS.get(word or "", StopReason.END)
    return StopReason.TOOL_CALLS if has_calls and stop is StopReason.END else stop


def _parts(message: wire.ReplyMessage) -> Iterator[Part]:
    yield from _thoughts(message)
    yield from _said(message)
    if message.refusal:
        yield Refusal(text=message.refusal)
    yield from pictures_of(message.images or ())
    if message.audio:
        yield sound_of(message.audio)
    for call in message.tool_calls or ():
        function = call.function or wire.CalledFunction()
        yield ToolCall(
            id=call.id or "",
            name=function.name or "",
            arguments=function.arguments or "",
            signature=seal_of(call.extra_content),
        )


def _said(message: wire.ReplyMessage) -> Iterator[Part]:
    citations = tuple(message.annotations or ())
    if isinstance(message.content, list):
        yield from (part for value in message.content for part in parts_of(value))
    elif message.content:
        yield Text(text=message.content, citations=citations)


def parts_of(value: dict[str, Any]) -> Iterator[Part]:
    """A part of an answer told in parts; Mistral puts thoughts there as {type: thinking, thinking: [...]}."""
    match value:
        case {"type": "text", "text": str(text)}:
            yield Text(text=text)
        case {"type": "thinking", "thinking": list(inner)}:
            yield Thinking(text="".join(str(part.get("text", "")) for part in inner if isinstance(part, dict)))
        case {"type": "image_url"}:
            yield from pictures_of((value,))
        case _:
            yield Foreign(wire="openai", value=value)


def _thoughts(message: wire.ReplyMessage) -> Iterator[Thinking]:
    """Thoughts one by one where they come so, sealed or not; else in one piece."""
    told = list(thoughts_of(message.reasoning_details or ()))
    text = message.reasoning_content or message.reasoning
    if told:
        yield from told
    elif text:
        yield Thinking(text=text)


def pictures_of(images: Sequence[dict[str, Any]]) -> Iterator[Image]:
    """OpenRouter's pictures: [{type: image_url, image_url: {url}}]."""
    for image in images:
        match image:
            case {"image_url": {"url": str(url)}}:
                found = data_uri.split(url)
                yield Image(media=Media(media_type=found[0], data=found[1]) if found else Media(url=url))


def sound_of(audio: Mapping[str, Any]) -> Audio:
    """A spoken answer, whole or a piece of it."""
    data, transcript, audio_id = (audio.get(name) for name in ("data", "transcript", "id"))
    return Audio(
        media=Media(data=data if isinstance(data, str) else ""),
        transcript=transcript if isinstance(transcript, str) else "",
        id=audio_id if isinstance(audio_id, str) else "",
    )
