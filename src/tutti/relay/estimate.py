"""Our own count of tokens, for replies whose upstream told none."""

from collections.abc import Iterable

from tutti.billing.counting import Counter, count_prompt
from tutti.intents.chat import Part, Refusal, Text, Thinking, ToolCall, Usage
from tutti.vendors.wire import UpstreamWire


async def estimated_usage(request: bytes, reply: bytes, wire: UpstreamWire | None, counter: Counter) -> Usage:
    """Figures for a whole reply; of one that is no conversation, the request's. Raises `VendorError`."""
    if wire is None:
        return await usage_of_texts(request, "", counter)
    parts = [part for choice in wire.from_upstream(reply).choices for part in choice.parts]
    return await usage_of_texts(request, "".join(_words(parts)), counter)


async def usage_of_texts(request: bytes, answer: str, counter: Counter, *, factor: float = 1.0) -> Usage:
    """Figures for what was asked and answered; `factor` where only a part of the answer is in hand."""
    asked = await count_prompt(request, counter)
    answered = await counter.count(answer)
    return Usage(input_tokens=asked, output_tokens=round(answered * factor))


def _words(parts: Iterable[Part]) -> Iterable[str]:
    for part in parts:
        if isinstance(part, Text | Thinking | Refusal):
            yield part.text
        elif isinstance(part, ToolCall):
            yield part.name + part.arguments
