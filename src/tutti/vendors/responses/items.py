"""The turns of a conversation as items of the Responses wire: one function for each kind of part, found in a table."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from tutti.errors import InvalidRequestError
from tutti.intents.chat import (
    Audio,
    File,
    Foreign,
    Image,
    Media,
    Message,
    Part,
    Refusal,
    Text,
    Thinking,
    ToolCall,
    ToolResult,
    Video,
)
from tutti.intents.documents import name_of, titled
from tutti.intents.seals import RESPONSES, seal_for
from tutti.vendors.drops import Drops

Item = dict[str, Any]


def items_of(messages: Sequence[Message], drops: Drops) -> list[Item]:
    """All items. Raises `InvalidRequestError` for what must not be left out and can not be said."""
    return [item for message in messages for item in _turn(message, drops)]


def _turn(message: Message, drops: Drops) -> Iterator[Item]:
    """The items of a turn: words that stand together are one message."""
    if message.name is not None:
        drops.add("Message.name")
    content: list[Item] = []
    for part in message.parts:
        write = _ITEMS.get(type(part))
        if write is None:
            content += _content(part, message.role, drops)
            continue
        items = [*write(part, drops)]
        if items and content:
            yield {"type": "message", "role": message.role, "content": content}
            content = []
        yield from items
    if content:
        yield {"type": "message", "role": message.role, "content": content}


def _content(part: Part, role: str, drops: Drops) -> list[Item]:
    """What of a message a part is."""
    if role != "assistant":
        return _CONTENT[type(part)](part, drops)
    match part:
        case Text():
            return [{"type": "output_text", "text": part.text, "annotations": _annotations(part)}]
        case Refusal():
            return [{"type": "refusal", "refusal": part.text}]
    # Pictures and sound that a model made are not taken back.
    drops.add(type(part).__name__)
    return []


def _annotations(part: Text) -> list[Item]:
    return [
        {"type": "url_citation", **citation["url_citation"]} if "url_citation" in citation else dict(citation)
        for citation in part.citations
        if citation.get("type") in {"url_citation", "file_citation", "container_file_citation", "file_path"}
    ]


def _text(part: Text, drops: Drops) -> list[Item]:
    _drop_mark(part, drops)
    return [{"type": "input_text", "text": part.text}]


def _refusal(part: Refusal, _: Drops) -> list[Item]:
    return [{"type": "input_text", "text": part.text}]


def _image(part: Image, drops: Drops) -> list[Item]:
    _drop_mark(part, drops)
    media = part.media
    source = {"file_id": _own_file(part, drops)} if media.file_id else {"image_url": _address(media, "image/png")}
    return [{"type": "input_image", **source, **({"detail": part.detail} if part.detail else {})}]


def _file(part: File, drops: Drops) -> list[Item]:
    _drop_mark(part, drops)
    media, name = part.media, {"filename": part.name} if part.name else {}
    if part.text is not None:
        return [{"type": "input_text", "text": titled(part.name, part.text)}]
    if media.file_id:
        return [{"type": "input_file", "file_id": _own_file(part, drops)}]
    if media.url:
        return [{"type": "input_file", "file_url": media.url, **name}]
    # A name is wanted with content in hand.
    return [{"type": "input_file", "filename": name_of(part), "file_data": _address(media, "application/pdf")}]


def _own_file(part: Image | File, drops: Drops) -> str | None:
    """The id of a file that lies at OpenAI. Raises `InvalidRequestError` for one that can not."""
    if drops.caller_wire in {"openai", "responses"}:
        return part.media.file_id
    field = drops.word(type(part).__name__)
    raise InvalidRequestError(
        f"{field}: the file {part.media.file_id!r} lies at another vendor; send its content or its address.",
        field=field,
    )


def _audio(_: Audio, drops: Drops) -> list[Item]:
    field = drops.word("Audio")
    raise InvalidRequestError(f"{field}: this model does not hear: send what is said as text.", field=field)


def _video(_: Video, drops: Drops) -> list[Item]:
    field = drops.word("Video")
    raise InvalidRequestError(f"{field}: this model does not watch films: send pictures of it.", field=field)


_CONTENT: dict[type[Part], Callable[[Any, Drops], list[Item]]] = {
    Text: _text,
    Refusal: _refusal,
    Image: _image,
    File: _file,
    Audio: _audio,
    Video: _video,
}


def _address(media: Media, usual_type: str) -> str:
    return media.url or f"data:{media.media_type or usual_type};base64,{media.data or ''}"


def _drop_mark(part: Text | Image | File | ToolCall | ToolResult, drops: Drops) -> None:
    if part.cache is not None:
        drops.add("CacheMark")


def _call(part: ToolCall, drops: Drops) -> Iterator[Item]:
    _drop_mark(part, drops)
    if part.signature is not None:
        drops.add("ToolCall", "seal")
    yield {"type": "function_call", "call_id": part.id, "name": part.name, "arguments": part.arguments or "{}"}


def _result(part: ToolResult, drops: Drops) -> Iterator[Item]:
    _drop_mark(part, drops)
    parts = [item for inner in part.parts for item in _content(inner, "user", drops)]
    texts = [item["text"] for item in parts if item["type"] == "input_text"]
    output = parts if len(texts) < len(parts) else "".join(texts)
    if part.is_error and isinstance(output, str) and not output.lower().startswith("error"):
        # This wire has no field for it.
        output = f"Error: {output}"
    yield {"type": "function_call_output", "call_id": part.call_id, "output": output}


def _thinking(part: Thinking, drops: Drops) -> Iterator[Item]:
    """Thoughts go back with OpenAI's own seal only: it looks for others among what it stored, and refuses."""
    seal = seal_for(RESPONSES, part.signature)
    if seal is None:
        drops.add("Thinking", "sealed" if part.sealed else "")
        return
    item_id, _, content = seal.partition(":")
    summary = [{"type": "summary_text", "text": part.text}] if part.text else []
    named = {"id": item_id} if item_id else {}
    yield {"type": "reasoning", **named, "summary": summary, "encrypted_content": content}


def _foreign(part: Foreign, drops: Drops) -> Iterator[Item]:
    if part.wire == RESPONSES:
        yield dict(part.value)
    else:
        drops.add_foreign(part)


_ITEMS: dict[type[Part], Callable[[Any, Drops], Iterator[Item]]] = {
    ToolCall: _call,
    ToolResult: _result,
    Thinking: _thinking,
    Foreign: _foreign,
}
