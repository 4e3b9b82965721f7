"""Requests of Responses callers as chats."""

import json
from typing import Any

import pytest

from tutti.errors import InvalidRequestError
from tutti.families.responses.wire import ResponsesWire
from tutti.intents.chat import (
    Audio,
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
)
from tutti.kit.clock import ManualClock
from tutti.relay.wires import Peek

WIRE = ResponsesWire(ManualClock())
PNG = "iVBORw0KGgo="


def chat_of(**body: Any) -> Chat:
    return WIRE.from_caller(json.dumps({"model": "m", "input": "hi", **body}).encode(), {})


def turns(*items: dict[str, Any]) -> list[Message]:
    return [*chat_of(input=[*items]).messages]


def test_text_is_a_user_s_turn_after_the_instructions() -> None:
    assert chat_of(instructions="Be brief.").messages == (
        Message(role="system", parts=(Text(text="Be brief."),)),
        Message(role="user", parts=(Text(text="hi"),)),
    )


@pytest.mark.parametrize(
    ("part", "told"),
    [
        ({"type": "input_text", "text": "a"}, Text(text="a")),
        (
            {"type": "input_image", "image_url": f"data:image/png;base64,{PNG}", "detail": "low", "file_id": None},
            Image(media=Media(media_type="image/png", data=PNG), detail="low"),
        ),
        (
            {"type": "input_image", "image_url": "https://e.test/a.png"},
            Image(media=Media(media_type="image/png", url="https://e.test/a.png")),
        ),
        ({"type": "input_image", "file_id": "file-1"}, Image(media=Media(file_id="file-1"))),
        (
            {"type": "input_file", "filename": "a.pdf", "file_data": "data:application/pdf;base64,JVBERi0="},
            File(media=Media(media_type="application/pdf", data="JVBERi0="), name="a.pdf"),
        ),
        (
            {"type": "input_file", "file_url": "https://e.test/a.pdf"},
            File(media=Media(media_type="application/pdf", url="https://e.test/a.pdf")),
        ),
        (
            {"type": "input_audio", "input_audio": {"data": "UklGRg==", "format": "wav"}},
            Audio(media=Media(media_type="audio/wav", data="UklGRg==")),
        ),
        ({"type": "input_new", "a": 1}, Foreign(wire="responses", value={"type": "input_new", "a": 1})),
    ],
)
def test_part(part: dict[str, Any], told: Any) -> None:
    assert turns({"role": "user", "content": [part]}) == [Message(role="user", parts=(told,))]


def test_thoughts_words_and_calls_side_by_side_are_one_turn() -> None:
    assert turns(
        {"type": "reasoning", "id": "rs_1", "summary": [{"type": "summary_text", "text": "hm"}], "status": None},
        {"type": "message", "role": "assistant", "id": "msg_1", "status": "completed", "content": [
            {"type": "output_text", "text": "I look.", "annotations": [], "logprobs": []},
            {"type": "refusal", "refusal": "Not there."},
        ]},
        {"type": "function_call", "id": "fc_1", "call_id": "call_1", "name": "look", "arguments": '{"at":1}'},
        {"type": "function_call", "call_id": "call_2", "name": "look", "arguments": '{"at":2}'},
        {"type": "function_call_output", "call_id": "call_1", "output": "moon"},
        {"type": "function_call_output", "call_id": "call_2", "output": [{"type": "input_text", "text": "sun"}]},
        {"role": "user", "content": "And?"},
    ) == [
        Message(role="assistant", parts=(
            Thinking(text="hm"),
            Text(text="I look."),
            Refusal(text="Not there."),
            ToolCall(id="call_1", name="look", arguments='{"at":1}'),
            ToolCall(id="call_2", name="look", arguments='{"at":2}'),
        )),
        Message(role="user", parts=(
            ToolResult(call_id="call_1", parts=(Text(text="moon"),)),
            ToolResult(call_id="call_2", parts=(Text(text="sun"),)),
        )),
        Message(role="user", parts=(Text(text="And?"),)),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("content", "thought"),
    [
        ("gAAA", Thinking(text="hm", signature="responses:rs_1:gAAA")),
        ("claude:EqQB", Thinking(text="hm", signature="EqQB")),
        ("gemini:QUJD", Thinking(text="hm", signature="gemini:QUJD")),
        ("sealed:xyz", Thinking(sealed="xyz")),
    ],
)
def test_seal_goes_back_to_its_owner(content: str, thought: Thinking) -> None:
    item = {
        "type": "reasoning",
        "id": "rs_1",
        "summary": [{"type": "summary_text", "text": "hm"}],
        "encrypted_content": content,
    }
    assert turns(item) == [Message(role="assistant", parts=(thought,))]


def test_seal_ahead_of_a_call_is_the_call_s() -> None:
    assert turns(
        {"type": "reasoning", "id": "rs_1", "summary": [], "encrypted_content": "call:gemini:QUJD"},
        {"type": "function_call", "call_id": "c", "name": "look", "arguments": "{}"},
    )[0].parts == (ToolCall(id="c", name="look", arguments="{}", signature="gemini:QUJD"),)


def test_items_of_this_wire_alone_are_kept() -> None:
    search = {"type": "web_search_call", "id": "ws_1", "status": "completed"}
    ran = {"type": "local_shell_call_output", "id": "x", "output": "a"}
    assert turns(search, ran) == [
        Message(role="assistant", parts=(Foreign(wire="responses", value=search),)),
        Message(role="user", parts=(Foreign(wire="responses", value=ran),)),
    ]


def test_tools_keep_strict_and_those_of_the_vendor_are_told_apart() -> None:
    function = {"type": "function", "name": "f", "description": "d", "parameters": {"type": "object"}, "strict": True}
    custom = {"type": "custom", "name": "sql"}
    assert chat_of(tools=[function, custom]).tools == (
        Tool(name="f", description="d", schema={"type": "object"}, is_strict=True),
        ServerTool(wire="responses", value=custom),
    )


@pytest.mark.parametrize(
    ("choice", "told"),
    [
        ("auto", ToolChoice(mode="auto")),
        ("required", ToolChoice(mode="any")),
        ({"type": "function", "name": "f"}, ToolChoice(mode="named", name="f")),
        ({"type": "allowed_tools", "mode": "required", "tools": [{"name": "f"}]}, ToolChoice(mode="any")),
    ],
)
def test_tool_choice(choice: Any, told: ToolChoice) -> None:
    chat = chat_of(tools=[{"type": "function", "name": "f"}], tool_choice=choice)
    assert chat.tool_choice == told


def test_form_verbosity_reasoning_and_log_probabilities() -> None:
    schema = {"type": "json_schema", "name": "n", "schema": {"type": "object"}, "strict": False}
    chat = chat_of(
        text={"format": schema, "verbosity": "low"},
        reasoning={"effort": "high", "summary": "auto"},
        include=["message.output_text.logprobs", "reasoning.encrypted_content", "web_search_call.action.sources"],
        top_logprobs=2,
    )
    assert chat.response_form == ResponseForm(kind="schema", name="n", schema={"type": "object"}, is_strict=False)
    assert chat.reasoning == Reasoning(effort="high", told="auto")
    assert (chat.verbosity, chat.logprobs, chat.top_logprobs) == ("low", True, 2)
    assert chat.extra == {"include": ["web_search_call.action.sources"]}


def test_what_the_gateway_does_itself_is_nothing_for_upstreams() -> None:
    chat = chat_of(store=True, background=False, previous_response_id=None, truncation="disabled", prompt_cache_key="k")
    assert chat.extra == {"prompt_cache_key": "k"}


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"input": None}, "input"),
        ({"input": []}, "input"),
        ({"input": [{"role": "robot", "content": "a"}]}, "input[0].role"),
        ({"input": [{"role": "user"}]}, "input[0]"),
        ({"input": [{"role": "user", "content": [{"text": "a"}]}]}, "input[0].content[0].type"),
        ({"input": [{"role": "user", "content": [{"type": "input_image"}]}]}, "input[0].content[0].image_url"),
        ({"input": [{"type": "function_call", "name": "a"}]}, "input[0]"),
        ({"input": [{"type": "item_reference", "id": "msg_1"}]}, "input[0]"),
        ({"conversation": "conv_1"}, "conversation"),
        ({"prompt": {"id": "p"}}, "prompt"),
        ({"tool_choice": "sometimes"}, "tool_choice"),
        ({"text": {"format": {"type": "json_schema"}}}, "text.format.schema"),
        ({"max_output_tokens": "many"}, "max_output_tokens"),
    ],
)
def test_wrong_request_names_its_field(body: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidRequestError) as refused:
        chat_of(**body)
    assert refused.value.field == field


def test_peek() -> None:
    body = b'{"model": "m", "stream": true, "max_output_tokens": 7, "input": 1}'
    assert WIRE.peek(body, {}) == Peek(model="m", is_stream=True, max_tokens=7)
