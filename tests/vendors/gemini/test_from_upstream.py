"""Replies of Gemini as answers, and its streams as events."""

import json
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tutti.errors import VendorError
from tutti.intents.chat import Audio, Foreign, Image, Media, Refusal, StopReason, Text, Thinking, ToolCall, Usage
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
from tutti.kit.sse import EventReader
from tutti.vendors.gemini.wire import GeminiUpstream
from tutti.vendors.wire import Told

FIGURES = {
    "promptTokenCount": 9,
    "candidatesTokenCount": 2,
    "thoughtsTokenCount": 31,
    "totalTokenCount": 42,
    "cachedContentTokenCount": 4,
    "promptTokensDetails": [{"modality": "TEXT", "tokenCount": 3}, {"modality": "AUDIO", "tokenCount": 6}],
}
USAGE = Usage(input_tokens=9, output_tokens=33, cached_tokens=4, reasoning_tokens=31, audio_input_tokens=6)


def candidate(*parts: dict[str, Any], reason: str | None = "STOP", **more: Any) -> dict[str, Any]:
    told = {"content": {"role": "model", "parts": [*parts]}, **more}
    return {**told, "finishReason": reason} if reason else told


def reply(*candidates: dict[str, Any], **more: Any) -> bytes:
    body = {
        "candidates": [*candidates],
        "usageMetadata": FIGURES,
        "modelVersion": "gemini-2.5-flash",
        "responseId": "Z",
    }
    return json.dumps({**body, **more}).encode()


def parts_of(*parts: dict[str, Any], **more: Any) -> tuple[Any, ...]:
    return GeminiUpstream().from_upstream(reply(candidate(*parts, **more))).choices[0].parts


def test_figures_count_thoughts_as_said() -> None:
    answer = GeminiUpstream().from_upstream(reply(candidate({"text": "Titan."})))
    assert (answer.id, answer.model, answer.usage) == ("Z", "gemini-2.5-flash", USAGE)
    assert GeminiUpstream().usage_of(reply(candidate({"text": "Titan."}))) == USAGE


def test_texts_of_one_reply_are_not_joined_by_anything() -> None:
    assert parts_of({"text": "Ti"}, {"text": "\n"}, {"text": "tan"}) == (
        Text(text="Ti"),
        Text(text="\n"),
        Text(text="tan"),
    )


def test_thoughts_are_no_text_and_seals_stay_with_their_parts() -> None:
    parts = parts_of(
        {"text": "hm", "thought": True},
        {"text": "Titan.", "thoughtSignature": "QUJD"},
        {"functionCall": {"id": "x", "name": "look", "args": {"at": "a\\nb"}}, "thoughtSignature": "REVG"},
    )
    assert parts == (
        Thinking(text="hm"),
        Text(text="Titan."),
        Thinking(signature="gemini:QUJD"),
        ToolCall(id="x", name="look", arguments='{"at":"a\\\\nb"}', signature="gemini:REVG"),
    )


def test_calls_without_ids_get_ids_of_their_own() -> None:
    call = {"functionCall": {"name": "look"}}
    first, second = parts_of(call, call)
    assert first.id != second.id
    assert (first.name, first.arguments) == ("look", "{}")


def test_pictures_and_sound_are_kept() -> None:
    assert parts_of(
        {"inlineData": {"mimeType": "image/png", "data": "aW1n"}},
        {"inlineData": {"mimeType": "audio/L16", "data": "c28="}},
        {"executableCode": {"language": "PYTHON", "code": "1"}},
    ) == (
        Image(media=Media(media_type="image/png", data="aW1n")),
        Audio(media=Media(media_type="audio/L16", data="c28=")),
        Foreign(wire="gemini", value={"executableCode": {"language": "PYTHON", "code": "1"}}),
    )


@pytest.mark.parametrize(
    ("reason", "stop"),
    [
        ("STOP", StopReason.END),
        ("MAX_TOKENS", StopReason.LENGTH),
        ("SAFETY", StopReason.REFUSAL),
        ("RECITATION", StopReason.REFUSAL),
        ("PROHIBITED_CONTENT", StopReason.REFUSAL),
        ("SOMETHING_NEW", StopReason.REFUSAL),
    ],
)
def test_reasons(reason: str, stop: StopReason) -> None:
    answer = GeminiUpstream().from_upstream(reply(candidate({"text": "a"}, reason=reason)))
    assert answer.choices[0].stop is stop


def test_calls_are_a_reason() -> None:
    answer = GeminiUpstream().from_upstream(reply(candidate({"functionCall": {"name": "look"}})))
    assert answer.choices[0].stop is StopReason.TOOL_CALLS


def test_every_candidate_is_a_choice() -> None:
    answer = GeminiUpstream().from_upstream(reply(candidate({"text": "a"}), candidate({"text": "b"}, index=1)))
    assert [choice.parts for choice in answer.choices] == [(Text(text="a"),), (Text(text="b"),)]


def test_blocked_prompt_is_a_refusal() -> None:
    body = json.dumps({"promptFeedback": {"blockReason": "SAFETY"}, "usageMetadata": {"promptTokenCount": 4}}).encode()
    answer = GeminiUpstream().from_upstream(body)
    (choice,) = answer.choices
    assert choice.stop is StopReason.REFUSAL
    assert choice.parts[0] == Refusal(text="The prompt was blocked: SAFETY.")
    assert answer.usage.input_tokens == 4


@pytest.mark.parametrize("body", [b"", b"<html>", b"{}", b'{"candidates": 1}', reply(candidate({"text": None}))])
def test_nonsense_is_the_vendor_s_fault(body: bytes) -> None:
    with pytest.raises(VendorError):
        GeminiUpstream().from_upstream(body)


def test_sources_become_annotations_counted_in_characters() -> None:
    grounding = {
        "groundingChunks": [{"web": {"uri": "https://a.test", "title": "A"}}, {"web": {"uri": "https://b.test"}}],
        "groundingSupports": [
            {"segment": {"startIndex": 6, "endIndex": 12, "text": "語だ"}, "groundingChunkIndices": [0]}
        ],
    }
    *_, last = parts_of({"text": "日本語だ"}, groundingMetadata=grounding)
    assert [citation["url_citation"] for citation in last.citations] == [
        {"url": "https://a.test", "title": "A", "start_index": 2, "end_index": 4},
        {"url": "https://b.test", "title": "", "start_index": 0, "end_index": 0},
    ]


def test_log_probabilities_in_the_common_words() -> None:
    result = {
        "chosenCandidates": [{"token": "é", "logProbability": -0.5}],
        "topCandidates": [{"candidates": [{"token": "é", "logProbability": -0.5}]}],
    }
    answer = GeminiUpstream().from_upstream(reply(candidate({"text": "é"}, logprobsResult=result)))
    token = {"token": "é", "logprob": -0.5, "bytes": [195, 169]}
    assert answer.choices[0].logprobs == {"content": [{**token, "top_logprobs": [token]}], "refusal": None}


CHUNKS = (
    {"candidates": [candidate({"text": "hm", "thought": True}, reason=None)], "responseId": "Z", "modelVersion": "m"},
    {"candidates": [candidate({"text": "Ti"}, reason=None)], "usageMetadata": {"promptTokenCount": 9}},
    {"candidates": [candidate({"text": "tan."}, {"text": "", "thoughtSignature": "QUJD"}, reason=None)]},
    {
        "candidates": [candidate({"functionCall": {"id": "x", "name": "look", "args": {"at": 1}}})],
        "usageMetadata": FIGURES,
    },
)
STREAM = b"".join(b"data: " + json.dumps(chunk).encode() + b"\r\n\r\n" for chunk in CHUNKS)


def events_of(pieces: list[bytes]) -> list[Event]:
    reader, stream = EventReader(), GeminiUpstream().stream()
    read = [event for piece in pieces for event in reader.feed(piece)]
    read += reader.end()
    return [told for event in read for told in stream.feed(*event)] + [*stream.end()]


def test_stream() -> None:
    assert events_of([STREAM]) == [
        Started(id="Z", model="m"),
        ThinkingDelta(text="hm"),
        TextDelta(text="Ti"),
        Counted(usage=Usage(input_tokens=9)),
        TextDelta(text="tan."),
        ThinkingDelta(signature="gemini:QUJD"),
        ToolCallStarted(index=0, id="x", name="look"),
        ArgumentsDelta(index=0, text='{"at":1}'),
        Stopped(reason=StopReason.TOOL_CALLS),
        Counted(usage=USAGE),
    ]


@given(st.lists(st.integers(0, len(STREAM)), max_size=20))
def test_chunk_borders_never_change_a_stream(cuts: list[int]) -> None:
    borders = [0, *sorted(cuts), len(STREAM)]
    assert events_of([STREAM[start:end] for start, end in pairwise(borders)]) == events_of([STREAM])


def test_figures_of_a_stream_that_passes_through() -> None:
    upstream = GeminiUpstream()
    assert [upstream.usage_of_event("", json.dumps(chunk).encode()) for chunk in CHUNKS] == [
        None,
        Usage(input_tokens=9),
        None,
        USAGE,
    ]


def test_stream_that_fails_says_so() -> None:
    error = json.dumps({"error": {"code": 503, "message": "overloaded", "status": "UNAVAILABLE"}}).encode()
    assert [*GeminiUpstream().stream().feed("", error)] == [Failed(message="overloaded", code="UNAVAILABLE")]


def test_stream_of_a_blocked_prompt_is_a_refusal() -> None:
    chunk = json.dumps({"promptFeedback": {"blockReason": "OTHER"}, "responseId": "Z"}).encode()
    events = [*GeminiUpstream().stream().feed("", chunk)]
    assert events[1] == RefusalDelta(text="The prompt was blocked: OTHER.")
    assert isinstance(events[2], PartDelta)
    assert events[3] == Stopped(reason=StopReason.REFUSAL)


def test_stream_that_is_cut_has_no_end() -> None:
    stream = GeminiUpstream().stream()
    events = [*stream.feed("", json.dumps(CHUNKS[0]).encode()), *stream.end()]
    assert not any(isinstance(event, Stopped) for event in events)


def test_error_in_an_array_of_one_is_read() -> None:
    error = {"error": {"code": 429, "message": "slow down", "status": "RESOURCE_EXHAUSTED"}}
    told = GeminiUpstream().told(429, json.dumps([error]).encode())
    assert told == Told(message="slow down", code="429", kind="RESOURCE_EXHAUSTED")
