"""Answers told to OpenAI callers, whole and piece by piece, read by OpenAI's own SDK."""

import json
from collections.abc import Sequence
from typing import Any

import httpx2
import openai
import pytest

from tutti.errors import VendorTimeoutError
from tutti.families.chat.wire import ChatWire
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
from tutti.intents.seals import GEMINI, name_seal
from tutti.kit.clock import ManualClock

WIRE = ChatWire(ManualClock(1_750_000_000_000), error_type="new_api_error")
CHAT = Chat(model="asked", messages=(), wire="openai")
USAGE = Usage(input_tokens=111, output_tokens=33, cached_tokens=100, reasoning_tokens=31)
PICTURE = Image(media=Media(media_type="image/png", data="iVBO"))
PAGE = {"type": "web_search_result_location", "url": "https://e.org", "title": "E", "cited_text": "x"}
STARTED = Started(id="msg_1", model="m-1")
STREAM: Sequence[Event] = (
    STARTED,
    ThinkingDelta(text="Let me "),
    ThinkingDelta(text="look."),
    ThinkingDelta(signature="c2VhbA=="),
    ThinkingDelta(sealed="aGlkZGVu"),
    TextDelta(text="Ti"),
    TextDelta(text="tan."),
    PartDelta(part=Text(text="", citations=(PAGE, PAGE))),
    PartDelta(part=Text(text="", citations=(PAGE, {"type": "page_location"}))),
    PartDelta(part=Text(text="", citations=({"type": "page_location"},))),
    ToolCallStarted(index=0, id="call_a", name="look", signature=name_seal(GEMINI, "QUJD")),
    ArgumentsDelta(index=0, text='{"at":'),
    ToolCallStarted(index=1, id="call_b", name="hear"),
    ArgumentsDelta(index=1, text="{}"),
    ArgumentsDelta(index=0, text="1}"),
    Stopped(reason=StopReason.TOOL_CALLS),
    Counted(usage=USAGE),
)


def whole(*parts: Any, stop: StopReason = StopReason.END) -> dict[str, Any]:
    answer = Answer(id="msg_1", model="m-1", choices=(Choice(parts=parts, stop=stop),), usage=USAGE)
    told: dict[str, Any] = json.loads(WIRE.to_caller(answer, CHAT))
    return told


def message(*parts: Any) -> dict[str, Any]:
    told: dict[str, Any] = whole(*parts)["choices"][0]["message"]
    return told


def stream_of(events: Sequence[Event], *, wants_usage: bool = True) -> bytes:
    stream = WIRE.stream(Chat(model="asked", messages=(), wire="openai", wants_usage=wants_usage))
    return b"".join([*map(stream.tell, events), stream.end()])


def chunks(told: bytes) -> list[dict[str, Any]]:
    """The chunks of a stream that ends as it must."""
    blocks = told.decode().split("\n\n")
    assert blocks[-2:] == ["data: [DONE]", ""]
    return [json.loads(block.removeprefix("data: ")) for block in blocks[:-2]]


def sdk(content: bytes, content_type: str = "text/event-stream") -> openai.OpenAI:
    def answer(_: httpx2.Request) -> httpx2.Response:
        return httpx2.Response(200, content=content, headers={"content-type": content_type})

    client = openai.DefaultHttpxClient(transport=httpx2.MockTransport(answer))
    return openai.OpenAI(api_key="sk-test", base_url="http://upstream.test/v1", http_client=client, max_retries=0)


def read(content: bytes) -> Any:
    """The completion that OpenAI's SDK puts together from a stream."""
    messages = [{"role": "user", "content": "Hello"}]
    with sdk(content) as client, client.chat.completions.stream(model="m", messages=messages) as stream:
        return stream.get_final_completion()


def test_sdk_reads_a_whole_answer():
    parts = (Thinking(text="Hm."), Text(text="Look:"), ToolCall(id="call_a", name="look", arguments="{}"))
    answer = Answer(id="msg_1", model="m-1", choices=(Choice(parts=parts, stop=StopReason.TOOL_CALLS),), usage=USAGE)
    with sdk(WIRE.to_caller(answer, CHAT), "application/json") as client:
        told = client.chat.completions.create(model="m", messages=[{"role": "user", "content": "Hello"}])
    (choice,) = told.choices
    assert (choice.message.content, choice.finish_reason, choice.message.reasoning_content) == (
        "Look:",
        "tool_calls",
        "Hm.",
    )
    assert choice.message.tool_calls[0].function.name == "look"
    assert (told.usage.total_tokens, told.created) == (144, 1_750_000_000)


def test_figures_have_both_detail_objects():
    assert whole(Text(text="Hi"))["usage"] == {
        "prompt_tokens": 111,
        "completion_tokens": 33,
        "total_tokens": 144,
        "prompt_tokens_details": {"cached_tokens": 100, "audio_tokens": 0},
        "completion_tokens_details": {
            "reasoning_tokens": 31,
            "audio_tokens": 0,
            "accepted_prediction_tokens": 0,
            "rejected_prediction_tokens": 0,
        },
    }


@pytest.mark.parametrize(
    ("parts", "fields"),
    [
        ((Text(text="One "), Text(text="two")), {"content": "One two"}),
        (
            (Text(text="Warm", citations=(PAGE,)),),
            {
                "content": "Warm",
                "annotations": [
                    {
                        "type": "url_citation",
                        "url_citation": {"url": "https://e.org", "title": "E", "start_index": 0, "end_index": 4},
                    }
                ],
            },
        ),
        ((Text(text="Warm", citations=({"type": "page_location"},)),), {"content": "Warm"}),
        ((Refusal(text="No."),), {"content": "", "refusal": "No."}),
        ((PICTURE,), {"content": "![image](data:image/png;base64,iVBO)"}),
        (
            (Audio(media=Media(data="UklG"), transcript="Hi", id="audio_1"),),
            {"content": "", "audio": {"id": "audio_1", "data": "UklG", "transcript": "Hi", "expires_at": 0}},
        ),
        (
            (ToolCall(id="a", name="f", arguments="{}"),),
            {
                "content": None,
                "tool_calls": [{"id": "a", "type": "function", "function": {"name": "f", "arguments": "{}"}}],
            },
        ),
        (
            (ToolCall(id="a", name="f", arguments="{}", signature=name_seal(GEMINI, "QUJD")),),
            {
                "content": None,
                "tool_calls": [
                    {
                        "id": "a",
                        "type": "function",
                        "function": {"name": "f", "arguments": "{}"},
                        "extra_content": {"google": {"thought_signature": "QUJD"}},
                    }
                ],
            },
        ),
        ((Foreign(wire="claude", value={"type": "server_tool_use"}),), {"content": ""}),
        ((), {"content": ""}),
    ],
)
def test_parts_become_a_message(parts, fields):
    assert message(*parts) == {"role": "assistant", "refusal": None, **fields}


def test_every_answer_is_told():
    answer = Answer(id="1", model="m", choices=(Choice(parts=(Text(text="A"),)), Choice(parts=(Text(text="B"),))))
    told = json.loads(WIRE.to_caller(answer, CHAT))["choices"]
    assert [(choice["index"], choice["message"]["content"]) for choice in told] == [(0, "A"), (1, "B")]


@pytest.mark.parametrize(
    ("stop", "word"),
    [
        (StopReason.END, "stop"),
        (StopReason.LENGTH, "length"),
        (StopReason.STOP_SEQUENCE, "stop"),
        (StopReason.TOOL_CALLS, "tool_calls"),
        (StopReason.REFUSAL, "content_filter"),
        (StopReason.PAUSE, "stop"),
    ],
)
def test_reason_for_the_end_is_in_the_wires_words(stop, word):
    assert whole(Text(text="Hi"), stop=stop)["choices"][0]["finish_reason"] == word
    told = chunks(stream_of([STARTED, TextDelta(text="Hi"), Stopped(reason=stop)], wants_usage=False))
    assert told[-1]["choices"][0] == {"index": 0, "delta": {}, "finish_reason": word}


def test_sdk_reads_a_stream():
    told = read(stream_of(STREAM))
    (choice,) = told.choices
    assert (told.id, told.model, choice.finish_reason) == ("msg_1", "m-1", "tool_calls")
    assert (choice.message.role, choice.message.content) == ("assistant", "Titan.")
    assert choice.message.reasoning_content == "Let me look."
    assert choice.message.reasoning_details == [
        {"type": "reasoning.text", "text": "Let me look.", "signature": "c2VhbA==", "index": 0},
        {"type": "reasoning.encrypted", "data": "aGlkZGVu", "index": 1},
    ]
    assert [note.url_citation.url for note in choice.message.annotations] == ["https://e.org"] * 3
    calls = [(call.id, call.function.name, call.function.arguments) for call in choice.message.tool_calls]
    assert calls == [("call_a", "look", '{"at":1}'), ("call_b", "hear", "{}")]
    assert told.usage.total_tokens == 144


def test_stream_keeps_the_order_that_sdks_want():
    told = chunks(stream_of(STREAM))
    deltas = [chunk["choices"][0]["delta"] for chunk in told[:-1]]
    assert deltas[0] == {"role": "assistant", "content": ""}
    assert not any("role" in delta for delta in deltas[1:])
    assert [chunk["choices"][0]["finish_reason"] for chunk in told[:-1]] == [None] * (len(told) - 2) + ["tool_calls"]
    assert [chunk["usage"] for chunk in told[:-1]] == [None] * (len(told) - 1)
    assert (told[-1]["choices"], told[-1]["usage"]["total_tokens"]) == ([], 144)
    assert len({(chunk["id"], chunk["created"], chunk["model"], chunk["object"]) for chunk in told}) == 1


def test_piece_without_a_form_here_is_not_told():
    deltas = [choice["delta"] for chunk in chunks(stream_of(STREAM))[:-1] for choice in chunk["choices"]]
    assert [delta for delta in deltas if not delta] == [{}]


def test_identity_of_a_call_is_told_once_and_its_number_always():
    calls = [
        call
        for chunk in chunks(stream_of(STREAM))
        for choice in chunk["choices"]
        for call in choice["delta"].get("tool_calls", ())
    ]
    assert [call["index"] for call in calls] == [0, 0, 1, 1, 0]
    assert [call["id"] for call in calls if "id" in call] == ["call_a", "call_b"]
    assert [call["function"]["name"] for call in calls if "name" in call["function"]] == ["look", "hear"]


def test_stream_tells_no_figures_unless_asked():
    told = chunks(stream_of(STREAM, wants_usage=False))
    assert all("usage" not in chunk and chunk["choices"] for chunk in told)


def test_several_answers_each_have_their_role_and_end():
    events = [
        STARTED,
        TextDelta(text="A"),
        TextDelta(text="B", choice=1),
        Stopped(reason=StopReason.TOOL_CALLS, choice=1),
        Stopped(reason=StopReason.END),
    ]
    told = read(stream_of(events)).choices
    assert [(choice.message.content, choice.finish_reason) for choice in told] == [("A", "stop"), ("B", "tool_calls")]


@pytest.mark.parametrize(
    ("event", "fields"),
    [
        (RefusalDelta(text="No."), {"refusal": "No."}),
        (PartDelta(part=PICTURE), {"content": "![image](data:image/png;base64,iVBO)"}),
        (
            PartDelta(part=Audio(media=Media(data="UklG"), transcript="Hi", id="a")),
            {"audio": {"id": "a", "data": "UklG", "transcript": "Hi", "expires_at": 0}},
        ),
        (TextDelta(text="Hi", logprobs={"content": []}), {"content": "Hi"}),
    ],
)
def test_piece_becomes_a_delta(event, fields):
    told = chunks(stream_of([STARTED, event], wants_usage=False))
    assert told[1]["choices"][0]["delta"] == fields
    assert told[1]["choices"][0].get("logprobs") == getattr(event, "logprobs", None)


@pytest.mark.parametrize("events", [[], [STARTED], [STARTED, TextDelta(text="Hi")], [TextDelta(text="Hi")]])
def test_cut_stream_ends_as_one_that_reached_its_limit(events):
    told = chunks(stream_of(events, wants_usage=False))
    assert told[0]["choices"][0]["delta"]["role"] == "assistant"
    assert told[-1]["choices"][0]["finish_reason"] == "length"


def test_end_of_an_answer_is_told_once():
    events = [STARTED, Stopped(reason=StopReason.END), Stopped(reason=StopReason.LENGTH)]
    told = chunks(stream_of(events, wants_usage=False))
    assert [chunk["choices"][0]["finish_reason"] for chunk in told] == [None, "stop"]


def test_sdk_raises_on_a_failure_in_the_midst():
    content = stream_of([STARTED, TextDelta(text="Hi"), Failed(message="Busy", code="overloaded_error")])
    assert b"[DONE]" not in content
    with pytest.raises(openai.APIError, match="Busy") as raised:
        read(content)
    assert (raised.value.code, raised.value.type) == ("overloaded_error", "new_api_error")


def test_error_event_is_the_error_object():
    told = WIRE.error_event(VendorTimeoutError("Too slow", field="model"), after=3)
    assert json.loads(told.removeprefix(b"data: ")) == {
        "error": {"message": "Too slow", "type": "new_api_error", "param": "model", "code": "upstream_timeout"}
    }


def test_heartbeat_is_not_seen_by_the_sdk():
    assert (
        read(WIRE.heartbeat + stream_of(STREAM).replace(b"\n\n", b"\n\n" + WIRE.heartbeat)).choices[0].message.content
        == "Titan."
    )
