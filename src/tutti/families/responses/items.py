"""The items of a request's input as the turns of a conversation: one function for each type, found in a table.

What the model said stands in items side by side: thoughts, words, calls. Neighbours make one turn of it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from tutti.errors import InvalidRequestError
from tutti.families.reading import Reading, convert
from tutti.families.responses.parts import parts_of
from tutti.families.responses.seals import read_call_seal, read_seal
from tutti.intents.chat import Foreign, Message, Part, Thinking, ToolCall, ToolResult
from tutti.wires import responses as wire

Role = Literal["system", "developer", "user", "assistant"]
_ROLES: Mapping[str, Role] = {"system": "system", "developer": "developer", "user": "user", "assistant": "assistant"}


@dataclass(slots=True)
class Turns:
    """The turns so far."""

    reading: Reading
    messages: list[Message] = field(default_factory=list)
    # Parts that belong to one turn of the model, and results that belong to one turn of the caller.
    _said: list[Part] = field(default_factory=list)
    _results: list[Part] = field(default_factory=list)
    # The seal of the call that comes next.
    call_seal: str | None = None

    def say(self, *parts: Part) -> None:
        """Add to the model's turn."""
        self._close_results()
        self._said += parts

    def result(self, result: ToolResult) -> None:
        """Add what a tool gave."""
        self._close_said()
        self._results.append(result)

    def turn(self, message: Message) -> None:
        """Add a turn of the caller's."""
        self.close()
        self.messages.append(message)

    def close(self) -> None:
        """End the turns that are open."""
        self._close_said()
        self._close_results()

    def _close_said(self) -> None:
        if self._said:
            self.messages.append(Message(role="assistant", parts=tuple(self._said)))
            self._said = []

    def _close_results(self) -> None:
        if self._results:
            self.messages.append(Message(role="user", parts=tuple(self._results)))
            self._results = []


def messages_of(items: str | list[dict[str, Any]], reading: Reading) -> list[Message]:
    """All turns. Raises `InvalidRequestError` naming the field."""
    turns = Turns(reading)
    if isinstance(items, str):
        items = [{"role": "user", "content": items}]
    for number, item in enumerate(items):
        where = f"input[{number}]"
        kind = item.get("type", "message")
        if not isinstance(kind, str):
            raise InvalidRequestError(f"{where}.type: Expected str.", field=f"{where}.type")
        _ITEMS.get(kind, _foreign)(item, where, turns)
    turns.close()
    return turns.messages


def _message(value: dict[str, Any], where: str, turns: Turns) -> None:
    item = convert(wire.MessageItem, value, where)
    role = _ROLES.get(item.role)
    if role is None:
        raise InvalidRequestError(
            f"{where}.role: {item.role!r} is not one of {', '.join(_ROLES)}.", field=f"{where}.role"
        )
    parts = parts_of(item.content, f"{where}.content", turns.reading)
    if role == "assistant":
        turns.say(*parts)
    else:
        turns.turn(Message(role=role, parts=parts))


def _call(value: dict[str, Any], where: str, turns: Turns) -> None:
    item = convert(wire.CallItem, value, where)
    turns.say(ToolCall(id=item.call_id, name=item.name, arguments=item.arguments, signature=turns.call_seal))
    turns.call_seal = None


def _result(value: dict[str, Any], where: str, turns: Turns) -> None:
    item = convert(wire.ResultItem, value, where)
    turns.result(ToolResult(call_id=item.call_id, parts=parts_of(item.output, f"{where}.output", turns.reading)))


def _reasoning(value: dict[str, Any], where: str, turns: Turns) -> None:
    item = convert(wire.ReasoningItem, value, where)
    text = "\n\n".join(words.text for words in item.summary or item.content or ())
    content = item.encrypted_content
    if content is None:
        turns.say(Thinking(text=text))
    elif seal := read_call_seal(content):
        turns.call_seal = seal
    else:
        turns.say(read_seal(item.id, content, text))


def _reference(_: dict[str, Any], where: str, __: Turns) -> None:
    raise InvalidRequestError(
        f"{where}: no stored response holds this item. Send the item itself, or name its response in "
        "previous_response_id.",
        field=where,
    )


def _foreign(value: dict[str, Any], _: str, turns: Turns) -> None:
    """An item that only this wire knows: of the model, unless it is the outcome of something that the caller ran."""
    part = Foreign(wire="responses", value=value)
    if str(value.get("type")).endswith("_output"):
        turns.turn(Message(role="user", parts=(part,)))
    else:
        turns.say(part)


_ITEMS: Mapping[str, Callable[[dict[str, Any], str, Turns], None]] = {
    "message": _message,
    "function_call": _call,
    "function_call_output": _result,
    "reasoning": _reasoning,
    "item_reference": _reference,
}
