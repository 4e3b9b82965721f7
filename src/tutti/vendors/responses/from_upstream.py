"""A whole response as an answer: its items, one function for each type, found in a table."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import msgspec

from tutti.errors import VendorSaidError
from tutti.intents.chat import (
    Answer,
    Choice,
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
)
from tutti.intents.seals import RESPONSES, name_seal
from tutti.vendors.garbage import GARBAGE, unreadable
from tutti.wires import responses as wire

_INCOMPLETE = {"max_output_tokens": StopReason.LENGTH, "content_filter": StopReason.REFUSAL}


def from_upstream(body: bytes) -> Answer:
    """A whole reply. Raises `VendorError` when it can not be read or says that the model failed."""
    try:
        return _answer(wire.reply_decoder.decode(body))
    except GARBAGE as error:
        raise unreadable() from error


def _answer(reply: wire.Reply) -> Answer:
    if reply.status in {"failed", "cancelled"} or reply.status in wire.UNFINISHED:
        raise failure_of(reply.error)
    parts = tuple(part for item in reply.output for part in parts_of(item))
    return Answer(
        id=reply.id,
        model=reply.model,
        choices=(Choice(parts=parts, stop=stop_of(reply, parts), logprobs=_logprobs(reply.output)),),
        usage=usage_of(reply.usage) or Usage(),
        created_s=int(reply.created_at),
        service_tier=reply.service_tier,
    )


def failure_of(failure: wire.Failure | None) -> VendorSaidError:
    """What the model failed of, as an error: such a reply has status 200."""
    code = failure.code if failure else ""
    status = 429 if code == "rate_limit_exceeded" else 400 if code.startswith("invalid_") else 502
    message = failure.message if failure and failure.message else "The upstream gave no answer."
    return VendorSaidError(message, status=status, code=code or "server_error")


def stop_of(reply: wire.Reply, parts: tuple[Part, ...]) -> StopReason:
    """Why the answer ended."""
    if reply.status == "incomplete":
        return _INCOMPLETE.get(reply.incomplete_details.reason if reply.incomplete_details else "", StopReason.LENGTH)
    if any(isinstance(part, ToolCall) for part in parts):
        return StopReason.TOOL_CALLS
    return StopReason.END


def parts_of(item: Mapping[str, Any]) -> list[Part]:
    """The parts of one item; an item of a type that nobody knows is kept for this wire. Raises what is `GARBAGE`."""
    return [*_ITEMS.get(str(item.get("type")), _foreign)(item)]


def _message(item: Mapping[str, Any]) -> Iterator[Part]:
    for part in item["content"]:
        if part.get("type") == "refusal":
            yield Refusal(text=part["refusal"])
        else:
            words = msgspec.convert({"annotations": [], **part}, wire.TextPart)
            yield Text(text=words.text, citations=tuple(map(wire.citation_of, words.annotations or ())))


def _call(item: Mapping[str, Any]) -> Iterator[Part]:
    call = msgspec.convert(item, wire.CallItem)
    yield ToolCall(id=call.call_id, name=call.name, arguments=call.arguments)


def _reasoning(item: Mapping[str, Any]) -> Iterator[Part]:
    thought = msgspec.convert(item, wire.ReasoningItem)
    text = "\n\n".join(words.text for words in thought.summary or thought.content or ())
    signature = seal_of(thought)
    if text or signature:
        yield Thinking(text=text, signature=signature)


def seal_of(item: wire.ReasoningItem) -> str | None:
    """The seal of thoughts, which holds to the id of their item."""
    return name_seal(RESPONSES, f"{item.id}:{item.encrypted_content}") if item.encrypted_content else None


def _image(item: Mapping[str, Any]) -> Iterator[Part]:
    if item.get("result"):
        kind = item.get("output_format", "png")
        yield Image(media=Media(media_type=f"image/{kind}", data=item["result"]))


def _foreign(item: Mapping[str, Any]) -> Iterator[Part]:
    yield Foreign(wire="responses", value=item)


_ITEMS: Mapping[str, Callable[[Mapping[str, Any]], Iterator[Part]]] = {
    "message": _message,
    "function_call": _call,
    "reasoning": _reasoning,
    "image_generation_call": _image,
}


def _logprobs(output: list[dict[str, Any]]) -> JsonObject | None:
    tokens = [
        token
        for item in output
        if item.get("type") == "message"
        for part in item.get("content") or ()
        for token in part.get("logprobs") or ()
    ]
    return {"content": tokens, "refusal": None} if tokens else None


def usage_of(figures: wire.Usage | None) -> Usage | None:
    """The figures."""
    if figures is None:
        return None
    asked = figures.input_tokens_details or wire.InputDetails()
    told = figures.output_tokens_details or wire.OutputDetails()
    return Usage(
        input_tokens=figures.input_tokens,
        output_tokens=figures.output_tokens,
        cached_tokens=asked.cached_tokens,
        cache_written_tokens=asked.cache_write_tokens,
        reasoning_tokens=told.reasoning_tokens,
    )
