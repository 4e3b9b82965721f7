"""Requests of Claude callers: what they ask for, and what is wrong with them."""

import json
from typing import Any

import pytest

from tutti.errors import InvalidRequestError
from tutti.families.claude.wire import ClaudeWire
from tutti.intents.chat import CacheMark, Chat, File, Foreign, Media, Message, Reasoning, Text, ToolChoice
from tutti.relay.wires import Peek

HELLO = [{"role": "user", "content": "Hello"}]


def body(**fields: Any) -> bytes:
    return json.dumps({"model": "m", "max_tokens": 9, "messages": HELLO, **fields}).encode()


def chat(**fields: Any) -> Chat:
    return ClaudeWire().from_caller(body(**fields), {})


def user(*blocks: Any) -> list[dict[str, Any]]:
    return [{"role": "user", "content": list(blocks)}]


def test_peek_reads_what_is_needed_before_sending():
    assert ClaudeWire().peek(body(stream=True), {}) == Peek(model="m", is_stream=True, max_tokens=9)
    assert ClaudeWire().peek(body(max_tokens="9"), {}).max_tokens == 9
    assert ClaudeWire().peek(b'{"model": "m", "messages": [1]}', {}) == Peek(model="m")


# A body's fields beside a good model and good messages, and the field that the answer must name.
SEEN = (
    ({"model": None}, "model"),
    ({"model": 1}, "model"),
    ({"messages": []}, "messages"),
    ({"messages": "Hello"}, "messages"),
    ({"max_tokens": -1}, "max_tokens"),
    ({"max_tokens": 2**31}, "max_tokens"),
    ({"stream": "perhaps"}, "stream"),
)
READ = (
    *SEEN,
    ({"messages": [1]}, "messages[0]"),
    ({"messages": [{"role": "user"}]}, "messages[0]"),
    ({"messages": [{"role": "tool", "content": "x"}]}, "messages[0].role"),
    ({"messages": [{"role": "user", "content": 1}]}, "messages[0].content"),
    ({"messages": user(1)}, "messages[0].content[0]"),
    ({"messages": user({"text": "x"})}, "messages[0].content[0].type"),
    ({"messages": user({"type": "text"})}, "messages[0].content[0]"),
    ({"messages": user({"type": "image", "source": {"type": "base64"}})}, "messages[0].content[0].source"),
    ({"messages": user({"type": "image", "source": {"type": "odd"}})}, "messages[0].content[0].source"),
    ({"messages": user({"type": "tool_result"})}, "messages[0].content[0]"),
    (
        {"messages": user({"type": "tool_result", "tool_use_id": "t", "content": [{"type": "text"}]})},
        "messages[0].content[0].content[0]",
    ),
    ({"system": 1}, "system"),
    ({"system": [{"type": "text", "text": 1}]}, "system[0].text"),
    ({"temperature": "hot"}, "temperature"),
    ({"stop_sequences": "END"}, "stop_sequences"),
    ({"metadata": "u"}, "metadata"),
    ({"tools": [{"name": "f"}]}, "tools[0]"),
    ({"tools": [{"name": "f", "input_schema": 1}]}, "tools[0].input_schema"),
    ({"tool_choice": {"type": "tool"}}, "tool_choice"),
    ({"tool_choice": "auto"}, "tool_choice"),
    ({"thinking": {"type": "enabled", "budget_tokens": "much"}}, "thinking.budget_tokens"),
    ({"output_config": {"format": {"type": "yaml"}}}, "output_config.format"),
)


@pytest.mark.parametrize(("fields", "field"), SEEN, ids=str)
def test_peek_names_the_field_that_is_wrong(fields, field):
    with pytest.raises(InvalidRequestError) as refused:
        ClaudeWire().peek(body(**fields), {})
    assert refused.value.field == field


@pytest.mark.parametrize(("fields", "field"), READ, ids=str)
def test_refusal_names_the_field_that_is_wrong(fields, field):
    with pytest.raises(InvalidRequestError) as refused:
        chat(**fields)
    assert refused.value.field == field


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'"x"', b"\xff", b'{"model": "\xff"}', b"[" * 100_000])
def test_body_that_is_no_request_is_refused(content):
    for read in (ClaudeWire().peek, ClaudeWire().from_caller):
        with pytest.raises(InvalidRequestError):
            read(content, {})


def test_instructions_stand_first():
    assert chat(system="Be brief.").messages == (
        Message(role="system", parts=(Text(text="Be brief."),)),
        Message(role="user", parts=(Text(text="Hello"),)),
    )


@pytest.mark.parametrize(
    ("fields", "reasoning"),
    [
        ({}, None),
        ({"thinking": {"type": "disabled"}}, Reasoning(is_on=False)),
        ({"thinking": {"type": "enabled", "budget_tokens": 2000}}, Reasoning(is_on=True, budget_tokens=2000)),
        ({"thinking": {"type": "adaptive", "display": "omitted"}}, Reasoning(is_on=True, told="omitted")),
        ({"thinking": {"type": "adaptive"}, "output_config": {"effort": "max"}}, Reasoning(is_on=True, effort="max")),
        ({"output_config": {"effort": "low"}}, Reasoning(effort="low")),
    ],
)
def test_thinking_is_understood(fields, reasoning):
    assert chat(**fields).reasoning == reasoning


def test_choice_of_tools_is_understood():
    asked = chat(tool_choice={"type": "any", "disable_parallel_tool_use": True})
    assert (asked.tool_choice, asked.parallel_tool_calls) == (ToolChoice(mode="any"), False)


@pytest.mark.parametrize(
    ("source", "part"),
    [
        (
            {"type": "text", "media_type": "text/plain", "data": "x"},
            File(media=Media(media_type="text/plain"), text="x"),
        ),
        ({"type": "content", "content": "x"}, File(media=Media(media_type="text/plain"), text="x")),
        (
            {"type": "content", "content": [{"type": "text", "text": "x"}, {"type": "text", "text": "y"}]},
            File(media=Media(media_type="text/plain"), text="x\n\ny"),
        ),
        (
            {"type": "url", "url": "https://e.org/a.PDF?x"},
            File(media=Media(media_type="application/pdf", url="https://e.org/a.PDF?x")),
        ),
        ({"type": "file", "file_id": "file_1"}, File(media=Media(file_id="file_1"))),
    ],
)
def test_document_is_understood(source, part):
    assert chat(messages=user({"type": "document", "source": source})).messages[0].parts == (part,)


def test_document_with_pictures_is_kept_for_its_own_wire():
    picture = {"type": "image", "source": {"type": "url", "url": "https://e.org/a.png"}}
    block = {"type": "document", "source": {"type": "content", "content": [picture]}}
    assert chat(messages=user(block)).messages[0].parts == (Foreign(wire="claude", value=block),)


def test_cache_marks_are_kept():
    block = {"type": "text", "text": "Hi", "cache_control": {"type": "ephemeral", "ttl": "1h"}}
    assert chat(messages=user(block)).messages[0].parts == (Text(text="Hi", cache=CacheMark(ttl="1h")),)


def test_field_that_nobody_knows_is_kept_or_named():
    asked = chat(container="c", messages=user({"type": "text", "text": "Hi", "new": 1}))
    assert (asked.extra, asked.dropped) == ({"container": "c"}, ("messages[].content[].new",))
