"""The events of a stream, numbered, and the items that are open in it.

Order is what the official SDK's accumulator demands: items count from 0 as they are added, parts of an item likewise,
and each is added before anything is said of it and done afterwards. contracts/responses.yaml, Streaming.
"""

from collections.abc import Sequence
from typing import Any

from tutti.families.responses.output import Item, call_item, message_item, refusal_part, summary_of, text_part
from tutti.wires import responses as wire


class Lines:
    """Numbers the events of one stream."""

    def __init__(self) -> None:
        """Begin at 0."""
        self._next = 0

    def event(self, kind: str, **fields: Any) -> bytes:
        """One event."""
        data = wire.encoder.encode({"type": kind, "sequence_number": self._next, **fields})
        self._next += 1
        return b"event: %s\ndata: %s\n\n" % (kind.encode(), data)

    def added(self, index: int, item: Item) -> bytes:
        """An item begins."""
        return self.event("response.output_item.added", output_index=index, item=item)

    def done(self, index: int, item: Item) -> bytes:
        """An item is whole."""
        return self.event("response.output_item.done", output_index=index, item=item)


class OpenMessage:
    """Words that are being said."""

    def __init__(self, lines: Lines, index: int, item_id: str) -> None:
        """Take its place in the output."""
        self._lines = lines
        self._id = item_id
        self._place = {"item_id": item_id, "output_index": index}
        self._parts: list[Item] = []
        self._logprobs: list[Item] = []
        self._is_part_open = False
        self.index = index

    @property
    def item(self) -> Item:
        """The item as it stands."""
        return message_item(self._id, self._parts)

    def begin(self) -> bytes:
        """The event that adds it."""
        return self._lines.added(self.index, message_item(self._id, [], status="in_progress"))

    def add_text(self, text: str, logprobs: Sequence[Item] = ()) -> bytes:
        """More words."""
        told = self._part(text_part(""))
        self._parts[-1]["text"] += text
        self._logprobs += logprobs
        return told + self._told("output_text.delta", delta=text, logprobs=[*logprobs])

    def add_refusal(self, text: str) -> bytes:
        """More words of a refusal."""
        told = self._part(refusal_part(""))
        self._parts[-1]["refusal"] += text
        return told + self._told("refusal.delta", delta=text)

    def cite(self, annotation: Item) -> bytes:
        """A source of the words so far."""
        told = self._part(text_part(""))
        annotations = self._parts[-1]["annotations"]
        annotations.append(annotation)
        return told + self._told(
            "output_text.annotation.added", annotation_index=len(annotations) - 1, annotation=annotation
        )

    def close(self) -> bytes:
        """The events that end it."""
        return self._close_part() + self._lines.done(self.index, self.item)

    @property
    def length(self) -> int:
        """Characters of the words that are open."""
        return len(self._parts[-1].get("text", "")) if self._is_part_open else 0

    def _part(self, part: Item) -> bytes:
        """Open a part unless one of its kind is open."""
        if self._is_part_open and self._parts[-1]["type"] == part["type"]:
            return b""
        told = self._close_part()
        self._parts.append(part)
        self._is_part_open = True
        return told + self._told("content_part.added", part=part)

    def _close_part(self) -> bytes:
        if not self._is_part_open:
            return b""
        self._is_part_open = False
        part = self._parts[-1]
        if part["type"] == "refusal":
            said = self._told("refusal.done", refusal=part["refusal"])
        else:
            said = self._told("output_text.done", text=part["text"], logprobs=self._logprobs)
            if self._logprobs:
                part["logprobs"], self._logprobs = self._logprobs, []
        return said + self._told("content_part.done", part=part)

    def _told(self, kind: str, **fields: Any) -> bytes:
        return self._lines.event(f"response.{kind}", **self._place, content_index=len(self._parts) - 1, **fields)


class OpenReasoning:
    """Thoughts that are being told, as their summary."""

    def __init__(self, lines: Lines, index: int, item_id: str) -> None:
        """Take its place in the output."""
        self._lines = lines
        self._place = {"item_id": item_id, "output_index": index}
        self._text = ""
        self._is_told = False
        self.index = index
        self.item: Item = {"id": item_id, "type": "reasoning", "summary": []}

    def begin(self) -> bytes:
        """The event that adds it."""
        return self._lines.added(self.index, self.item)

    def add(self, text: str) -> bytes:
        """More thoughts."""
        told = b"" if self._is_told else self._told("part.added", part={"type": "summary_text", "text": ""})
        self._is_told = True
        self._text += text
        return told + self._told("text.delta", delta=text)

    def close(self, encrypted_content: str | None = None) -> bytes:
        """The events that end it; what seals it comes with the last."""
        told = b""
        self.item = {**self.item, "summary": summary_of(self._text)}
        if encrypted_content is not None:
            self.item["encrypted_content"] = encrypted_content
        if self._is_told:
            told = self._told("text.done", text=self._text)
            told += self._told("part.done", part={"type": "summary_text", "text": self._text})
        return told + self._lines.done(self.index, self.item)

    def _told(self, kind: str, **fields: Any) -> bytes:
        return self._lines.event(f"response.reasoning_summary_{kind}", **self._place, summary_index=0, **fields)


class OpenCall:
    """A call whose arguments are being written."""

    def __init__(self, lines: Lines, index: int, item_id: str, *, call_id: str, name: str) -> None:
        """Take its place in the output."""
        self._lines = lines
        self._id = item_id
        self._place = {"item_id": item_id, "output_index": index}
        self._call_id = call_id
        self._name = name
        self.arguments = ""
        self.index = index

    @property
    def item(self) -> Item:
        """The call as it stands."""
        return call_item(self._id, self._call_id, self._name, self.arguments)

    def begin(self) -> bytes:
        """The event that adds it."""
        return self._lines.added(self.index, {**self.item, "status": "in_progress"})

    def add(self, text: str) -> bytes:
        """More of its arguments."""
        self.arguments += text
        return self._lines.event("response.function_call_arguments.delta", **self._place, delta=text)

    def close(self) -> bytes:
        """The events that end it."""
        told = self._lines.event(
            "response.function_call_arguments.done", **self._place, name=self._name, arguments=self.arguments
        )
        return told + self._lines.done(self.index, self.item)
