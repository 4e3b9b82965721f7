"""The turns of a conversation in the OpenAI wire: results of tools are turns of their own there."""

from collections.abc import Iterable, Iterator
from typing import Any

from tutti.intents.chat import (
    Audio,
    Chat,
    File,
    Foreign,
    Image,
    Message,
    Part,
    Refusal,
    Text,
    Thinking,
    ToolCall,
    ToolResult,
)
from tutti.intents.documents import text_of, titled
from tutti.intents.reasoning_details import details_of, extra_content_of
from tutti.vendors.drops import Drops
from tutti.vendors.openai.models import Traits
from tutti.vendors.openai.user_parts import content_of, own_cache_field

Turn = dict[str, Any]
_ERROR = "Error: "
# Said in a result whose pictures follow in the user's turn, for results are words here.
_SEE_BELOW = "(see the next message)"


def messages_of(chat: Chat, traits: Traits, drops: Drops) -> list[Turn]:
    """All turns. Raises `InvalidRequestError` for what must not be left out and can not be said."""
    last_asked = _last_asked(chat.messages)
    return [
        turn
        for number, message in enumerate(chat.messages)
        for turn in _turns(message, chat, traits, drops, is_at_work=number > last_asked)
    ]


def _last_asked(messages: Iterable[Message]) -> int:
    """The number of the last turn in which the user said something, results of tools aside."""
    asked = (
        number
        for number, message in enumerate(messages)
        if message.role == "user" and not all(isinstance(part, ToolResult) for part in message.parts)
    )
    return max(asked, default=-1)


def _turns(message: Message, chat: Chat, traits: Traits, drops: Drops, *, is_at_work: bool) -> Iterator[Turn]:
    name = {"name": message.name} if message.name else {}
    match message.role:
        case "assistant":
            keeps = traits.wants_thoughts and is_at_work
            yield {"role": "assistant", **name, **_assistant(message.parts, chat, drops, keeps_thoughts=keeps)}
        case "user":
            yield from _user(message.parts, name, chat, drops)
        case "system" | "developer":
            role = message.role if traits.knows_developer else "system"
            yield {"role": role, **name, "content": _instruction(message.parts, chat, drops)}


def _instruction(parts: tuple[Part, ...], chat: Chat, drops: Drops) -> str | list[Turn]:
    if chat.wire == "openai":
        return content_of(parts, chat, drops)
    # In parts it is refused by some who speak this wire.
    for part in parts:
        if not isinstance(part, Text):
            drops.add(type(part).__name__)
        elif part.cache:
            drops.add("CacheMark")
    return "\n\n".join(part.text for part in parts if isinstance(part, Text))


def _user(parts: tuple[Part, ...], name: Turn, chat: Chat, drops: Drops) -> Iterator[Turn]:
    """Results first, as turns of their own; then what the user said and what of the results is not words."""
    said: list[Part] = []
    has_results = False
    for part in parts:
        if isinstance(part, ToolResult):
            has_results = True
            result, rest = _result(part, chat, drops)
            yield result
            said += rest
        else:
            said.append(part)
    if said or not has_results:
        yield {"role": "user", **name, "content": content_of(said, chat, drops)}


def _result(result: ToolResult, chat: Chat, drops: Drops) -> tuple[Turn, list[Part]]:
    words = [text for part in result.parts if (text := _words(part)) is not None]
    rest = [part for part in result.parts if _words(part) is None]
    text = "\n".join(words) or (_SEE_BELOW if rest else "")
    if result.is_error and not text.lower().startswith("error"):
        text = _ERROR + text
    told: Turn = {"role": "tool", "tool_call_id": result.call_id, "content": text}
    return told | own_cache_field(result.cache, chat, drops), rest


def _words(part: Part) -> str | None:
    """A part of a result as words; None for what is none."""
    match part:
        case Text() | Refusal():
            return part.text
        case File() if (text := text_of(part)) is not None:
            return titled(part.name, text)
    return None


def _assistant(parts: tuple[Part, ...], chat: Chat, drops: Drops, *, keeps_thoughts: bool) -> Turn:
    calls = [_call(part, chat) for part in parts if isinstance(part, ToolCall)]
    refusal = "".join(part.text for part in parts if isinstance(part, Refusal))
    turn: Turn = {"content": _said(parts, chat, drops)}
    if calls or refusal:
        turn["content"] = turn["content"] or None
    if refusal:
        turn["refusal"] = refusal
    turn |= _thoughts([part for part in parts if isinstance(part, Thinking)], chat, drops, keeps=keeps_thoughts)
    if calls:
        turn["tool_calls"] = calls
    for part in parts:
        if isinstance(part, Audio) and part.id is not None and chat.wire == "openai":
            turn["audio"] = {"id": part.id}
    return turn


def _said(parts: tuple[Part, ...], chat: Chat, drops: Drops) -> str | list[Turn]:
    """The words of an answer; in parts only where the caller of this wire sent them so."""
    for part in parts:
        if isinstance(part, Foreign) and part.wire != "openai":
            drops.add_foreign(part)
        elif isinstance(part, Image) or (isinstance(part, Audio) and part.id is None):
            drops.add(type(part).__name__)
    words = [part for part in parts if isinstance(part, Text) or (isinstance(part, Foreign) and part.wire == "openai")]
    if chat.wire == "openai":
        return content_of(words, chat, drops) if words else ""
    return "".join(part.text for part in words if isinstance(part, Text))


def _thoughts(thoughts: list[Thinking], chat: Chat, drops: Drops, *, keeps: bool) -> Turn:
    """Thoughts in the field that their makers named; OpenAI's models take none, others in the midst of their work."""
    text = "".join(thought.text for thought in thoughts)
    if chat.wire == "openai":
        sealed = details_of(thoughts)
        return ({"reasoning_content": text} if text else {}) | ({"reasoning_details": sealed} if sealed else {})
    if thoughts and not (keeps and text):
        drops.add("Thinking")
    return {"reasoning_content": text} if keeps and text else {}


def _call(call: ToolCall, chat: Chat) -> Turn:
    told: Turn = {
        "id": call.id,
        "type": "function",
        "function": {"name": call.name, "arguments": call.arguments or "{}"},
    }
    seal = extra_content_of(call.signature)
    if seal and chat.wire == "openai":
        told["extra_content"] = seal
    return told
