"""Counting the tokens of a request for models whose upstream cannot be asked, in every wire that has a call for it."""

from collections.abc import Callable

from tutti.billing.counting import Counter
from tutti.families.immediate import Instead
from tutti.intents.chat import Chat, Part, Text, Thinking, Tool, ToolCall, ToolResult
from tutti.kit.asgi import Send, send_bytes
from tutti.relay.call import Call

# What a message costs beyond its words, and a file of any kind, roughly: OpenAI's own advice for its models, and what
# Gemini and Claude charge for a middling picture.
_TOKENS_PER_MESSAGE = 4
_TOKENS_PER_FILE = 258


def count_answer(counter: Counter, read: Callable[[Call], Chat], tell: Callable[[int], bytes]) -> Instead:
    """What answers a count by our own tokenizer; `read` is what is to be counted, `tell` the reply in the wire."""

    async def answer(call: Call, send: Send) -> None:
        tokens = await tokens_of(read(call), counter)
        await send_bytes(send, status=200, body=tell(tokens), headers=((b"x-tutti-estimate", b"1"),))

    return answer


async def tokens_of(chat: Chat, counter: Counter) -> int:
    """About how many tokens the prompt has."""
    words = [word for message in chat.messages for part in message.parts for word in _words(part)]
    words += [f"{tool.name} {tool.description} {tool.schema or ''}" for tool in chat.tools if isinstance(tool, Tool)]
    files = sum(word == "" for word in words)
    counted = await counter.count("\n".join(words))
    return counted + _TOKENS_PER_MESSAGE * len(chat.messages) + _TOKENS_PER_FILE * files


def _words(part: Part) -> list[str]:
    """The words of a part; an empty one stands for a file."""
    match part:
        case Text() | Thinking():
            return [part.text or " "]
        case ToolCall():
            return [part.name, part.arguments]
        case ToolResult():
            return [word for inner in part.parts for word in _words(inner)]
        case _:
            return [""]
