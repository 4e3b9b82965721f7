"""Answers told to Responses callers, whole and piece by piece, read by OpenAI's own SDK."""

import json
from collections.abc import Sequence
from typing import Any

import httpx
import pytest
from openai import OpenAI
from pydantic import BaseModel

from tutti.errors import VendorTimeoutError
from tutti.families.responses.wire import ResponsesWire
from tutti.intents.chat import Answer, Choice, Foreign, Image, Media, Part, StopReason, Text, Thinking, ToolCall, Usage
from tutti.intents.chat_events import (
    ArgumentsDelta,
    Counted,
    Event,
    Failed,
    PartDelta,
    RefusalDelta,
    Started,
    Stopped,
    TextDelta,
    ThinkingDelta,
    ToolCallStarted,
)
from tutti.kit.clock import ManualClock
from tutti.kit.sse import EventReader

WIRE = ResponsesWire(ManualClock())
USAGE = Usage(input_tokens=9, output_tokens=33, cached_tokens=4, reasoning_tokens=31)
CITATION = {
    "type": "url_citation",
    "url_citation": {"url": "https://e.test", "title": "E", "start_index": 0, "end_index": 2},
}
STREAM: Sequence[Event] = (
    Started(id="chatcmpl-1", model="m-1"),
    ThinkingDelta(text="Let me "),
    ThinkingDelta(text="look."),
    ThinkingDelta(signature="EqQB"),
    TextDelta(text="Ti", logprobs={"content": [{"token": "Ti", "logprob": -1.0, "bytes": [84], "top_logprobs": []}]}),
    TextDelta(text="tan."),
    PartDelta(part=Text(text="", citations=(CITATION,))),
    ToolCallStarted(index=0, id="a", name="look", signature="gemini:QUJD"),
    ArgumentsDelta(index=0, text='{"at": '),
    ToolCallStarted(index=1, id="b", name="look"),
    ArgumentsDelta(index=1, text='{"at": 2}'),
    ArgumentsDelta(index=0, text="1}"),
    PartDelta(part=Image(media=Media(media_type="image/png", data="aW1n"))),
    Stopped(reason=StopReason.TOOL_CALLS),
    Counted(usage=USAGE),
)
TOOL: Any = {"type": "function", "name": "look", "parameters": {"type": "object", "properties": {}}, "strict": False}


def stream_of(events: Sequence[Event], **asked: Any) -> bytes:
    chat = WIRE.from_caller(json.dumps({"model": "m", "input": "hi", "stream": True, **asked}).encode(), {})
    stream = WIRE.stream(chat)
    return b"".join([*map(stream.tell, events), stream.end()])


def told(events: Sequence[Event], **asked: Any) -> list[dict[str, Any]]:
    return [json.loads(event.data) for event in EventReader().feed(stream_of(events, **asked))]


def whole(*parts: Part, stop: StopReason = StopReason.END, path: dict[str, str] | None = None, **asked: Any) -> Any:
    chat = WIRE.from_caller(json.dumps({"model": "m", "input": "hi", **asked}).encode(), path or {})
    answer = Answer(id="x", model="m-1", choices=(Choice(parts=parts, stop=stop),), usage=USAGE)
    return json.loads(WIRE.to_caller(answer, chat))


def sdk(content: bytes, content_type: str = "text/event-stream") -> OpenAI:
    def answer(_: httpx.Request) -> httpx.Response:
        return httpx.Response(200, content=content, headers={"content-type": content_type})

    client = httpx.Client(transport=httpx.MockTransport(answer))
    return OpenAI(api_key="sk-test", base_url="http://upstream.test/v1", http_client=client, max_retries=0)


def test_response_repeats_its_request() -> None:
    asked = {
        "instructions": "Be brief.",
        "temperature": 0.0,
        "tools": [TOOL],
        "metadata": {"a": "b"},
        "store": False,
        "max_output_tokens": 99,
    }
    response = whole(Text(text="a"), **asked)
    assert {name: response[name] for name in asked} == asked
    assert (response["object"], response["status"], response["model"]) == ("response", "completed", "m-1")
    assert (response["parallel_tool_calls"], response["tool_choice"], response["error"]) == (True, "auto", None)


def test_id_that_was_told_before_stays() -> None:
    assert whole(Text(text="a"), path={"response_id": "resp_1"})["id"] == "resp_1"


def test_answer_of_nothing_is_a_response_without_output() -> None:
    chat = WIRE.from_caller(b'{"model":"m","input":"hi"}', {})
    told = json.loads(WIRE.to_caller(Answer(id="x", model="m", choices=()), chat))
    assert (told["status"], told["output"]) == ("completed", [])


def test_figures() -> None:
    assert whole(Text(text="a"))["usage"] == {
        "input_tokens": 9,
        "input_tokens_details": {"cached_tokens": 4, "cache_write_tokens": 0},
        "output_tokens": 33,
        "output_tokens_details": {"reasoning_tokens": 31},
        "total_tokens": 42,
    }


@pytest.mark.parametrize(
    ("stop", "status", "reason"),
    [
        (StopReason.END, "completed", None),
        (StopReason.TOOL_CALLS, "completed", None),
        (StopReason.LENGTH, "incomplete", {"reason": "max_output_tokens"}),
        (StopReason.REFUSAL, "incomplete", {"reason": "content_filter"}),
    ],
)
def test_reasons(stop: StopReason, status: str, reason: dict[str, str] | None) -> None:
    response = whole(Text(text="a"), stop=stop)
    assert (response["status"], response["incomplete_details"]) == (status, reason)


def test_seals_go_out_with_their_owner_s_name() -> None:
    items = whole(
        Thinking(text="hm", signature="EqQB"),
        Thinking(sealed="xyz"),
        Thinking(text="hm", signature="responses:rs_7:gAAA"),
        ToolCall(id="a", name="look", arguments="{}", signature="gemini:QUJD"),
    )["output"]
    assert [item.get("encrypted_content") for item in items] == [
        "claude:EqQB",
        "sealed:xyz",
        "gAAA",
        "call:gemini:QUJD",
        None,
    ]
    assert items[2]["id"] == "rs_7"


def test_answer_told_whole_comes_back_as_it_was() -> None:
    parts = (
        Thinking(text="hm", signature="EqQB"),
        Thinking(sealed="xyz"),
        Text(text="I look.", citations=(CITATION,)),
        ToolCall(id="a", name="look", arguments="{}", signature="gemini:QUJD"),
        Foreign(wire="responses", value={"type": "web_search_call", "id": "ws_1"}),
    )
    chat = WIRE.from_caller(json.dumps({"model": "m", "input": whole(*parts)["output"]}).encode(), {})
    assert chat.messages[0].parts == parts


def test_sdk_reads_a_whole_response() -> None:
    content = json.dumps(whole(Thinking(text="hm"), Text(text="Ti"), Text(text="tan."))).encode()
    response = sdk(content, "application/json").responses.create(model="m", input="hi")
    assert (response.output_text, [item.type for item in response.output]) == ("Titan.", ["reasoning", "message"])


def test_sdk_accumulates_a_stream() -> None:
    with sdk(stream_of(STREAM)).responses.stream(model="m", input="hi", tools=[TOOL]) as stream:
        seen = [event.type for event in stream]
        final = stream.get_final_response()
    assert seen[:2] == ["response.created", "response.in_progress"]
    assert seen[-1] == "response.completed"
    assert final.output_text == "Titan."
    assert [item.type for item in final.output] == [
        "reasoning",
        "message",
        "reasoning",
        "function_call",
        "function_call",
        "image_generation_call",
    ]
    calls = [item for item in final.output if item.type == "function_call"]
    assert [(call.call_id, json.loads(call.arguments)) for call in calls] == [("a", {"at": 1}), ("b", {"at": 2})]
    assert final.output[0].summary[0].text == "Let me look."
    assert final.usage
    assert final.usage.total_tokens == 42


def test_sdk_parses_a_form() -> None:
    class Moon(BaseModel):
        name: str

    events = [Started(id="x", model="m"), TextDelta(text='{"name":'), TextDelta(text='"Titan"}')]
    content = stream_of([*events, Stopped(reason=StopReason.END)])
    with sdk(content).responses.stream(model="m", input="hi", text_format=Moon) as stream:
        final = stream.get_final_response()
    assert final.output_parsed == Moon(name="Titan")


def test_events_are_numbered_without_gaps() -> None:
    events = told(STREAM)
    assert [event["sequence_number"] for event in events] == [*range(len(events))]


def test_order_of_a_text() -> None:
    events = [Started(id="x", model="m"), TextDelta(text="a"), Stopped(reason=StopReason.END)]
    assert [event["type"].removeprefix("response.") for event in told(events)] == [
        "created",
        "in_progress",
        "output_item.added",
        "content_part.added",
        "output_text.delta",
        "output_text.done",
        "content_part.done",
        "output_item.done",
        "completed",
    ]


def test_last_event_holds_the_whole_response() -> None:
    events = told(STREAM, metadata={"a": "b"})
    done = [event["item"] for event in sorted(
        (event for event in events if event["type"] == "response.output_item.done"),
        key=lambda event: event["output_index"],
    )]  # fmt: skip
    last = events[-1]["response"]
    assert last["output"] == done
    assert (last["id"], last["metadata"]) == (events[0]["response"]["id"], {"a": "b"})
    message = last["output"][1]["content"][0]
    assert message["annotations"] == [
        {"type": "url_citation", "url": "https://e.test", "title": "E", "start_index": 0, "end_index": 2}
    ]
    assert message["logprobs"][0]["token"] == "Ti"


def test_refusal_is_a_part_of_its_own() -> None:
    events = told([
        Started(id="x", model="m"),
        TextDelta(text="Well"),
        RefusalDelta(text="No."),
        Stopped(reason=StopReason.END),
    ])  # fmt: skip
    assert events[-1]["response"]["output"][0]["content"] == [
        {"type": "output_text", "text": "Well", "annotations": []},
        {"type": "refusal", "refusal": "No."},
    ]


def test_stream_that_fails_says_so_once() -> None:
    events = told([*STREAM[:5], Failed(message="overloaded", code="overloaded_error"), *STREAM[5:]])
    assert events[-1]["type"] == "response.failed"
    assert events[-1]["response"]["error"] == {"code": "server_error", "message": "overloaded"}
    assert [event["type"] for event in events].count("response.failed") == 1


def test_stream_that_is_cut_has_failed() -> None:
    events = told(STREAM[:5])
    assert events[-1]["response"]["status"] == "failed"
    assert events[-1]["response"]["output"][1]["content"][0]["text"] == "Ti"


def test_further_answers_are_not_told() -> None:
    events = told([Started(id="x", model="m"), TextDelta(text="b", choice=1), Stopped(reason=StopReason.END)])
    assert events[-1]["response"]["output"] == []


def test_error_event_is_read_by_the_sdk() -> None:
    error = WIRE.error_event(VendorTimeoutError("too late"), after=3)
    (event,) = sdk(error).responses.create(model="m", input="hi", stream=True)
    assert (event.type, event.message, event.sequence_number) == ("error", "too late", 3)
