"""Responses of upstreams as answers, and their streams as events."""

import json
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tutti.errors import VendorError, VendorSaidError
from tutti.families.responses.wire import ResponsesWire
from tutti.intents.chat import Chat, Foreign, Image, Media, Refusal, StopReason, Text, Thinking, ToolCall, Usage
from tutti.intents.chat_events import (
    ArgumentsDelta,
    Counted,
    Event,
    Failed,
    PartDelta,
    Started,
    Stopped,
    TextDelta,
    ThinkingDelta,
    ToolCallStarted,
)
from tutti.kit.clock import ManualClock
from tutti.kit.sse import EventReader
from tutti.vendors.responses.wire import ResponsesUpstream

FIGURES = {
    "input_tokens": 9,
    "input_tokens_details": {"cached_tokens": 4},
    "output_tokens": 33,
    "output_tokens_details": {"reasoning_tokens": 31},
    "total_tokens": 42,
}
USAGE = Usage(input_tokens=9, output_tokens=33, cached_tokens=4, reasoning_tokens=31)
CITATION = {"type": "url_citation", "url": "https://e.test", "title": "E", "start_index": 0, "end_index": 2}


def reply(*items: dict[str, Any], **more: Any) -> bytes:
    told = {"id": "resp_1", "object": "response", "model": "m", "created_at": 5.5, "status": "completed", **more}
    return json.dumps({"output": [*items], "usage": FIGURES, **told}).encode()


def message(*content: dict[str, Any]) -> dict[str, Any]:
    return {"type": "message", "id": "msg_1", "role": "assistant", "status": "completed", "content": [*content]}


def test_items_become_parts() -> None:
    search = {"type": "web_search_call", "id": "ws_1"}
    answer = ResponsesUpstream().from_upstream(
        reply(
            {"type": "reasoning", "id": "rs_1", "summary": [{"type": "summary_text", "text": "a"},
             {"type": "summary_text", "text": "b"}], "encrypted_content": "gAAA"},
            {"type": "reasoning", "id": "rs_2", "summary": []},
            search,
            message({"type": "output_text", "text": "Titan.", "annotations": [CITATION]},
                    {"type": "refusal", "refusal": "No."}),
            {"type": "function_call", "id": "fc_1", "call_id": "call_1", "name": "look", "arguments": "{}"},
            {"type": "image_generation_call", "id": "ig_1", "result": "aW1n", "output_format": "webp"},
        )
    )  # fmt: skip
    page = {name: value for name, value in CITATION.items() if name != "type"}
    assert answer.choices[0].parts == (
        Thinking(text="a\n\nb", signature="responses:rs_1:gAAA"),
        Foreign(wire="responses", value=search),
        Text(text="Titan.", citations=({"type": "url_citation", "url_citation": page},)),
        Refusal(text="No."),
        ToolCall(id="call_1", name="look", arguments="{}"),
        Image(media=Media(media_type="image/webp", data="aW1n")),
    )
    assert (answer.id, answer.model, answer.created_s, answer.usage) == ("resp_1", "m", 5, USAGE)
    assert answer.choices[0].stop is StopReason.TOOL_CALLS


@pytest.mark.parametrize(
    ("reason", "stop"),
    [("max_output_tokens", StopReason.LENGTH), ("content_filter", StopReason.REFUSAL)],
)
def test_incomplete_answer_says_why(reason: str, stop: StopReason) -> None:
    body = reply(message(), status="incomplete", incomplete_details={"reason": reason})
    assert ResponsesUpstream().from_upstream(body).choices[0].stop is stop


@pytest.mark.parametrize(
    ("code", "status"), [("server_error", 502), ("rate_limit_exceeded", 429), ("invalid_prompt", 400)]
)
def test_failed_answer_is_an_error_though_its_status_is_200(code: str, status: int) -> None:
    with pytest.raises(VendorSaidError, match="sorry") as failed:
        ResponsesUpstream().from_upstream(reply(status="failed", error={"code": code, "message": "sorry"}))
    assert (failed.value.status, failed.value.code) == (status, code)


@pytest.mark.parametrize("body", [b"", b"[]", b'{"output": 1}', reply(message({"type": "output_text", "text": 1}))])
def test_nonsense_is_the_vendor_s_fault(body: bytes) -> None:
    with pytest.raises(VendorError):
        ResponsesUpstream().from_upstream(body)


def test_log_probabilities() -> None:
    token = {"token": "a", "logprob": -1.0, "bytes": [97], "top_logprobs": []}
    answer = ResponsesUpstream().from_upstream(
        reply(message({"type": "output_text", "text": "a", "annotations": [], "logprobs": [token]}))
    )
    assert answer.choices[0].logprobs == {"content": [token], "refusal": None}


EVENTS: Sequence[Event] = (
    Started(id="resp_1", model="m", created_s=0),
    ThinkingDelta(text="Let me look."),
    ThinkingDelta(signature="responses:rs_1:gAAA"),
    TextDelta(text="Ti"),
    TextDelta(text="tan."),
    PartDelta(
        part=Text(
            text="",
            citations=(
                {
                    "type": "url_citation",
                    "url_citation": {"url": "https://e.test", "title": "E", "start_index": 0, "end_index": 2},
                },
            ),
        )
    ),
    ToolCallStarted(index=0, id="a", name="look"),
    ArgumentsDelta(index=0, text='{"at": '),
    ToolCallStarted(index=1, id="b", name="look"),
    ArgumentsDelta(index=1, text='{"at": 2}'),
    ArgumentsDelta(index=0, text="1}"),
    PartDelta(part=Foreign(wire="responses", value={"type": "web_search_call", "id": "ws_1"})),
    Counted(usage=USAGE),
    Stopped(reason=StopReason.TOOL_CALLS),
)


def spoken(events: Sequence[Event]) -> bytes:
    """The events as our own callers read them, which is how OpenAI tells them."""
    stream = ResponsesWire(ManualClock(1_000)).stream(Chat(model="m", messages=(), wire="responses"))
    return b"".join([*map(stream.tell, events), stream.end()])


def heard(pieces: Sequence[bytes]) -> list[Event]:
    reader, stream = EventReader(), ResponsesUpstream().stream()
    read = [event for piece in pieces for event in reader.feed(piece)]
    read += reader.end()
    return [told for event in read for told in stream.feed(*event)] + [*stream.end()]


STREAM = spoken(EVENTS)


def test_stream_is_heard_as_it_was_spoken() -> None:
    started, *rest = heard([STREAM])
    assert isinstance(started, Started)
    assert started.model == "m"
    thought = next(event for event in rest if isinstance(event, ThinkingDelta) and event.signature)
    # The seal holds to the id that its upstream told, wherever it went in between.
    assert thought.signature
    assert thought.signature.endswith("responses:rs_1:gAAA")
    assert [event for event in rest if event is not thought] == [
        event for event in EVENTS[1:] if not (isinstance(event, ThinkingDelta) and event.signature)
    ]


@given(st.lists(st.integers(0, len(STREAM)), max_size=20))
def test_chunk_borders_never_change_a_stream(cuts: list[int]) -> None:
    borders = [0, *sorted(cuts), len(STREAM)]
    assert heard([STREAM[start:end] for start, end in pairwise(borders)]) == heard([STREAM])


def test_call_that_comes_whole_is_told() -> None:
    item = {"type": "function_call", "id": "fc_1", "call_id": "c", "name": "look", "arguments": "{}"}
    stream = ResponsesUpstream().stream()
    done = {"type": "response.output_item.done", "output_index": 0, "item": item}
    assert [*stream.feed("", json.dumps(done).encode())] == [
        ToolCallStarted(index=0, id="c", name="look"),
        ArgumentsDelta(index=0, text="{}"),
    ]


@pytest.mark.parametrize(
    "data",
    [
        {"type": "error", "code": "server_error", "message": "sorry"},
        {"type": "error", "error": {"code": "server_error", "message": "sorry"}},
        {"type": "response.failed", "response": {"id": "r", "error": {"code": "server_error", "message": "sorry"}}},
    ],
)
def test_stream_that_fails_says_so(data: dict[str, Any]) -> None:
    events = ResponsesUpstream().stream().feed("", json.dumps(data).encode())
    assert [*events] == [Failed(message="sorry", code="server_error")]


def test_figures_of_what_passes_through() -> None:
    upstream = ResponsesUpstream()
    events = [*EventReader().feed(STREAM)]
    assert [usage for event in events if (usage := upstream.usage_of_event(*event))] == [USAGE]
    assert upstream.usage_of(reply()) == USAGE
    assert upstream.usage_of(b"oops") is None
