"""Requests of Gemini callers as chats."""

import json
from base64 import b64encode
from typing import Any

import pytest

from tutti.errors import InvalidRequestError
from tutti.families.gemini.wire import GeminiWire
from tutti.intents.chat import (
    Audio,
    Chat,
    File,
    Foreign,
    Image,
    Text,
    Thinking,
    ToolCall,
    ToolChoice,
    ToolResult,
    Video,
)

GENERATE = {"model": "gemini-2.5-flash", "action": "generateContent"}


def chat_of(**body: Any) -> Chat:
    body.setdefault("contents", [{"role": "user", "parts": [{"text": "hi"}]}])
    return GeminiWire().from_caller(json.dumps(body).encode(), GENERATE)


def parts_of(*parts: dict[str, Any], role: str = "user") -> tuple[Any, ...]:
    return chat_of(contents=[{"role": role, "parts": [*parts]}]).messages[0].parts


@pytest.mark.parametrize(
    ("part", "told"),
    [
        ({"inlineData": {"mimeType": "image/png", "data": "aW1n"}}, Image),
        ({"inline_data": {"mime_type": "audio/wav", "data": "aW1n"}}, Audio),
        ({"inlineData": {"mimeType": "application/pdf", "data": "aW1n"}}, File),
        ({"inlineData": {"mimeType": "video/mp4", "data": "aW1n"}}, Video),
        ({"fileData": {"fileUri": "https://youtu.be/x"}}, Video),
        ({"fileData": {"fileUri": "https://example.com/a.png"}}, Image),
    ],
)
def test_file_is_told_by_its_type(part: dict[str, Any], told: type) -> None:
    assert type(parts_of(part)[0]) is told


def test_file_in_the_address_alphabet_is_told_in_the_common_one() -> None:
    (image,) = parts_of({"inlineData": {"mimeType": "image/png", "data": "-_8="}})
    assert image.media.data == "+/8="


def test_file_kept_at_the_vendor_is_no_address() -> None:
    uri = "https://generativelanguage.googleapis.com/v1beta/files/abc"
    (file,) = parts_of({"fileData": {"fileUri": uri, "mimeType": "application/pdf"}})
    assert (file.media.file_id, file.media.url) == (uri, None)


def test_calls_of_one_name_find_their_results_by_order_across_turns() -> None:
    call = {"functionCall": {"name": "look", "args": {"at": 1}}}
    result = {"functionResponse": {"name": "look", "response": {"output": "moon"}}}
    contents = [{"role": "model", "parts": [call, call]}, {"role": "user", "parts": [result, result]}] * 2
    chat = chat_of(contents=contents)
    calls = [part.id for message in chat.messages for part in message.parts if isinstance(part, ToolCall)]
    results = [part.call_id for message in chat.messages for part in message.parts if isinstance(part, ToolResult)]
    assert len(set(calls)) == 4
    assert results == calls


def test_result_without_its_call_is_refused_by_name() -> None:
    with pytest.raises(InvalidRequestError, match="'look'") as refused:
        parts_of({"functionResponse": {"name": "look", "response": {}}})
    assert refused.value.field == "contents[0].parts[0].functionResponse"


def test_failed_result_is_an_error() -> None:
    contents = [
        {"role": "model", "parts": [{"functionCall": {"name": "look"}}]},
        {"role": "user", "parts": [{"functionResponse": {"name": "look", "response": {"error": "dark"}}}]},
    ]
    (result,) = chat_of(contents=contents).messages[1].parts
    assert result == ToolResult(call_id="call_1", name="look", parts=(Text(text="dark"),), is_error=True)


def test_seals_bear_their_owner() -> None:
    claude = b64encode(b"claude:EqQB").decode()
    parts = parts_of(
        {"text": "hm", "thought": True, "thoughtSignature": "QUJD"},
        {"text": "said", "thoughtSignature": "REVG"},
        {"text": "", "thought": True, "thoughtSignature": claude},
        role="model",
    )
    assert parts == (
        Thinking(text="hm", signature="gemini:QUJD"),
        Text(text="said"),
        Thinking(signature="gemini:REVG"),
        Thinking(signature="EqQB"),
    )


def test_thoughts_that_came_in_pieces_are_whole_again_under_their_seal() -> None:
    parts = parts_of(
        {"text": "Let me ", "thought": True},
        {"text": "look.", "thought": True},
        {"text": "", "thoughtSignature": b64encode(b"claude:EqQB").decode()},
        {"text": "Hm.", "thought": True},
        {"text": "", "thoughtSignature": "QUJD"},
        role="model",
    )
    assert parts == (
        Thinking(text="Let me look.", signature="EqQB"),
        Thinking(text="Hm."),
        Thinking(signature="gemini:QUJD"),
    )


def test_schema_of_google_becomes_json_schema() -> None:
    schema = {
        "type": "OBJECT",
        "properties": {"a": {"type": "ARRAY", "items": {"type": "STRING"}, "min_items": "1"}},
        "propertyOrdering": ["a"],
        "nullable": True,
    }
    chat = chat_of(tools=[{"functionDeclarations": [{"name": "f", "parameters": schema}]}])
    assert chat.tools[0].schema == {
        "type": ["object", "null"],
        "properties": {"a": {"type": "array", "items": {"type": "string"}, "minItems": 1}},
    }


@pytest.mark.parametrize(
    ("calling", "choice"),
    [
        ({"mode": "AUTO"}, ToolChoice(mode="auto")),
        ({"mode": "NONE"}, ToolChoice(mode="none")),
        ({"mode": "ANY"}, ToolChoice(mode="any")),
        ({"mode": "ANY", "allowedFunctionNames": ["f"]}, ToolChoice(mode="named", name="f")),
        ({"mode": "ANY", "allowed_function_names": ["f", "g"]}, ToolChoice(mode="any")),
    ],
)
def test_tool_choice(calling: dict[str, Any], choice: ToolChoice) -> None:
    declared = [{"name": name} for name in "fgh"]
    chat = chat_of(tools=[{"functionDeclarations": declared}], toolConfig={"functionCallingConfig": calling})
    names = calling.get("allowedFunctionNames") or calling.get("allowed_function_names") or [*"fgh"]
    assert chat.tool_choice == choice
    assert [tool.name for tool in chat.tools] == names


def test_fewer_than_four_stop_words_stay_as_they_are() -> None:
    assert chat_of(generationConfig={"stopSequences": ["a"]}).stop == ("a",)


def test_zeros_are_not_absence() -> None:
    chat = chat_of(generation_config={"seed": 0, "temperature": 0, "topP": 0, "thinkingConfig": {"thinkingBudget": 0}})
    assert (chat.seed, chat.temperature, chat.top_p) == (0, 0.0, 0.0)
    assert chat.reasoning
    assert chat.reasoning.is_on is False


def test_fields_of_this_wire_alone_are_kept_by_their_path() -> None:
    chat = chat_of(
        safetySettings=[{"category": "X", "threshold": "OFF"}],
        generationConfig={"imageConfig": {"aspectRatio": "1:1"}},
        somethingNew=1,
    )
    assert chat.extra == {
        "safetySettings": [{"category": "X", "threshold": "OFF"}],
        "generationConfig.imageConfig": {"aspectRatio": "1:1"},
        "somethingNew": 1,
    }


def test_unknown_part_is_kept_for_its_wire() -> None:
    assert parts_of({"toolThing": {"a": 1}}) == (Foreign(wire="gemini", value={"toolThing": {"a": 1}}),)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (b"{", None),
        (b"[]", None),
        (b'{"contents": []}', "contents"),
        (b'{"contents": [{"role": "bard", "parts": []}]}', "contents[0].role"),
        (b'{"contents": [{"parts": [{"text": 1}]}]}', "contents[0].parts[0].text"),
        (b'{"contents": [{"parts": [{"inlineData": {}}]}]}', "contents[0].parts[0].inlineData"),
        (b'{"contents": [{"parts": [{}]}]}', "contents[0].parts[0]"),
        (b'{"contents": "hi"}', "contents"),
        (b'{"contents": [{"parts": []}], "tools": [{"functionDeclarations": 1}]}', "tools[0].functionDeclarations"),
    ],
)
def test_wrong_request_names_its_field(body: bytes, field: str | None) -> None:
    with pytest.raises(InvalidRequestError) as refused:
        GeminiWire().from_caller(body, GENERATE)
    assert refused.value.field == field
