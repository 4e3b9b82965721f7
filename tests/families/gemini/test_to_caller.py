"""Answers told to Gemini callers, whole and piece by piece, read by Google's own SDK."""

import json
from collections.abc import Sequence
from typing import Any

import httpx
import pytest
from google import genai
from google.genai import types
from google.genai.errors import ServerError

from tutti.errors import VendorTimeoutError
from tutti.families.gemini.wire import GeminiWire
from tutti.intents.chat import Answer, Audio, Chat, Choice, Image, Media, StopReason, Text, Thinking, ToolCall, Usage
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
from tutti.intents.seals import GEMINI, name_seal

CHAT = Chat(model="m", messages=(), wire="gemini")
USAGE = Usage(input_tokens=9, output_tokens=33, cached_tokens=4, reasoning_tokens=31)
STREAM: Sequence[Event] = (
    Started(id="r1", model="m-1"),
    ThinkingDelta(text="Let me "),
    ThinkingDelta(text="look."),
    TextDelta(text="Ti"),
    TextDelta(text="tan."),
    ToolCallStarted(index=0, id="a", name="look", signature=name_seal(GEMINI, "QUJD")),
    ArgumentsDelta(index=0, text='{"at": '),
    ToolCallStarted(index=1, id="b", name="look"),
    ArgumentsDelta(index=1, text='{"at": 2}'),
    ArgumentsDelta(index=0, text="1}"),
    Stopped(reason=StopReason.TOOL_CALLS),
    Counted(usage=USAGE),
)


def whole(*parts: Any, stop: StopReason = StopReason.END, usage: Usage = USAGE) -> dict[str, Any]:
    answer = Answer(id="r1", model="m-1", choices=(Choice(parts=parts, stop=stop),), usage=usage)
    told: dict[str, Any] = json.loads(GeminiWire().to_caller(answer, CHAT))
    return told


def stream_of(events: Sequence[Event], *, is_array: bool = False) -> bytes:
    stream = GeminiWire(is_array=is_array).stream(CHAT)
    return b"".join([*map(stream.tell, events), stream.end()])


def sdk(content: bytes, content_type: str = "text/event-stream") -> genai.Client:
    def answer(_: httpx.Request) -> httpx.Response:
        return httpx.Response(200, content=content, headers={"content-type": content_type})

    client = httpx.Client(transport=httpx.MockTransport(answer))
    options = types.HttpOptions(base_url="http://upstream.test", httpx_client=client)
    return genai.Client(api_key="sk-test", http_options=options)


def test_figures_leave_the_thoughts_out_of_the_candidates() -> None:
    assert whole(Text(text="Titan."))["usageMetadata"] == {
        "promptTokenCount": 9,
        "candidatesTokenCount": 2,
        "thoughtsTokenCount": 31,
        "cachedContentTokenCount": 4,
        "totalTokenCount": 42,
    }


def test_text_beside_calls_and_thoughts_is_told() -> None:
    told = whole(
        Thinking(text="hm", signature="gemini:QUJD"),
        Text(text="I look."),
        ToolCall(id="a", name="look", arguments='{"at":1}'),
        stop=StopReason.TOOL_CALLS,
    )
    assert told["candidates"][0] == {
        "content": {
            "role": "model",
            "parts": [
                {"text": "hm", "thought": True, "thoughtSignature": "QUJD"},
                {"text": "I look."},
                {"functionCall": {"id": "a", "name": "look", "args": {"at": 1}}},
            ],
        },
        "finishReason": "STOP",
    }


@pytest.mark.parametrize(
    ("stop", "reason"),
    [
        (StopReason.END, "STOP"),
        (StopReason.LENGTH, "MAX_TOKENS"),
        (StopReason.REFUSAL, "SAFETY"),
        (StopReason.STOP_SEQUENCE, "STOP"),
    ],
)
def test_reasons(stop: StopReason, reason: str) -> None:
    assert whole(Text(text="a"), stop=stop)["candidates"][0]["finishReason"] == reason


def test_call_that_was_cut_short_is_no_call() -> None:
    told = whole(ToolCall(id="a", name="look", arguments='{"at": '), stop=StopReason.LENGTH)["candidates"][0]
    assert (told["finishReason"], told["content"]) == ("MALFORMED_FUNCTION_CALL", {"role": "model"})


def test_nothing_is_null() -> None:
    assert "null" not in json.dumps(whole(Text(text="a")))


def test_seal_of_another_vendor_comes_back_as_it_was() -> None:
    part = whole(Thinking(text="hm", signature="EqQB/+"))["candidates"][0]["content"]
    body = json.dumps({"contents": [part]}).encode()
    chat = GeminiWire().from_caller(body, {"model": "m", "action": "generateContent"})
    assert chat.messages[0].parts == (Thinking(text="hm", signature="EqQB/+"),)


def test_sealed_thoughts_come_back_as_they_were() -> None:
    part = whole(Thinking(sealed="ABC"))["candidates"][0]["content"]
    body = json.dumps({"contents": [part]}).encode()
    chat = GeminiWire().from_caller(body, {"model": "m", "action": "generateContent"})
    assert chat.messages[0].parts == (Thinking(sealed="ABC"),)


def test_sources_are_counted_in_bytes() -> None:
    address = {"url": "https://e.test", "title": "E", "start_index": 2, "end_index": 4}
    told = whole(Text(text="日本語だ", citations=({"type": "url_citation", "url_citation": address},)))
    assert told["candidates"][0]["groundingMetadata"] == {
        "groundingChunks": [{"web": {"uri": "https://e.test", "title": "E"}}],
        "groundingSupports": [
            {"segment": {"startIndex": 6, "endIndex": 12, "text": "語だ"}, "groundingChunkIndices": [0]}
        ],
    }


def test_sdk_reads_a_whole_reply() -> None:
    answer = Answer(
        id="r1",
        model="m-1",
        choices=(
            Choice(
                parts=(
                    Thinking(text="hm", signature="EqQB"),
                    Text(text="Titan."),
                    Image(media=Media(media_type="image/png", data="aW1n")),
                    ToolCall(id="a", name="look", arguments='{"at":1}'),
                )
            ),
            Choice(parts=(Text(text="Rhea."),)),
        ),
        usage=USAGE,
    )
    client = sdk(GeminiWire().to_caller(answer, CHAT), "application/json")
    reply = client.models.generate_content(model="m", contents="hi")
    assert reply.function_calls
    assert reply.function_calls[0].args == {"at": 1}
    assert [candidate.index for candidate in reply.candidates or ()] == [None, 1]
    parts = reply.candidates[0].content.parts  # type: ignore[index,union-attr]
    assert (parts[0].thought, parts[1].text, parts[2].inline_data.data) == (True, "Titan.", b"img")


def test_sdk_reads_a_stream() -> None:
    chunks = [*sdk(stream_of(STREAM)).models.generate_content_stream(model="m", contents="hi")]
    parts = [part for chunk in chunks for part in (chunk.candidates or [None])[0].content.parts or ()]
    assert "".join(part.text or "" for part in parts if part.thought) == "Let me look."
    assert "".join(part.text or "" for part in parts if not part.thought and part.text) == "Titan."
    calls = [part.function_call for part in parts if part.function_call]
    assert [(call.id, call.args) for call in calls] == [("a", {"at": 1}), ("b", {"at": 2})]
    assert parts[-2].thought_signature == b"ABC"
    assert chunks[-1].usage_metadata.total_token_count == 42
    assert [chunk.candidates[0].finish_reason for chunk in chunks] == [None] * 4 + [types.FinishReason.STOP]


def test_figures_and_the_reason_stand_in_the_last_chunk() -> None:
    last = stream_of(STREAM).strip().split(b"\r\n\r\n")[-1]
    told = json.loads(last.removeprefix(b"data: "))
    assert (told["candidates"][0]["finishReason"], told["usageMetadata"]["thoughtsTokenCount"]) == ("STOP", 31)


def test_stream_is_lines_that_the_sdk_knows_and_nothing_else() -> None:
    lines = stream_of(STREAM).split(b"\r\n")
    assert all(line == b"" or line.startswith(b"data: {") for line in lines)


def test_array_holds_the_same_chunks() -> None:
    events = [json.loads(line[6:]) for line in stream_of(STREAM).split(b"\r\n") if line]
    items = json.loads(stream_of(STREAM, is_array=True))
    assert items == events


def test_array_that_fails_is_still_an_array() -> None:
    wire = GeminiWire(is_array=True)
    stream = wire.stream(CHAT)
    assert stream.tell(Started(id="r1", model="m-1")) == b""
    [told] = json.loads(stream.fail(VendorTimeoutError("too late")))
    assert told == {"error": {"code": 504, "message": "too late", "status": "DEADLINE_EXCEEDED"}}


def test_stream_of_nothing_is_closed() -> None:
    assert stream_of([], is_array=True) == b'[{"modelVersion":"m"}]'


def test_answer_that_was_cut_says_so() -> None:
    *_, last = [json.loads(line[6:]) for line in stream_of(STREAM[:5]).split(b"\r\n") if line]
    assert last["candidates"][0]["finishReason"] == "OTHER"


def test_sdk_raises_what_fails_in_the_midst() -> None:
    content = stream_of([*STREAM[:4], Failed(message="overloaded", code="overloaded_error")])
    chunks = []
    with pytest.raises(ServerError) as failed:
        chunks.extend(sdk(content).models.generate_content_stream(model="m", contents="hi"))
    assert (failed.value.code, failed.value.message, failed.value.status) == (503, "overloaded", "UNAVAILABLE")


def test_pictures_and_sound_come_whole() -> None:
    sound = Audio(media=Media(media_type="audio/L16;rate=24000", data="c291bmQ="))
    content = stream_of([Started(id="r", model="m"), PartDelta(part=sound), Stopped(reason=StopReason.END)])
    (chunk, _) = sdk(content).models.generate_content_stream(model="m", contents="hi")
    assert chunk.candidates[0].content.parts[0].inline_data.data == b"sound"
