"""A response that has ended, told again as the events of a stream."""

from collections.abc import Callable, Iterator, Mapping

from tutti.families.responses.lines import Lines, OpenCall, OpenMessage, OpenReasoning
from tutti.families.responses.output import Item
from tutti.families.responses.response import Response


def replayed(response: Response) -> list[bytes]:
    """All events, in order; the place of one is its sequence number."""
    # JSON holds no line ends.
    return [event + b"\n\n" for event in b"".join(_told(response)).split(b"\n\n")[:-1]]


def _told(response: Response) -> Iterator[bytes]:
    lines = Lines()
    begun = {
        **response,
        "status": "in_progress",
        "output": [],
        "usage": None,
        "error": None,
        "incomplete_details": None,
    }
    yield lines.event("response.created", response=begun)
    yield lines.event("response.in_progress", response=begun)
    for index, item in enumerate(response["output"]):
        yield from _TELLERS.get(item.get("type", ""), _whole)(lines, index, item)
    status = response["status"]
    yield lines.event(f"response.{'failed' if status == 'cancelled' else status}", response=response)


def _message(lines: Lines, index: int, item: Item) -> Iterator[bytes]:
    words = OpenMessage(lines, index, item.get("id", ""))
    yield words.begin()
    for part in item.get("content") or ():
        if part.get("type") == "refusal":
            yield words.add_refusal(part.get("refusal", ""))
            continue
        yield words.add_text(part.get("text", ""), part.get("logprobs") or ())
        for annotation in part.get("annotations") or ():
            yield words.cite(annotation)
    yield words.close()


def _reasoning(lines: Lines, index: int, item: Item) -> Iterator[bytes]:
    thoughts = OpenReasoning(lines, index, item.get("id", ""))
    yield thoughts.begin()
    text = "\n\n".join(part.get("text", "") for part in item.get("summary") or ())
    if text:
        yield thoughts.add(text)
    yield thoughts.close(item.get("encrypted_content"))


def _call(lines: Lines, index: int, item: Item) -> Iterator[bytes]:
    call = OpenCall(lines, index, item.get("id", ""), call_id=item.get("call_id", ""), name=item.get("name", ""))
    yield call.begin()
    if item.get("arguments"):
        yield call.add(item["arguments"])
    yield call.close()


def _whole(lines: Lines, index: int, item: Item) -> Iterator[bytes]:
    yield lines.added(index, item)
    yield lines.done(index, item)


_TELLERS: Mapping[str, Callable[[Lines, int, Item], Iterator[bytes]]] = {
    "message": _message,
    "reasoning": _reasoning,
    "function_call": _call,
}
