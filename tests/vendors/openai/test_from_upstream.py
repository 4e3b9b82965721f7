"""Replies of upstreams that speak the OpenAI chat wire, whole and chunk by chunk."""

import json
from pathlib import Path
from typing import Any

import pytest

from tutti.errors import VendorError
from tutti.intents.chat import Audio, Foreign, Image, Media, Refusal, StopReason, Text, Thinking, ToolCall, Usage
from tutti.intents.chat_events import (
    ArgumentsDelta,
    Counted,
    Events,
    Failed,
    PartDelta,
    RefusalDelta,
    Started,
    Stopped,
    TextDelta,
    ThinkingDelta,
    ToolCallStarted,
)
from tutti.intents.seals import GEMINI, name_seal
from tutti.kit.sse import EventReader
from tutti.relay.watch import Watch
from tutti.vendors.openai.wire import OpenAIWire

# In the form of https://platform.kimi.ai/docs/api/chat, read 2026-11-28.
MOONSHOT = (Path(__file__).parents[2] / "data" / "vendors" / "moonshot" / "stream.txt").read_bytes()
WIRE = OpenAIWire()
STARTED = Started(id="chatcmpl-1", model="gpt-x", created_s=7)


def chunk(delta: dict[str, Any] | None = None, *, index: int = 0, finish: str | None = None, **fields: Any) -> bytes:
    choices = [] if delta is None else [{"index": index, "delta": delta, "finish_reason": finish}]
    return json.dumps({"id": "chatcmpl-1", "created": 7, "model": "gpt-x", "choices": choices, **fields}).encode()


def read(*told: bytes) -> Events:
    """The events of a stream, but for its start."""
    stream = WIRE.stream()
    events = [event for data in told for event in stream.feed("", data)]
    assert events[0] == STARTED
    return (*events[1:], *stream.end())


def call(index: int | None = 0, **fields: Any) -> bytes:
    return chunk({"tool_calls": [{**({} if index is None else {"index": index}), **fields}]})


def whole(message: dict[str, Any], finish: str | None = "stop", **fields: Any) -> Any:
    choice = {"index": 0, "message": {"role": "assistant", **message}, "finish_reason": finish}
    return WIRE.from_upstream(json.dumps({"id": "1", "model": "m", "choices": [choice], **fields}).encode())


def test_stream_is_read_chunk_by_chunk():
    told = read(
        chunk({"role": "assistant", "content": ""}),
        chunk({"reasoning_content": "Hm."}),
        chunk({"content": "Ti"}),
        chunk({"content": "tan"}),
        chunk({}, finish="stop"),
        chunk(usage={"prompt_tokens": 3, "completion_tokens": 2, "total_tokens": 5}),
        b"[DONE]",
    )
    assert told == (
        ThinkingDelta(text="Hm."),
        TextDelta(text="Ti"),
        TextDelta(text="tan"),
        Stopped(reason=StopReason.END),
        Counted(usage=Usage(input_tokens=3, output_tokens=2)),
    )


def test_parallel_calls_are_told_by_their_numbers():
    told = read(
        call(0, id="a", type="function", function={"name": "look", "arguments": ""}),
        call(1, id="b", type="function", function={"name": "hear", "arguments": ""}),
        call(1, function={"arguments": '{"x":'}),
        call(0, function={"arguments": "{}"}),
        call(1, function={"arguments": "1}"}),
        chunk({}, finish="tool_calls"),
    )
    assert told == (
        ToolCallStarted(index=0, id="a", name="look"),
        ToolCallStarted(index=1, id="b", name="hear"),
        ArgumentsDelta(index=1, text='{"x":'),
        ArgumentsDelta(index=0, text="{}"),
        ArgumentsDelta(index=1, text="1}"),
        Stopped(reason=StopReason.TOOL_CALLS),
    )


@pytest.mark.parametrize(
    "told",
    [
        # Without numbers; all with the same number; numbers that begin at one.
        (
            call(None, id="a", function={"name": "f", "arguments": "{}"}),
            call(None, id="b", function={"name": "g", "arguments": "{}"}),
        ),
        (
            call(0, id="a", function={"name": "f", "arguments": "{}"}),
            call(0, id="b", function={"name": "g", "arguments": "{}"}),
        ),
        (
            call(1, id="a", function={"name": "f", "arguments": "{}"}),
            call(2, id="b", function={"name": "g", "arguments": "{}"}),
        ),
    ],
)
def test_calls_are_told_apart_whatever_their_numbers(told):
    assert read(*told) == (
        ToolCallStarted(index=0, id="a", name="f"),
        ArgumentsDelta(index=0, text="{}"),
        ToolCallStarted(index=1, id="b", name="g"),
        ArgumentsDelta(index=1, text="{}"),
    )


def test_call_is_told_once_its_name_is_known():
    told = read(
        call(0, id="a"), call(0, function={"arguments": "{"}), call(0, function={"name": "f", "arguments": "}"})
    )
    assert told == (ToolCallStarted(index=0, id="a", name="f"), ArgumentsDelta(index=0, text="{}"))


def test_call_whose_id_is_repeated_is_one():
    told = read(call(0, id="a", function={"name": "f", "arguments": "{"}), call(0, id="a", function={"arguments": "}"}))
    assert [event for event in told if isinstance(event, ToolCallStarted)] == [
        ToolCallStarted(index=0, id="a", name="f")
    ]


def test_call_without_an_id_gets_one():
    assert read(call(0, function={"name": "f"})) == (ToolCallStarted(index=0, id="call_0", name="f"),)


@pytest.mark.parametrize(
    ("delta", "events"),
    [
        ({"reasoning": "Hm."}, (ThinkingDelta(text="Hm."),)),
        (
            {
                "reasoning": "Hm.",
                "reasoning_details": [{"type": "reasoning.text", "text": "Hm.", "signature": "s", "index": 0}],
            },
            (ThinkingDelta(text="Hm.", signature="s"),),
        ),
        ({"reasoning_details": [{"type": "reasoning.encrypted", "data": "x"}]}, (ThinkingDelta(sealed="x"),)),
        ({"refusal": "No."}, (RefusalDelta(text="No."),)),
        (
            {
                "content": [
                    {"type": "thinking", "thinking": [{"type": "text", "text": "Hm."}]},
                    {"type": "text", "text": "Ho"},
                ]
            },
            (ThinkingDelta(text="Hm."), TextDelta(text="Ho")),
        ),
        ({"content": [{"type": "new"}]}, (PartDelta(part=Foreign(wire="openai", value={"type": "new"})),)),
        (
            {"images": [{"type": "image_url", "image_url": {"url": "data:image/png;base64,iVBO"}}]},
            (PartDelta(part=Image(media=Media(media_type="image/png", data="iVBO"))),),
        ),
        (
            {"audio": {"id": "a", "transcript": "Hi"}},
            (PartDelta(part=Audio(media=Media(data=""), transcript="Hi", id="a")),),
        ),
        (
            {"annotations": [{"type": "url_citation"}]},
            (PartDelta(part=Text(text="", citations=({"type": "url_citation"},))),),
        ),
        ({"content": None, "tool_calls": None, "reasoning_content": None}, ()),
    ],
)
def test_delta_of_any_kind_is_read(delta, events):
    assert read(chunk(delta)) == events


def test_several_answers_are_read_apart():
    told = read(
        chunk({"content": "A"}),
        chunk({"content": "B"}, index=1),
        chunk({}, index=1, finish="length"),
        chunk({}, finish="stop"),
    )
    assert told == (
        TextDelta(text="A"),
        TextDelta(text="B", choice=1),
        Stopped(reason=StopReason.LENGTH, choice=1),
        Stopped(reason=StopReason.END),
    )


def test_reason_for_the_end_is_told_once():
    assert read(chunk({}, finish="stop"), chunk({}, finish="stop")) == (Stopped(reason=StopReason.END),)


def test_cut_stream_has_no_end():
    assert read(chunk({"content": "A"})) == (TextDelta(text="A"),)


def test_error_in_the_midst_is_a_failure():
    data = b'{"error":{"message":"Busy","type":"server_error","param":null,"code":null}}'
    assert WIRE.stream().feed("", data) == (Failed(message="Busy", code="server_error"),)


@pytest.mark.parametrize("data", [b"{", b"[]", b'{"choices": 1}', b"\xff"])
def test_chunk_that_can_not_be_read_is_a_failure(data):
    (failed,) = WIRE.stream().feed("", data)
    assert isinstance(failed, Failed)


def test_every_part_of_a_whole_reply_is_read():
    message = {
        "reasoning_content": "Hm.",
        "content": "Warm",
        "annotations": [{"type": "url_citation"}],
        "refusal": "No.",
        "images": [{"type": "image_url", "image_url": {"url": "https://e.org/a.png"}}],
        "audio": {"id": "a", "data": "UklG", "transcript": "Hi", "expires_at": 1},
        "tool_calls": [
            {
                "id": "b",
                "type": "function",
                "function": {"name": "f", "arguments": "{}"},
                "extra_content": {"google": {"thought_signature": "QUJD"}},
            }
        ],
    }
    assert whole(message).choices[0].parts == (
        Thinking(text="Hm."),
        Text(text="Warm", citations=({"type": "url_citation"},)),
        Refusal(text="No."),
        Image(media=Media(url="https://e.org/a.png")),
        Audio(media=Media(data="UklG"), transcript="Hi", id="a"),
        ToolCall(id="b", name="f", arguments="{}", signature=name_seal(GEMINI, "QUJD")),
    )


@pytest.mark.parametrize(
    ("word", "stop"),
    [
        ("stop", StopReason.END),
        ("length", StopReason.LENGTH),
        ("tool_calls", StopReason.TOOL_CALLS),
        ("function_call", StopReason.TOOL_CALLS),
        ("content_filter", StopReason.REFUSAL),
        ("max_tokens", StopReason.LENGTH),
        ("tool_use", StopReason.TOOL_CALLS),
        ("something_new", StopReason.END),
        (None, StopReason.END),
    ],
)
def test_reason_for_the_end_is_understood(word, stop):
    assert whole({"content": "Hi"}, word).choices[0].stop == stop
    assert read(chunk({}, finish=word)) == ((Stopped(reason=stop),) if word else ())


def test_forced_call_is_to_be_run_though_the_vendor_says_stop():
    message = {
        "content": None,
        "tool_calls": [{"id": "a", "type": "function", "function": {"name": "f", "arguments": "{}"}}],
    }
    assert whole(message, "stop").choices[0].stop == StopReason.TOOL_CALLS
    assert read(call(0, id="a", function={"name": "f"}), chunk({}, finish="stop"))[-1] == Stopped(
        reason=StopReason.TOOL_CALLS
    )


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"", "status"),
        (b"<html>Bad gateway</html>", "Bad gateway"),
        (b'{"error":{"message":"Busy"}}', "Busy"),
        (b"[]", "can not be read"),
    ],
)
def test_reply_that_holds_no_answer_is_the_upstreams_fault(body, words):
    with pytest.raises(VendorError, match=words):
        WIRE.from_upstream(body)


@pytest.mark.parametrize(
    ("figures", "usage"),
    [
        (
            {
                "prompt_tokens": 10,
                "completion_tokens": 7,
                "total_tokens": 17,
                "prompt_tokens_details": {"cached_tokens": 4, "audio_tokens": 2, "cache_write_tokens": 1},
                "completion_tokens_details": {"reasoning_tokens": 3, "audio_tokens": 1},
            },
            Usage(
                input_tokens=10,
                output_tokens=7,
                cached_tokens=4,
                cache_written_tokens=1,
                reasoning_tokens=3,
                audio_input_tokens=2,
                audio_output_tokens=1,
            ),
        ),
        # DeepSeek's older word; Moonshot's place; xAI's thoughts beside the answer; vendors that send null.
        (
            {"prompt_tokens": 10, "completion_tokens": 7, "prompt_cache_hit_tokens": 4},
            Usage(input_tokens=10, output_tokens=7, cached_tokens=4),
        ),
        (
            {"prompt_tokens": 10, "completion_tokens": 7, "total_tokens": 17, "cached_tokens": 4},
            Usage(input_tokens=10, output_tokens=7, cached_tokens=4),
        ),
        (
            {
                "prompt_tokens": 10,
                "completion_tokens": 7,
                "total_tokens": 117,
                "completion_tokens_details": {"reasoning_tokens": 100},
            },
            Usage(input_tokens=10, output_tokens=107, reasoning_tokens=100),
        ),
        (
            {
                "prompt_tokens": 10,
                "completion_tokens": 7,
                "total_tokens": 17,
                "prompt_tokens_details": None,
                "completion_tokens_details": None,
            },
            Usage(input_tokens=10, output_tokens=7),
        ),
    ],
)
def test_figures_are_understood(figures, usage):
    body = json.dumps({"choices": [], "usage": figures}).encode()
    assert WIRE.usage_of(body) == usage
    assert WIRE.usage_of_event("", body) == usage
    assert WIRE.from_upstream(body).usage == usage


@pytest.mark.parametrize("body", [b"", b"{}", b'{"usage":null}', b'{"usage": null}', b'{"usage":{}}', b"[DONE]"])
def test_body_without_figures_has_none(body):
    assert WIRE.usage_of(body) is None
    assert WIRE.usage_of_event("", body) is None


def test_moonshots_streams_are_counted_by_its_own_figures():
    usage = Usage(input_tokens=19, output_tokens=13)
    passing = Watch(WIRE, None, None, hides_figures=True)
    assert passing.feed(MOONSHOT) + passing.end() == MOONSHOT
    assert passing.usage == usage
    stream = WIRE.stream()
    events = [event for name, data in EventReader().feed(MOONSHOT) for event in stream.feed(name, data)]
    assert events[-2:] == [Stopped(reason=StopReason.END), Counted(usage=usage)]


@pytest.mark.parametrize("outer", [{}, {"usage": None}])
def test_figures_beside_an_answer_are_read_when_there_are_no_others(outer):
    choice = {"index": 0, "delta": {}, "finish_reason": "stop", "usage": {"prompt_tokens": 1, "completion_tokens": 2}}
    for separators in ((",", ":"), None):
        data = json.dumps({"choices": [choice], **outer}, separators=separators).encode()
        assert WIRE.usage_of_event("", data) == Usage(input_tokens=1, output_tokens=2)
    whole = {"prompt_tokens": 3, "completion_tokens": 4}
    data = json.dumps({"choices": [choice], "usage": whole}).encode()
    assert WIRE.usage_of_event("", data) == Usage(input_tokens=3, output_tokens=4)


@pytest.mark.parametrize("choices", [None, 7, [7], [{"usage": 7}], [{"usage": None}], [{"usage": {}}]])
def test_answers_of_another_form_hide_no_figures(choices):
    figures = {"prompt_tokens": 1, "completion_tokens": 2}
    assert WIRE.usage_of_event("", json.dumps({"choices": choices, "usage": figures}).encode()) is not None
    assert WIRE.usage_of_event("", json.dumps({"choices": choices}).encode()) is None
