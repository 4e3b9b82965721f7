"""The items of an answer: what the model thought, said and called, one beside the other."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from tutti.families.responses.seals import told_call_seal, told_seal
from tutti.intents.chat import Audio, Foreign, Image, JsonObject, Part, Refusal, Text, Thinking, ToolCall

Item = dict[str, Any]
# Makes the id of an item, from what its kind begins with.
NewId = Callable[[str], str]


def items_of(parts: Iterable[Part], new_id: NewId, *, logprobs: JsonObject | None = None) -> list[Item]:
    """All items; words that stand together are one message."""
    items: list[Item] = []
    content: list[Item] | None = None
    for part in parts:
        if isinstance(part, Text | Refusal | Audio) or (isinstance(part, Image) and part.media.data is None):
            if content is None:
                content = []
                items.append(message_item(new_id("msg"), content))
            _add_content(content, part)
        elif told := [*item_of(part, new_id)]:
            content = None
            items += told
    if logprobs:
        _put_logprobs(items, logprobs)
    return items


def item_of(part: Part, new_id: NewId) -> Iterator[Item]:
    """The item that a part makes, and before a sealed call what holds its seal; none for what this wire can not say."""
    match part:
        case Thinking():
            yield reasoning_item(part, new_id)
        case ToolCall():
            if part.signature:
                yield seal_item(part.signature, new_id)
            yield call_item(new_id("fc"), part.id, part.name, part.arguments)
        case Image():
            yield {
                "id": new_id("ig"),
                "type": "image_generation_call",
                "status": "completed",
                "result": part.media.data,
            }
        case Foreign(wire="responses"):
            yield dict(part.value)


def message_item(item_id: str, content: list[Item], *, status: str = "completed") -> Item:
    """Words."""
    return {"id": item_id, "type": "message", "status": status, "role": "assistant", "content": content}


def text_part(text: str, annotations: Sequence[Item] = ()) -> Item:
    """Words in a message."""
    return {"type": "output_text", "text": text, "annotations": [*annotations]}


def refusal_part(text: str) -> Item:
    """Words of a refusal in a message."""
    return {"type": "refusal", "refusal": text}


def call_item(item_id: str, call_id: str, name: str, arguments: str, *, status: str = "completed") -> Item:
    """A call of a function."""
    return {
        "id": item_id,
        "type": "function_call",
        "status": status,
        "call_id": call_id,
        "name": name,
        "arguments": arguments,
    }


def reasoning_item(thought: Thinking, new_id: NewId) -> Item:
    """Thoughts, told as their summary."""
    item_id, content = told_seal(thought)
    item: Item = {"id": item_id or new_id("rs"), "type": "reasoning", "summary": summary_of(thought.text)}
    return item if content is None else {**item, "encrypted_content": content}


def seal_item(signature: str, new_id: NewId) -> Item:
    """What goes ahead of a call that its vendor sealed."""
    return {
        "id": new_id("rs"),
        "type": "reasoning",
        "summary": [],
        "encrypted_content": told_call_seal(signature),
    }


def summary_of(text: str) -> list[Item]:
    """The summary of thoughts."""
    return [{"type": "summary_text", "text": text}] if text else []


def words_of(part: Part) -> str:
    """What of a part is words: a picture's address as markdown, of sound what is said in it."""
    match part:
        case Text() | Refusal():
            return part.text
        case Image():
            return f"![image]({part.media.url or ''})"
        case Audio():
            return part.transcript or ""
    return ""


def annotation_of(citation: JsonObject, start: int, end: int) -> Item | None:
    """A source of the words from one character to another; None for a source that this wire has no form for."""
    kind = citation.get("type")
    if kind in {"file_citation", "container_file_citation", "file_path"}:
        return dict(citation)
    page: Mapping[str, Any] = citation.get("url_citation", citation)
    if not page.get("url"):
        return None
    return {
        "type": "url_citation",
        "url": page["url"],
        "title": page.get("title") or "",
        "start_index": page.get("start_index", start),
        "end_index": page.get("end_index", end),
    }


def logprobs_of(logprobs: JsonObject | None) -> list[Item]:
    """Log probabilities of tokens."""
    tokens = (logprobs or {}).get("content") or ()
    return [{"bytes": [], "top_logprobs": [], **token} for token in tokens]


def _add_content(content: list[Item], part: Part) -> None:
    if isinstance(part, Refusal):
        content.append(refusal_part(part.text))
        return
    if not content or content[-1]["type"] != "output_text":
        content.append(text_part(""))
    start = len(content[-1]["text"])
    content[-1]["text"] += words_of(part)
    for citation in part.citations if isinstance(part, Text) else ():
        annotation = annotation_of(citation, start, len(content[-1]["text"]))
        if annotation is not None:
            content[-1]["annotations"].append(annotation)


def _put_logprobs(items: Iterable[Item], logprobs: JsonObject) -> None:
    for item in items:
        for part in item["content"] if item["type"] == "message" else ():
            if part["type"] == "output_text":
                part["logprobs"] = logprobs_of(logprobs)
                return
