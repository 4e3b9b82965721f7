"""Answers told to Claude callers, whole and piece by piece, read by Anthropic's own SDK."""

import json
from collections.abc import Sequence
from typing import Any

import anthropic
import httpx2
import pytest

from tutti.errors import VendorTimeoutError
from tutti.families.claude.wire import ClaudeWire
from tutti.intents.chat import (
    Answer,
    Audio,
    Chat,
    Choice,
    Foreign,
    Image,
    Media,
    Refusal,
    StopReason,
    Text,
    Thinking,
    ToolCall,
    Usage,
)
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

CHAT = Chat(model="asked", messages=(), wire="claude")
USAGE = Usage(input_tokens=111, output_tokens=33, cached_tokens=100, cache_written_tokens=10, reasoning_tokens=31)
SEARCH = {"type": "server_tool_use", "id": "srvtoolu_1", "name": "web_search", "input": {"query": "x"}}
CITATION = {"type": "char_location", "cited_text": "x", "document_index": 0, "start_char_index": 0, "end_char_index": 1}
STARTED = Started(id="msg_1", model="m-1")
STREAM: Sequence[Event] = (
    STARTED,
    ThinkingDelta(text="Let me "),
    ThinkingDelta(text="look."),
    ThinkingDelta(signature="c2VhbA=="),
    ThinkingDelta(sealed="aGlkZGVu"),
    TextDelta(text="Ti"),
    TextDelta(text="tan."),
    PartDelta(part=Text(text="", citations=(CITATION,))),
    PartDelta(part=Foreign(wire="claude", value=SEARCH)),
    ToolCallStarted(index=0, id="toolu_1", name="look"),
    ArgumentsDelta(index=0, text='{"at": '),
    ArgumentsDelta(index=0, text='"Oslo"}'),
    Counted(usage=USAGE),
    Stopped(reason=StopReason.TOOL_CALLS),
)


def whole(*parts: Any, stop: StopReason = StopReason.END, **fields: Any) -> dict[str, Any]:
    answer = Answer(
        id="msg_1",
        model="m-1",
        choices=(Choice(parts=parts, stop=stop, **fields),),
        usage=USAGE,
        service_tier="default",
    )
    told: dict[str, Any] = json.loads(ClaudeWire().to_caller(answer, CHAT))
    return told


def stream_of(events: Sequence[Event]) -> bytes:
    stream = ClaudeWire().stream(CHAT)
    return b"".join([*map(stream.tell, events), stream.end()])


def events_of(told: bytes) -> list[tuple[str, dict[str, Any]]]:
    """Name and data of each event, whose two lines must agree."""
    events = []
    for block in told.decode().split("\n\n")[:-1]:
        first, second = block.split("\n")
        data = json.loads(second.removeprefix("data: "))
        assert data["type"] == first.removeprefix("event: ")
        events.append((data["type"], data))
    return events


def sdk(content: bytes, content_type: str = "text/event-stream") -> anthropic.Anthropic:
    def answer(_: httpx2.Request) -> httpx2.Response:
        return httpx2.Response(200, content=content, headers={"content-type": content_type})

    client = anthropic.DefaultHttpxClient(transport=httpx2.MockTransport(answer))
    return anthropic.Anthropic(api_key="sk-test", base_url="http://upstream.test", http_client=client, max_retries=0)


def read(content: bytes) -> Any:
    """The message that Anthropic's SDK puts together from a stream."""
    messages = [{"role": "user", "content": "Hello"}]
    with sdk(content) as client, client.messages.stream(model="m", max_tokens=9, messages=messages) as stream:
        return stream.get_final_message()


def test_sdk_reads_a_whole_answer():
    parts = (
        Thinking(text="Hm.", signature="c2VhbA=="),
        Text(text="Look:"),
        ToolCall(id="t", name="look", arguments="{}"),
    )
    answer = Answer(id="msg_1", model="m-1", choices=(Choice(parts=parts, stop=StopReason.TOOL_CALLS),), usage=USAGE)
    with sdk(ClaudeWire().to_caller(answer, CHAT), "application/json") as client:
        message = client.messages.create(model="m", max_tokens=9, messages=[{"role": "user", "content": "Hello"}])
    assert [block.type for block in message.content] == ["thinking", "text", "tool_use"]
    assert (message.stop_reason, message.stop_sequence, message.usage.input_tokens) == ("tool_use", None, 1)


def test_figures_keep_the_cached_prompt_apart():
    assert whole(Text(text="Hi"))["usage"] == {
        "input_tokens": 1,
        "cache_creation_input_tokens": 10,
        "cache_read_input_tokens": 100,
        "output_tokens": 33,
        "cache_creation": {"ephemeral_5m_input_tokens": 10, "ephemeral_1h_input_tokens": 0},
        "output_tokens_details": {"thinking_tokens": 31},
        "service_tier": "standard",
    }


@pytest.mark.parametrize(
    ("part", "block"),
    [
        (Text(text="Hi"), {"type": "text", "text": "Hi"}),
        (Text(text="Hi", citations=(CITATION,)), {"type": "text", "text": "Hi", "citations": [CITATION]}),
        (Text(text="Hi", citations=({"type": "url_citation"},)), {"type": "text", "text": "Hi"}),
        (Refusal(text="No."), {"type": "text", "text": "No."}),
        (
            Image(media=Media(media_type="image/png", data="iVBO")),
            {"type": "text", "text": "![image](data:image/png;base64,iVBO)"},
        ),
        (Audio(media=Media(data="UklG"), transcript="Hi"), {"type": "text", "text": "Hi"}),
        (Thinking(text="Hm."), {"type": "thinking", "thinking": "Hm.", "signature": ""}),
        (Thinking(sealed="aGlk"), {"type": "redacted_thinking", "data": "aGlk"}),
        (
            ToolCall(id="t", name="f", arguments='{"a":1}'),
            {"type": "tool_use", "id": "t", "name": "f", "input": {"a": 1}},
        ),
        (
            ToolCall(id="t", name="f", arguments="[1"),
            {"type": "tool_use", "id": "t", "name": "f", "input": {"arguments": "[1"}},
        ),
        (Foreign(wire="claude", value=SEARCH), SEARCH),
    ],
)
def test_part_becomes_a_block(part, block):
    assert whole(part)["content"] == [block]


def test_part_without_a_form_here_is_left_out():
    assert whole(Text(text=""), Foreign(wire="openai", value={"type": "new"}))["content"] == []


@pytest.mark.parametrize(
    ("stop", "word"),
    [
        (StopReason.END, "end_turn"),
        (StopReason.LENGTH, "max_tokens"),
        (StopReason.STOP_SEQUENCE, "stop_sequence"),
        (StopReason.TOOL_CALLS, "tool_use"),
        (StopReason.REFUSAL, "refusal"),
        (StopReason.PAUSE, "pause_turn"),
    ],
)
def test_reason_for_the_end_is_in_the_wires_words(stop, word):
    assert whole(Text(text="Hi"), stop=stop, stop_sequence="END")["stop_reason"] == word
    assert read(stream_of([STARTED, TextDelta(text="Hi"), Stopped(reason=stop)])).stop_reason == word


def test_sdk_reads_a_stream():
    message = read(stream_of(STREAM))
    assert [block.to_dict() for block in message.content] == [
        {"type": "thinking", "thinking": "Let me look.", "signature": "c2VhbA=="},
        {"type": "redacted_thinking", "data": "aGlkZGVu"},
        {"type": "text", "text": "Titan.", "citations": [CITATION]},
        SEARCH,
        {"type": "tool_use", "id": "toolu_1", "name": "look", "input": {"at": "Oslo"}},
    ]
    assert (message.id, message.model, message.stop_reason) == ("msg_1", "m-1", "tool_use")
    assert (message.usage.input_tokens, message.usage.cache_read_input_tokens, message.usage.output_tokens) == (
        1,
        100,
        33,
    )


def test_stream_keeps_the_grammar_of_the_wire():
    names = [name for name, _ in events_of(stream_of(STREAM))]
    assert (names[0], names[-2:]) == ("message_start", ["message_delta", "message_stop"])
    indexes, is_open = [], False
    for name, data in events_of(stream_of(STREAM))[1:-2]:
        if name == "content_block_start":
            assert not is_open
            indexes.append(data["index"])
        assert data["index"] == indexes[-1]
        is_open = name != "content_block_stop"
    assert indexes == list(range(5))


def test_calls_told_in_turns_become_blocks_one_after_another():
    events = [
        STARTED,
        ToolCallStarted(index=0, id="a", name="look"),
        ToolCallStarted(index=1, id="b", name="hear"),
        ArgumentsDelta(index=1, text='{"at":'),
        ArgumentsDelta(index=0, text='{"at":1'),
        ArgumentsDelta(index=1, text="2}"),
        ArgumentsDelta(index=0, text="}"),
        Stopped(reason=StopReason.TOOL_CALLS),
    ]
    told = [(block.id, block.name, block.input) for block in read(stream_of(events)).content]
    assert told == [("a", "look", {"at": 1}), ("b", "hear", {"at": 2})]


def test_call_is_told_as_it_comes_when_the_one_before_is_whole():
    stream = ClaudeWire().stream(CHAT)
    for event in (STARTED, ToolCallStarted(index=0, id="a", name="look"), ArgumentsDelta(index=0, text="{}")):
        stream.tell(event)
    told = events_of(stream.tell(ToolCallStarted(index=1, id="b", name="hear")))
    assert [name for name, _ in told] == ["content_block_stop", "content_block_start"]


def test_calls_without_arguments_are_all_told():
    events = [STARTED, *(ToolCallStarted(index=number, id=str(number), name="f") for number in range(3))]
    assert [block.input for block in read(stream_of([*events, Stopped(reason=StopReason.TOOL_CALLS)])).content] == [
        {}
    ] * 3


def test_words_after_a_call_are_a_block_of_their_own():
    events = [
        STARTED,
        ToolCallStarted(index=0, id="a", name="look"),
        ToolCallStarted(index=1, id="b", name="hear"),
        TextDelta(text="Done."),
        RefusalDelta(text=" No."),
    ]
    assert [block.type for block in read(stream_of(events)).content] == ["tool_use", "tool_use", "text"]


def test_stream_without_figures_is_closed_all_the_same():
    message = read(stream_of([STARTED, TextDelta(text="Hi"), Stopped(reason=StopReason.END)]))
    assert (message.stop_reason, message.usage.output_tokens) == ("end_turn", 0)


@pytest.mark.parametrize("events", [[], [STARTED], [STARTED, TextDelta(text="Hi")], [TextDelta(text="Hi")]])
def test_cut_stream_ends_as_one_that_reached_its_limit(events):
    assert read(stream_of(events)).stop_reason == "max_tokens"


@pytest.mark.parametrize("event", [ThinkingDelta(), TextDelta(text=""), RefusalDelta(text="")])
def test_piece_without_words_opens_no_block(event):
    assert stream_of([STARTED, event]) == stream_of([STARTED])


def test_answers_beside_the_first_are_not_told():
    assert stream_of([STARTED, TextDelta(text="Hi", choice=1)]) == stream_of([STARTED])


@pytest.mark.parametrize(
    ("event", "kind"),
    [
        (Failed(message="Busy", code="overloaded_error"), "overloaded_error"),
        (Failed(message="Busy", code="server_is_busy"), "api_error"),
    ],
)
def test_sdk_raises_on_a_failure_in_the_midst(event, kind):
    content = stream_of([STARTED, TextDelta(text="Hi"), event])
    assert content.endswith(b"\n\n")
    with pytest.raises(anthropic.APIStatusError, match="Busy") as raised:
        read(content)
    assert raised.value.body["error"]["type"] == kind


def test_error_event_has_the_wires_word():
    error = VendorTimeoutError("Too slow")
    told = events_of(ClaudeWire().error_event(error, after=3))
    assert told == [("error", {"type": "error", "error": {"type": "timeout_error", "message": "Too slow"}})]


def test_heartbeat_is_not_seen_by_the_sdk():
    head, tail = stream_of(STREAM).split(b"event: content_block_stop", 1)
    content = head + ClaudeWire.heartbeat + b"event: content_block_stop" + tail
    assert read(content).content[0].thinking == "Let me look."
