"""Replies of Claude upstreams, whole and event by event."""

import json
from typing import Any

import pytest

from tests.conversions.streams import STREAMS
from tutti.errors import VendorError
from tutti.intents.chat import Foreign, StopReason, Text, Thinking, ToolCall, Usage
from tutti.intents.chat_events import (
    ArgumentsDelta,
    Counted,
    Events,
    Failed,
    PartDelta,
    Started,
    Stopped,
    TextDelta,
    ThinkingDelta,
    ToolCallStarted,
)
from tutti.kit.sse import EventReader
from tutti.vendors.anthropic.wire import AnthropicWire
from tutti.wires import claude

WIRE = AnthropicWire()
# As Anthropic's own streams go, with a search that Anthropic ran.
RECORDED = STREAMS["claude"]
READ: Events = (
    Started(id="msg_1", model="claude-x"),
    Counted(usage=Usage(input_tokens=109, output_tokens=1, cached_tokens=100)),
    ThinkingDelta(text="Hm."),
    ThinkingDelta(signature="c2VhbA=="),
    ThinkingDelta(sealed="aGlk"),
    TextDelta(text="Let me look."),
    PartDelta(part=Text(text="", citations=({"type": "page_location"},))),
    PartDelta(
        part=Foreign(
            wire="claude", value={"type": "server_tool_use", "id": "s", "name": "web_search", "input": {"query": "x"}}
        )
    ),
    ToolCallStarted(index=0, id="toolu_1", name="look"),
    ArgumentsDelta(index=0, text='{"at":1}'),
    ToolCallStarted(index=1, id="toolu_2", name="hear"),
    ArgumentsDelta(index=1, text="{}"),
    Counted(usage=Usage(input_tokens=109, output_tokens=61, cached_tokens=100)),
    Stopped(reason=StopReason.TOOL_CALLS),
)


def read(content: bytes) -> Events:
    stream = WIRE.stream()
    told = [event for name, data in EventReader().feed(content) for event in stream.feed(name, data)]
    return (*told, *stream.end())


def reply(**fields: Any) -> bytes:
    return json.dumps({"id": "msg_1", "model": "claude-x", "content": [], "stop_reason": "end_turn", **fields}).encode()


def test_stream_is_read_event_by_event():
    assert read(RECORDED) == READ


def test_cut_stream_has_no_end():
    assert not any(isinstance(event, Stopped) for event in read(RECORDED[: RECORDED.index(b"event: message_delta")]))


def test_error_in_the_midst_is_a_failure():
    told = read(claude.event("error", error={"type": "overloaded_error", "message": "Overloaded"}))
    assert told == (Failed(message="Overloaded", code="overloaded_error"),)


@pytest.mark.parametrize("data", [b"{", b"[]", b'{"type": 1}', b"\xff"])
def test_event_that_can_not_be_read_is_a_failure(data):
    (failed,) = WIRE.stream().feed("content_block_delta", data)
    assert isinstance(failed, Failed)


@pytest.mark.parametrize(
    "data",
    [
        b'{"type":"ping"}',
        b'{"type":"something_new"}',
        b'{"type":"content_block_delta","index":0,"delta":{"type":"new_delta"}}',
    ],
)
def test_event_of_a_new_kind_is_passed_over(data):
    assert WIRE.stream().feed("", data) == ()


def test_arguments_told_with_the_start_are_kept():
    block = {"type": "tool_use", "id": "t", "name": "f", "input": {"a": 1}}
    told = read(claude.event("content_block_start", index=0, content_block=block))
    assert told[1] == ArgumentsDelta(index=0, text='{"a":1}')


def test_every_block_of_a_whole_reply_is_read():
    content = [
        {"type": "thinking", "thinking": "Hm.", "signature": "c2VhbA=="},
        {"type": "redacted_thinking", "data": "aGlk"},
        {"type": "text", "text": "One "},
        {"type": "text", "text": "two", "citations": [{"type": "page_location"}]},
        {"type": "tool_use", "id": "t", "name": "f", "input": {"a": 1}},
        {"type": "web_search_tool_result", "tool_use_id": "s", "content": []},
    ]
    assert WIRE.from_upstream(reply(content=content)).choices[0].parts == (
        Thinking(text="Hm.", signature="c2VhbA=="),
        Thinking(sealed="aGlk"),
        Text(text="One "),
        Text(text="two", citations=({"type": "page_location"},)),
        ToolCall(id="t", name="f", arguments='{"a":1}'),
        Foreign(wire="claude", value=content[-1]),
    )


@pytest.mark.parametrize(
    ("word", "stop"),
    [
        ("end_turn", StopReason.END),
        ("max_tokens", StopReason.LENGTH),
        ("model_context_window_exceeded", StopReason.LENGTH),
        ("stop_sequence", StopReason.STOP_SEQUENCE),
        ("tool_use", StopReason.TOOL_CALLS),
        ("refusal", StopReason.REFUSAL),
        ("pause_turn", StopReason.PAUSE),
        ("something_new", StopReason.END),
        (None, StopReason.END),
    ],
)
def test_reason_for_the_end_is_understood(word, stop):
    assert WIRE.from_upstream(reply(stop_reason=word)).choices[0].stop == stop


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b'{"content": 1}'])
def test_reply_that_can_not_be_read_is_the_upstreams_fault(body):
    with pytest.raises(VendorError):
        WIRE.from_upstream(body)


def test_whole_prompt_is_the_sum_of_its_parts():
    figures = {
        "input_tokens": 9,
        "cache_read_input_tokens": 100,
        "cache_creation_input_tokens": 30,
        "cache_creation": {"ephemeral_5m_input_tokens": 10, "ephemeral_1h_input_tokens": 20},
        "output_tokens": 5,
        "output_tokens_details": {"thinking_tokens": 2},
    }
    usage = Usage(
        input_tokens=139,
        output_tokens=5,
        cached_tokens=100,
        cache_written_tokens=30,
        cache_written_1h_tokens=20,
        reasoning_tokens=2,
    )
    assert WIRE.from_upstream(reply(usage=figures)).usage == usage
    assert WIRE.usage_of(reply(usage=figures)) == usage


@pytest.mark.parametrize("body", [b"", b"{}", b'{"usage": null}', b'{"usage": {}}'])
def test_reply_without_figures_has_none(body):
    assert WIRE.usage_of(body) is None


def test_figures_of_a_stream_that_passes_through_add_up():
    told = [WIRE.usage_of_event(name, data) for name, data in EventReader().feed(RECORDED)]
    first, second = filter(None, told)
    assert first.then(second) == Usage(input_tokens=109, output_tokens=61, cached_tokens=100)
