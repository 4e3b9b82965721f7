"""The turns of a conversation as Claude wants them: in turn, tool results first, nothing empty."""

from typing import Any

from tutti.intents.chat import Chat
from tutti.vendors.anthropic.blocks import blocks_of
from tutti.vendors.drops import Drops

Block = dict[str, Any]
# Said for whom has said nothing: Claude refuses a conversation that does not begin with a user's turn, and empty words.
_NOTHING = "..."


def messages_of(chat: Chat, drops: Drops) -> list[dict[str, Any]]:
    """All turns but instructions, neighbours of one role made one. Raises `InvalidRequestError`."""
    turns: list[tuple[str, list[Block]]] = []
    for message in chat.messages:
        if message.role in {"system", "developer"}:
            continue
        if message.name:
            drops.add("Message.name")
        blocks = blocks_of(message.parts, chat, drops)
        if turns and turns[-1][0] == message.role:
            turns[-1][1].extend(blocks)
        elif blocks:
            turns.append((message.role, blocks))
    if not turns or turns[0][0] != "user":
        turns.insert(0, ("user", [{"type": "text", "text": _NOTHING}]))
    _trim_end(turns[-1])
    return [{"role": role, "content": _content(role, blocks)} for role, blocks in turns]


def _content(role: str, blocks: list[Block]) -> str | list[Block]:
    if len(blocks) == 1 and blocks[0].keys() == {"type", "text"}:
        text: str = blocks[0]["text"]
        return text
    if role == "user":  # the sort keeps the order of equals
        blocks.sort(key=lambda block: block["type"] != "tool_result")
    return blocks


def _trim_end(turn: tuple[str, list[Block]]) -> None:
    """Claude goes on from an answer that was begun, and refuses one that ends with a space."""
    role, blocks = turn
    if role == "assistant" and blocks[-1]["type"] == "text":
        blocks[-1]["text"] = blocks[-1]["text"].rstrip() or _NOTHING
