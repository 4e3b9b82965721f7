"""Chats as requests in the Responses wire."""

import json
from typing import Any

import pytest

from tutti.errors import InvalidRequestError
from tutti.intents.chat import (
    Audio,
    Chat,
    File,
    Foreign,
    Image,
    Media,
    Message,
    Part,
    Reasoning,
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
from tutti.vendors.responses.wire import ResponsesUpstream

HI = Message(role="user", parts=(Text(text="hi"),))


def sent(**fields: Any) -> tuple[dict[str, Any], tuple[str, ...]]:
    chat = Chat(**{"model": "gpt-4.1", "messages": (HI,), "wire": "openai", **fields})
    written = ResponsesUpstream().to_upstream(chat)
    return json.loads(written.body), written.dropped


def content_of(part: Part) -> dict[str, Any]:
    (told,) = sent(messages=(Message(role="user", parts=(part,)),))[0]["input"][0]["content"]
    assert isinstance(told, dict)
    return told


def test_least_request_is_kept_nowhere_else() -> None:
    body, dropped = sent()
    assert body == {
        "model": "gpt-4.1",
        "input": [{"type": "message", "role": "user", "content": [{"type": "input_text", "text": "hi"}]}],
        "store": False,
    }
    assert dropped == ()


def test_first_system_message_is_the_instructions() -> None:
    system = Message(role="system", parts=(Text(text="a"), Text(text="b")))
    later = Message(role="system", parts=(Text(text="c"),))
    body, _ = sent(messages=(system, HI, later))
    assert body["instructions"] == "a\n\nb"
    assert [item["role"] for item in body["input"]] == ["user", "system"]


def test_turn_becomes_items_side_by_side() -> None:
    said = Message(
        role="assistant",
        parts=(
            Thinking(text="hm", signature="responses:rs_1:gAAA"),
            Text(text="I look."),
            ToolCall(id="call_1", name="look", arguments='{"at":1}'),
            ToolCall(id="call_2", name="look", arguments=""),
        ),
    )
    got = Message(
        role="user",
        parts=(
            ToolResult(call_id="call_1", parts=(Text(text="moon"),)),
            ToolResult(call_id="call_2", parts=(Image(media=Media(media_type="image/png", data="aW1n")),)),
        ),
    )
    body, dropped = sent(messages=(said, got))
    assert body["input"] == [
        {
            "type": "reasoning",
            "id": "rs_1",
            "summary": [{"type": "summary_text", "text": "hm"}],
            "encrypted_content": "gAAA",
        },
        {
            "type": "message",
            "role": "assistant",
            "content": [{"type": "output_text", "text": "I look.", "annotations": []}],
        },
        {"type": "function_call", "call_id": "call_1", "name": "look", "arguments": '{"at":1}'},
        {"type": "function_call", "call_id": "call_2", "name": "look", "arguments": "{}"},
        {"type": "function_call_output", "call_id": "call_1", "output": "moon"},
        {
            "type": "function_call_output",
            "call_id": "call_2",
            "output": [{"type": "input_image", "image_url": "data:image/png;base64,aW1n"}],
        },
    ]
    assert body["include"] == ["reasoning.encrypted_content"]
    assert dropped == ()


@pytest.mark.parametrize(
    ("part", "told"),
    [
        (
            Image(media=Media(url="https://e.test/a.png"), detail="low"),
            {"type": "input_image", "image_url": "https://e.test/a.png", "detail": "low"},
        ),
        (Image(media=Media(file_id="file-1")), {"type": "input_image", "file_id": "file-1"}),
        (
            File(media=Media(media_type="application/pdf", data="JVBE"), name="a.pdf"),
            {"type": "input_file", "filename": "a.pdf", "file_data": "data:application/pdf;base64,JVBE"},
        ),
        (
            File(media=Media(url="https://e.test/a.pdf")),
            {"type": "input_file", "file_url": "https://e.test/a.pdf"},
        ),
    ],
)
def test_files(part: Part, told: dict[str, Any]) -> None:
    assert content_of(part) == told


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"messages": (Message(role="user", parts=(Video(media=Media(data="aa")),)),)}, "Video"),
        ({"messages": (Message(role="user", parts=(Audio(media=Media(media_type="audio/aac", data="a")),)),)},
         "Audio"),
        ({"messages": (Message(role="user", parts=(File(media=Media(file_id="x")),)),), "wire": "claude"}, "File"),
        ({"count": 2, "words": {"count": "n"}}, "n"),
    ],
)  # fmt: skip
def test_what_can_not_be_said_is_refused(fields: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidRequestError) as refused:
        sent(**fields)
    assert refused.value.field == field


def test_fields() -> None:
    body, dropped = sent(
        is_stream=True,
        max_tokens=99,
        temperature=0.0,
        top_p=0.5,
        tools=(Tool(name="f", description="d", schema={"type": "object"}, is_strict=True), Tool(name="g")),
        tool_choice=ToolChoice(mode="named", name="f"),
        parallel_tool_calls=False,
        response_form=ResponseForm(kind="schema", name="n", schema={"type": "object"}, is_strict=True),
        verbosity="low",
        reasoning=Reasoning(budget_tokens=900, told="auto"),
        logprobs=True,
        top_logprobs=2,
        user="u",
        metadata={"a": "b"},
        service_tier="flex",
    )
    assert dropped == ()
    assert {name: body[name] for name in body if name not in {"model", "input"}} == {
        "stream": True,
        "max_output_tokens": 99,
        "temperature": 0.0,
        "top_p": 0.5,
        "top_logprobs": 2,
        "tools": [
            {"type": "function", "name": "f", "strict": True, "description": "d", "parameters": {"type": "object"}},
            {"type": "function", "name": "g", "strict": False, "parameters": {"type": "object", "properties": {}}},
        ],
        "tool_choice": {"type": "function", "name": "f"},
        "parallel_tool_calls": False,
        "text": {
            "format": {"type": "json_schema", "name": "n", "schema": {"type": "object"}, "strict": True},
            "verbosity": "low",
        },
        "reasoning": {"effort": "low", "summary": "auto"},
        "user": "u",
        "metadata": {"a": "b"},
        "service_tier": "flex",
        "store": False,
        "include": ["message.output_text.logprobs"],
    }


def test_what_has_no_place_is_named() -> None:
    said = Message(
        role="assistant",
        parts=(
            Thinking(text="a", signature="EqQB"),
            Thinking(sealed="x"),
            Foreign(wire="gemini", value={"type": "odd"}),
            Image(media=Media(data="aa")),
            ToolCall(id="c", name="look", arguments="{}", signature="gemini:QUJD"),
        ),
    )
    got = Message(role="user", parts=(ToolResult(call_id="c", parts=(), is_error=True),))
    body, dropped = sent(
        messages=(said, got),
        max_tokens=1,
        top_k=1,
        stop=("a",),
        seed=0,
        presence_penalty=0.1,
        frequency_penalty=0.1,
        tools=(ServerTool(wire="claude", value={"type": "bash"}),),
        extra={"logit_bias": {}},
    )
    assert set(dropped) == {
        "logit_bias",
        "top_k",
        "stop",
        "seed",
        "presence_penalty",
        "frequency_penalty",
        "Thinking",
        "Thinking (sealed)",
        "Foreign (odd)",
        "Image",
        "ToolCall (seal)",
        "max_tokens (raised to 16)",
        "ServerTool (bash)",
    }
    assert body["input"][-1]["output"] == "Error: "


@pytest.mark.parametrize(("model", "is_asked"), [("gpt-4.1", False), ("o3-pro", True), ("gpt-5-codex", True)])
def test_seals_are_asked_of_models_that_think(model: str, *, is_asked: bool) -> None:
    assert ("include" in sent(model=model)[0]) is is_asked
