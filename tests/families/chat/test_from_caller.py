"""Requests of OpenAI callers: what they ask for, and what is wrong with them."""

import json
from typing import Any

import pytest

from tutti.errors import InvalidRequestError
from tutti.families.chat.wire import ChatWire
from tutti.intents.chat import (
    Audio,
    CacheMark,
    Chat,
    File,
    Foreign,
    Image,
    Media,
    Message,
    Reasoning,
    Refusal,
    ResponseForm,
    ServerTool,
    Text,
    Thinking,
    Tool,
    ToolCall,
    ToolChoice,
    ToolResult,
    Video,
)
from tutti.intents.seals import GEMINI, name_seal
from tutti.kit.clock import ManualClock
from tutti.relay.wires import Peek

WIRE = ChatWire(ManualClock(), error_type="new_api_error")
HELLO = [{"role": "user", "content": "Hello"}]
FUNCTION = {"name": "look", "parameters": {"type": "object"}}
LOOK = {"type": "function", "function": FUNCTION}


def body(**fields: Any) -> bytes:
    return json.dumps({"model": "m", "messages": HELLO, **fields}).encode()


def chat(**fields: Any) -> Chat:
    return WIRE.from_caller(body(**fields), {})


def user(*parts: Any) -> list[dict[str, Any]]:
    return [{"role": "user", "content": list(parts)}]


def test_peek_reads_what_is_needed_before_sending():
    assert WIRE.peek(body(stream=True, n=2, max_tokens=9), {}) == Peek(model="m", is_stream=True, max_tokens=9, count=2)
    assert WIRE.peek(body(max_tokens="9", max_completion_tokens=0), {}).max_tokens == 0
    assert WIRE.peek(b'{"model": "m", "messages": [1]}', {}) == Peek(model="m")


# A body's fields beside a good model and good messages, and the field that the answer must name.
SEEN = (
    ({"model": None}, "model"),
    ({"model": ""}, "model"),
    ({"messages": []}, "messages"),
    ({"messages": "Hello"}, "messages"),
    ({"max_tokens": -1}, "max_tokens"),
    ({"max_completion_tokens": 2**31}, "max_completion_tokens"),
    ({"n": 0}, "n"),
    ({"n": 129}, "n"),
    ({"stream": "perhaps"}, "stream"),
)
READ = (
    *SEEN,
    ({"messages": [1]}, "messages[0]"),
    ({"messages": [{"content": "x"}]}, "messages[0]"),
    ({"messages": [{"role": "model", "content": "x"}]}, "messages[0].role"),
    ({"messages": [{"role": "user", "content": 1}]}, "messages[0].content"),
    ({"messages": [{"role": "tool", "content": "x"}]}, "messages[0].tool_call_id"),
    ({"messages": [{"role": "assistant", "tool_calls": [{"id": "a"}]}]}, "messages[0].tool_calls[0].function"),
    ({"messages": user(1)}, "messages[0].content[0]"),
    ({"messages": user({"type": 1})}, "messages[0].content[0].type"),
    ({"messages": user({"type": "text"})}, "messages[0].content[0]"),
    ({"messages": user({"type": "image_url"})}, "messages[0].content[0]"),
    (
        {"messages": user({"type": "image_url", "image_url": {"url": "nowhere!"}})},
        "messages[0].content[0].image_url.url",
    ),
    (
        {"messages": user({"type": "image_url", "image_url": {"url": "data:image/png"}})},
        "messages[0].content[0].image_url.url",
    ),
    (
        {"messages": user({"type": "input_audio", "input_audio": {"data": ""}})},
        "messages[0].content[0].input_audio.data",
    ),
    ({"messages": user({"type": "file", "file": {}})}, "messages[0].content[0].file"),
    ({"temperature": "hot"}, "temperature"),
    ({"stop": 1}, "stop"),
    ({"stop": [1]}, "stop[0]"),
    ({"stream_options": {"include_usage": "yes please"}}, "stream_options.include_usage"),
    ({"response_format": {"type": "yaml"}}, "response_format.type"),
    ({"response_format": {"type": "json_schema"}}, "response_format.json_schema"),
    ({"response_format": {}}, "response_format"),
    ({"tools": [1]}, "tools[0]"),
    ({"tools": [{"type": "function"}]}, "tools[0]"),
    ({"tools": [{"type": "function", "function": {"name": 1}}]}, "tools[0].function.name"),
    ({"functions": [{}]}, "functions[0]"),
    ({"tool_choice": "always"}, "tool_choice"),
    ({"tool_choice": {"type": "function"}}, "tool_choice"),
    ({"thinking": {"budget_tokens": -1}}, "thinking.budget_tokens"),
)


@pytest.mark.parametrize(("fields", "field"), SEEN, ids=str)
def test_peek_names_the_field_that_is_wrong(fields, field):
    with pytest.raises(InvalidRequestError) as refused:
        WIRE.peek(body(**fields), {})
    assert refused.value.field == field


@pytest.mark.parametrize(("fields", "field"), READ, ids=str)
def test_refusal_names_the_field_that_is_wrong(fields, field):
    with pytest.raises(InvalidRequestError) as refused:
        chat(**fields)
    assert refused.value.field == field


def test_optional_fields_take_null_like_absence():
    nothing = dict.fromkeys(("stop", "tools", "n", "max_tokens", "response_format", "stream", "stream_options", "user"))
    assert chat(**nothing) == chat()


@pytest.mark.parametrize(
    ("part", "read"),
    [
        ({"text": "Hi"}, Text(text="Hi")),
        (
            {"type": "image_url", "image_url": "https://e.org/a.png"},
            Image(media=Media(media_type="image/png", url="https://e.org/a.png")),
        ),
        (
            {"type": "image_url", "image_url": {"url": "DATA:image/jpg;base64,/9j/", "detail": "low"}},
            Image(media=Media(media_type="image/jpeg", data="/9j/"), detail="low"),
        ),
        (
            {"type": "image_url", "image_url": {"url": "R0lGODdh"}},
            Image(media=Media(media_type="image/gif", data="R0lGODdh")),
        ),
        (
            {"type": "image_url", "image_url": {"url": "data:text/plain,a%20b"}},
            File(media=Media(media_type="text/plain", data="YSBi")),
        ),
        (
            {"type": "input_audio", "input_audio": {"data": "SUQz", "format": "mp3"}},
            Audio(media=Media(media_type="audio/mpeg", data="SUQz")),
        ),
        (
            {"type": "input_audio", "input_audio": {"data": "SUQz"}},
            Audio(media=Media(media_type="audio/mpeg", data="SUQz")),
        ),
        (
            {"type": "file", "file": {"file_data": "JVBERi0x"}},
            File(media=Media(media_type="application/pdf", data="JVBERi0x")),
        ),
        (
            {"type": "file", "file": {"file_data": "https://e.org/x?a=b.mp3", "filename": "x.pdf"}},
            File(media=Media(media_type="application/pdf", url="https://e.org/x?a=b.mp3"), name="x.pdf"),
        ),
        (
            {"type": "file", "file": {"file_data": "data:audio/mp3;base64,SUQz", "filename": "x.mp3"}},
            Audio(media=Media(media_type="audio/mpeg", data="SUQz")),
        ),
        (
            {"type": "file_url", "file_url": "https://e.org/a.mov"},
            Video(media=Media(media_type="video/quicktime", url="https://e.org/a.mov")),
        ),
        (
            {"type": "video_url", "video_url": {"url": "https://e.org/a.mp4"}},
            Video(media=Media(media_type="video/mp4", url="https://e.org/a.mp4")),
        ),
        ({"type": "refusal", "refusal": "No."}, Refusal(text="No.")),
        ({"type": "new"}, Foreign(wire="openai", value={"type": "new"})),
    ],
)
def test_part_is_understood(part, read):
    assert chat(messages=user(part)).messages == (Message(role="user", parts=(read,)),)


def test_turns_of_every_role_are_understood():
    detail = {"type": "reasoning.text", "text": "Hm.", "signature": "c2VhbA=="}
    calls = [
        {
            "id": "a",
            "type": "function",
            "function": {"name": "look", "arguments": "{}"},
            "extra_content": {"google": {"thought_signature": "QUJD"}},
        }
    ]
    messages = [
        {"role": "system", "content": "A"},
        {"role": "developer", "content": [{"type": "text", "text": "B"}]},
        {"role": "user", "content": "C", "name": "mira"},
        {
            "role": "assistant",
            "content": "D",
            "reasoning_content": "Hm.",
            "reasoning_details": [detail],
            "tool_calls": calls,
        },
        {"role": "tool", "tool_call_id": "a", "content": "E"},
        {"role": "assistant", "content": None, "function_call": {"name": "look", "arguments": "{}"}, "refusal": "F"},
        {"role": "function", "name": "look", "content": "G"},
    ]
    assert chat(messages=messages).messages == (
        Message(role="system", parts=(Text(text="A"),)),
        Message(role="developer", parts=(Text(text="B"),)),
        Message(role="user", parts=(Text(text="C"),), name="mira"),
        Message(
            role="assistant",
            parts=(
                Thinking(text="Hm.", signature="c2VhbA=="),
                Text(text="D"),
                ToolCall(id="a", name="look", arguments="{}", signature=name_seal(GEMINI, "QUJD")),
            ),
        ),
        Message(role="user", parts=(ToolResult(call_id="a", parts=(Text(text="E"),)),)),
        Message(role="assistant", parts=(Refusal(text="F"), ToolCall(id="call_look", name="look", arguments="{}"))),
        Message(role="user", parts=(ToolResult(call_id="call_look", parts=(Text(text="G"),), name="look"),)),
    )


@pytest.mark.parametrize(
    ("fields", "reasoning", "word"),
    [
        ({}, None, "reasoning_effort"),
        ({"reasoning_effort": "low"}, Reasoning(effort="low"), "reasoning_effort"),
        ({"reasoning_effort": "none"}, Reasoning(is_on=False), "reasoning_effort"),
        ({"thinking": {"type": "disabled"}}, Reasoning(is_on=False), "thinking"),
        (
            {"thinking": {"type": "enabled", "budget_tokens": 2000}},
            Reasoning(is_on=True, budget_tokens=2000),
            "thinking",
        ),
        ({"reasoning": {"effort": "high", "exclude": True}}, Reasoning(effort="high", told="omitted"), "reasoning"),
        ({"reasoning": {"max_tokens": 99}}, Reasoning(budget_tokens=99), "reasoning"),
        ({"reasoning": {"enabled": False}}, Reasoning(is_on=False), "reasoning"),
        ({"enable_thinking": True, "thinking_budget": 99}, Reasoning(is_on=True, budget_tokens=99), "enable_thinking"),
        ({"extra_body": {"google": {"thinking_config": {"thinking_budget": 0}}}}, Reasoning(is_on=False), "extra_body"),
        (
            {"extra_body": {"google": {"thinking_config": {"thinking_level": "LOW", "include_thoughts": True}}}},
            Reasoning(effort="low", told="auto"),
            "extra_body",
        ),
    ],
)
def test_thinking_is_understood_in_every_way_of_asking(fields, reasoning, word):
    asked = chat(**fields)
    assert (asked.reasoning, asked.word("reasoning")) == (reasoning, word)


@pytest.mark.parametrize(
    ("fields", "tools", "choice"),
    [
        ({"tools": [LOOK]}, ["look"], None),
        ({"tools": [LOOK], "tool_choice": "required"}, ["look"], ToolChoice(mode="any")),
        ({"tools": [LOOK], "tool_choice": LOOK}, ["look"], ToolChoice(mode="named", name="look")),
        ({"functions": [FUNCTION], "function_call": {"name": "look"}}, ["look"], ToolChoice(mode="named", name="look")),
        (
            {"tools": [LOOK], "tool_choice": {"type": "allowed_tools", "allowed_tools": {"mode": "auto", "tools": []}}},
            [],
            ToolChoice(mode="auto"),
        ),
    ],
)
def test_tools_are_understood(fields, tools, choice):
    asked = chat(**fields)
    assert ([tool.name for tool in asked.tools if isinstance(tool, Tool)], asked.tool_choice) == (tools, choice)


def test_tool_of_another_kind_is_kept_for_its_own_wire():
    tool = {"type": "custom", "custom": {"name": "sql"}}
    assert chat(tools=[tool]).tools == (ServerTool(wire="openai", value=tool),)


@pytest.mark.parametrize(
    ("value", "form"),
    [
        ({"type": "text"}, ResponseForm(kind="text")),
        ({"type": "json_object"}, ResponseForm(kind="json")),
        (
            {"type": "json_schema", "json_schema": {"name": "a", "schema": {"type": "object"}, "strict": True}},
            ResponseForm(kind="schema", name="a", schema={"type": "object"}, is_strict=True),
        ),
    ],
)
def test_form_of_the_answer_is_understood(value, form):
    assert chat(response_format=value).response_form == form


@pytest.mark.parametrize(("stop", "words"), [("END", ("END",)), (["A", "B"], ("A", "B")), (None, ())])
def test_stop_words_are_understood(stop, words):
    assert chat(stop=stop).stop == words


def test_cache_marks_are_kept_on_parts_and_on_turns():
    part = {"type": "text", "text": "A", "cache_control": {"type": "ephemeral", "ttl": "1h"}}
    (turn,) = chat(
        messages=[
            {"role": "user", "content": [part, {"type": "text", "text": "B"}], "cache_control": {"type": "ephemeral"}}
        ]
    ).messages
    assert turn.parts == (Text(text="A", cache=CacheMark(ttl="1h")), Text(text="B", cache=CacheMark()))


def test_who_asks_is_understood_by_either_name():
    assert chat(user="u").user == chat(safety_identifier="u").user == chat(user="u", safety_identifier="v").user == "u"


def test_field_that_nobody_knows_is_kept_or_named():
    asked = chat(
        logit_bias={"1": 2},
        messages=[{"role": "user", "content": [{"type": "text", "text": "Hi", "new": 1}], "prefix": True}],
    )
    assert asked.extra == {"logit_bias": {"1": 2}}
    assert asked.dropped == ("messages[].prefix", "messages[].content[].new")
