"""Faults that other gateways were found with between the OpenAI and the Claude wire; none of them is here.

They are those that contracts/chat.yaml and claude.yaml were written against: issues 5335 and 7472 of new-api, its pull
request 5345, and what its converters left out in 2025.
"""

import json
from typing import Any

import pytest

from tests.conversions.wires import CALLERS, UPSTREAMS, sent, told
from tutti.intents.chat import Chat
from tutti.kit.sse import EventReader
from tutti.wires import claude

USER = {"role": "user", "content": "Hello"}
LOOK = {"type": "function", "function": {"name": "look", "parameters": {"type": "object"}}}
CLAUDE_LOOK = {"name": "look", "input_schema": {"type": "object"}}
DONE = "data: [DONE]\n\n"


def call(number: int, arguments: str = "{}") -> dict[str, Any]:
    return {"id": f"call_{number}", "type": "function", "function": {"name": "look", "arguments": arguments}}


def choices(message: dict[str, Any], finish: str = "stop") -> list[dict[str, Any]]:
    return [{"index": 0, "message": {"role": "assistant", "content": None, **message}, "finish_reason": finish}]


def streamed(caller: str, upstream: str, content: bytes) -> str:
    """What a caller reads of an upstream's stream."""
    reader, teller = UPSTREAMS[upstream].wire.stream(), CALLERS[caller].wire.stream(Chat(model="m", messages=()))
    events = [event for name, data in EventReader().feed(content) for event in reader.feed(name, data)]
    return b"".join([*map(teller.tell, events), teller.end()]).decode()


def deltas(content: bytes) -> list[dict[str, Any]]:
    """The deltas that an OpenAI caller reads of a Claude stream."""
    lines = streamed("openai", "claude", content).removesuffix(DONE).split("\n\n")
    chunks = [json.loads(line.removeprefix("data: ")) for line in lines if line]
    return [choice["delta"] for chunk in chunks for choice in chunk["choices"]]


def test_every_instruction_survives():
    body, _ = sent(
        "openai", "claude", messages=[{"role": "system", "content": "A"}, {"role": "developer", "content": "B"}, USER]
    )
    assert [block["text"] for block in body["system"]] == ["A", "B"]


def test_instructions_in_blocks_are_parted():
    body, _ = sent("claude", "openai", system=[{"type": "text", "text": "A"}, {"type": "text", "text": "B"}])
    assert body["messages"][0]["content"] == "A\n\nB"


def test_cache_marks_reach_claude():
    mark = {"type": "ephemeral"}
    body, _ = sent(
        "openai",
        "claude",
        messages=[{"role": "user", "content": [{"type": "text", "text": "A", "cache_control": mark}]}],
    )
    assert body["messages"][0]["content"][0]["cache_control"] == mark


@pytest.mark.parametrize(
    ("name", "data", "kind"),
    [
        ("a.pdf", "JVBERi0x", "base64"),
        ("a.txt", "SGk=", "text"),
        ("a.md", "SGk=", "text"),
        ("a.json", "e30=", "text"),
        ("a.csv", "YSxi", "text"),
    ],
)
def test_documents_are_no_pictures(name, data, kind):
    file = {"type": "file", "file": {"filename": name, "file_data": data}}
    body, _ = sent("openai", "claude", messages=[{"role": "user", "content": [file]}])
    (block,) = body["messages"][0]["content"]
    assert (block["type"], block["source"]["type"]) == ("document", kind)


def test_arguments_that_are_no_object_are_kept():
    body, _ = sent(
        "openai", "claude", messages=[USER, {"role": "assistant", "content": None, "tool_calls": [call(0, "[1]")]}]
    )
    assert body["messages"][1]["content"][0]["input"] == {"arguments": [1]}


def test_tool_without_parameters_is_kept():
    body, _ = sent("openai", "claude", tools=[{"type": "function", "function": {"name": "rest"}}])
    assert body["tools"] == [{"name": "rest", "input_schema": {"type": "object", "properties": {}}}]


@pytest.mark.parametrize("field", ["temperature", "top_p"])
def test_zero_is_a_value(field):
    assert sent("openai", "claude", **{field: 0})[0][field] == 0
    assert sent("claude", "openai", **{field: 0})[0][field] == 0


def test_choice_and_number_of_calls_cross_both_ways():
    body, _ = sent("openai", "claude", tools=[LOOK], tool_choice="required", parallel_tool_calls=False)
    assert body["tool_choice"] == {"type": "any", "disable_parallel_tool_use": True}
    body, _ = sent("claude", "openai", tools=[CLAUDE_LOOK], tool_choice=body["tool_choice"])
    assert (body["tool_choice"], body["parallel_tool_calls"]) == ("required", False)


def test_tools_that_anthropic_runs_do_not_come_out_nameless():
    body, written = sent("claude", "openai", tools=[{"type": "bash_20250124", "name": "bash"}, CLAUDE_LOOK])
    assert [tool["function"]["name"] for tool in body["tools"]] == ["look"]
    assert written.dropped == ("tools[] (bash_20250124)",)


def test_picture_by_its_address_stays_an_address():
    picture = {"type": "image", "source": {"type": "url", "url": "https://e.org/a.png"}}
    body, _ = sent("claude", "openai", messages=[{"role": "user", "content": [picture]}])
    assert body["messages"][0]["content"] == [{"type": "image_url", "image_url": {"url": "https://e.org/a.png"}}]


def test_words_beside_calls_survive_in_turns():
    content = [{"type": "text", "text": "A"}, {"type": "tool_use", "id": "t", "name": "look", "input": {}}]
    body, _ = sent("claude", "openai", messages=[USER, {"role": "assistant", "content": content}])
    assert (body["messages"][1]["content"], len(body["messages"][1]["tool_calls"])) == ("A", 1)


def test_failed_result_is_known_as_one():
    result = {"type": "tool_result", "tool_use_id": "t", "content": "gone", "is_error": True}
    body, _ = sent("claude", "openai", messages=[{"role": "user", "content": [result]}])
    assert body["messages"] == [{"role": "tool", "tool_call_id": "t", "content": "Error: gone"}]


def test_all_text_and_thoughts_of_an_answer_are_told():
    content = [
        {"type": "thinking", "thinking": "1", "signature": "c2VhbA=="},
        {"type": "text", "text": "A"},
        {"type": "thinking", "thinking": "2", "signature": "c2VhbB=="},
        {"type": "text", "text": "B"},
    ]
    message = told("openai", "claude", content=content)["choices"][0]["message"]
    assert (message["content"], message["reasoning_content"]) == ("AB", "12")
    assert [detail["signature"] for detail in message["reasoning_details"]] == ["c2VhbA==", "c2VhbB=="]


@pytest.mark.parametrize(
    ("reason", "finish"),
    [("max_tokens", "length"), ("tool_use", "tool_calls"), ("refusal", "content_filter"), ("pause_turn", "stop")],
)
def test_reasons_for_the_end_are_the_wires_own(reason, finish):
    assert told("openai", "claude", stop_reason=reason)["choices"][0]["finish_reason"] == finish
    content = claude.event("message_delta", delta={"stop_reason": reason}, usage={"output_tokens": 1})
    assert f'"finish_reason":"{finish}"' in streamed("openai", "claude", content)


def test_every_call_keeps_its_id_beside_the_words():
    reply = told("claude", "openai", choices=choices({"content": "A", "tool_calls": [call(0), call(1)]}, "tool_calls"))
    assert [block.get("id") for block in reply["content"]] == [None, "call_0", "call_1"]


def test_thoughts_of_a_whole_answer_are_told():
    reply = told("claude", "openai", choices=choices({"content": "A", "reasoning_content": "Hm."}))
    assert reply["content"][0] == {"type": "thinking", "thinking": "Hm.", "signature": ""}


def test_cached_tokens_are_not_counted_twice():
    usage = {
        "prompt_tokens": 110,
        "completion_tokens": 1,
        "total_tokens": 111,
        "prompt_tokens_details": {"cached_tokens": 100},
    }
    assert told("claude", "openai", usage=usage)["usage"]["input_tokens"] == 10


def test_cached_tokens_are_told_in_streams():
    content = b"".join(
        [
            claude.event(
                "message_start",
                message={"id": "m", "usage": {"input_tokens": 10, "cache_read_input_tokens": 100, "output_tokens": 1}},
            ),
            claude.event("message_delta", delta={"stop_reason": "end_turn"}, usage={"output_tokens": 5}),
        ]
    )
    usage = json.loads(streamed("openai", "claude", content).split("\n\n")[-3].removeprefix("data: "))["usage"]
    assert (usage["prompt_tokens"], usage["prompt_tokens_details"]["cached_tokens"]) == (110, 100)


def test_calls_are_numbered_by_themselves_and_not_by_their_blocks():
    content = b"".join(
        [
            claude.event("content_block_start", index=0, content_block={"type": "thinking", "thinking": ""}),
            claude.event("content_block_delta", index=0, delta={"type": "signature_delta", "signature": "c2VhbA=="}),
            claude.event("content_block_start", index=1, content_block={"type": "text", "text": ""}),
            claude.event(
                "content_block_start",
                index=2,
                content_block={"type": "tool_use", "id": "t", "name": "look", "input": {}},
            ),
        ]
    )
    told_calls = [called for delta in deltas(content) for called in delta.get("tool_calls", ())]
    assert told_calls[0]["index"] == 0
    # Nor does a seal become a line of thoughts.
    assert not any("reasoning_content" in delta for delta in deltas(content))


def test_role_is_told_once():
    content = b"".join(
        claude.event("content_block_delta", index=0, delta={"type": "text_delta", "text": "A"}) for _ in range(3)
    )
    assert [delta.get("role") for delta in deltas(content)] == ["assistant", None, None, None, None]


def test_chunk_is_not_held_back_until_the_next():
    reader, stream = EventReader(), UPSTREAMS["openai"].wire.stream()
    teller = CALLERS["claude"].wire.stream(Chat(model="m", messages=()))
    chunk = b'data: {"id":"1","choices":[{"index":0,"delta":{"content":"A"},"finish_reason":null}]}\n\n'
    events = [event for name, data in reader.feed(chunk) for event in stream.feed(name, data)]
    assert b'"text":"A"' in b"".join(map(teller.tell, events))


def test_stream_is_closed_though_no_figures_came():
    content = (
        b'data: {"id":"1","choices":[{"index":0,"delta":{"content":"A"},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n'
    )
    assert streamed("claude", "openai", content).endswith('event: message_stop\ndata: {"type":"message_stop"}\n\n')
