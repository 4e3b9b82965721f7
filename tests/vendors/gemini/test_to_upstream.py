"""Chats as requests to Gemini."""

import json
from typing import Any

import pytest

from tutti.errors import InvalidRequestError
from tutti.intents.chat import (
    Audio,
    CacheMark,
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
from tutti.vendors.gemini.wire import GeminiUpstream

HI = (Message(role="user", parts=(Text(text="hi"),)),)


def sent(**fields: Any) -> tuple[dict[str, Any], tuple[str, ...]]:
    chat = Chat(**{"model": "gemini-2.5-flash", "messages": HI, "wire": "openai", **fields})
    written = GeminiUpstream().to_upstream(chat)
    return json.loads(written.body), written.dropped


def turns(*messages: Message, **fields: Any) -> list[dict[str, Any]]:
    contents: list[dict[str, Any]] = sent(messages=messages, **fields)[0]["contents"]
    return contents


def parts_of(*parts: Part) -> list[dict[str, Any]]:
    told: list[dict[str, Any]] = turns(Message(role="user", parts=parts))[0]["parts"]
    return told


def test_every_system_message_is_instruction() -> None:
    body, _ = sent(
        messages=(
            Message(role="system", parts=(Text(text="a"),)),
            *HI,
            Message(role="developer", parts=(Text(text="b"),)),
        )
    )
    assert body["systemInstruction"] == {"parts": [{"text": "a"}, {"text": "b"}]}
    assert body["contents"] == [{"role": "user", "parts": [{"text": "hi"}]}]


def test_results_of_one_turn_stand_in_one_content_under_the_names_of_their_calls() -> None:
    contents = turns(
        *HI,
        Message(
            role="assistant",
            parts=(
                Text(text="I look."),
                ToolCall(id="toolu_1", name="look", arguments='{"at":1}'),
                ToolCall(id="call_2", name="hear", arguments=""),
            ),
        ),
        Message(role="user", parts=(ToolResult(call_id="toolu_1", parts=(Text(text="dark"),), is_error=True),)),
        Message(role="user", parts=(ToolResult(call_id="call_2", parts=(Text(text='{"loud": false}'),)),)),
    )
    assert contents[1:] == [
        {
            "role": "model",
            "parts": [
                {"text": "I look."},
                {"functionCall": {"id": "toolu_1", "name": "look", "args": {"at": 1}}},
                {"functionCall": {"name": "hear", "args": {}}},
            ],
        },
        {
            "role": "user",
            "parts": [
                {"functionResponse": {"id": "toolu_1", "name": "look", "response": {"error": "dark"}}},
                {"functionResponse": {"name": "hear", "response": {"loud": False}}},
            ],
        },
    ]


def test_pictures_of_a_result_stand_beside_it() -> None:
    picture = Image(media=Media(media_type="image/png", data="aW1n"))
    result = ToolResult(call_id="call_1", name="look", parts=(Text(text="here"), picture))
    assert parts_of(result) == [
        {"functionResponse": {"name": "look", "response": {"output": "here"}}},
        {"inlineData": {"mimeType": "image/png", "data": "aW1n"}},
    ]


def test_result_without_its_call_is_refused() -> None:
    with pytest.raises(InvalidRequestError, match="call_9"):
        parts_of(ToolResult(call_id="call_9", parts=()))


@pytest.mark.parametrize("arguments", ["{", "[1]", '"a"'])
def test_arguments_that_are_no_object_are_kept_under_a_name(arguments: str) -> None:
    call = ToolCall(id="call_1", name="look", arguments=arguments)
    (turn,) = turns(Message(role="assistant", parts=(call,)))
    assert turn["parts"] == [{"functionCall": {"name": "look", "args": {"arguments": arguments}}}]


@pytest.mark.parametrize(
    ("part", "told"),
    [
        (Image(media=Media(data="iVBORw0KGgo=")), {"inlineData": {"mimeType": "image/png", "data": "iVBORw0KGgo="}}),
        (Image(media=Media(data="/9j/4AAQ")), {"inlineData": {"mimeType": "image/jpeg", "data": "/9j/4AAQ"}}),
        (
            Audio(media=Media(media_type="audio/mp3", data="SUQz")),
            {"inlineData": {"mimeType": "audio/mp3", "data": "SUQz"}},
        ),
        (File(media=Media(data="JVBERi0x")), {"inlineData": {"mimeType": "application/pdf", "data": "JVBERi0x"}}),
        (File(media=Media(), text="plain"), {"text": "<document>\nplain\n</document>"}),
        (Video(media=Media(url="https://youtu.be/x")), {"fileData": {"fileUri": "https://youtu.be/x"}}),
    ],
)
def test_files(part: Part, told: dict[str, Any]) -> None:
    assert parts_of(part) == [told]


def test_file_at_another_vendor_is_refused() -> None:
    with pytest.raises(InvalidRequestError, match="file-abc"):
        parts_of(File(media=Media(file_id="file-abc")))


@pytest.mark.parametrize(
    ("url", "is_taken"), [("https://www.youtube.com/watch?v=x", True), ("https://example.com/a.png", False)]
)
def test_only_addresses_at_google_are_taken(url: str, *, is_taken: bool) -> None:
    media = Media(url=url)
    assert GeminiUpstream().takes(Image(media=media), media) is is_taken


def test_own_seals_stay_and_others_are_named() -> None:
    thoughts = (
        Thinking(text="a", signature="gemini:QUJD"),
        Text(text="b"),
        Thinking(signature="gemini:REVG"),
        Thinking(text="c", signature="EqQB"),
        Thinking(sealed="xyz"),
    )
    body, dropped = sent(messages=(*HI, Message(role="assistant", parts=thoughts)))
    assert body["contents"][1]["parts"] == [
        {"text": "a", "thought": True, "thoughtSignature": "QUJD"},
        {"text": "b", "thoughtSignature": "REVG"},
        {"text": "c", "thought": True},
    ]
    assert dropped == ("Thinking (seal)", "Thinking (sealed)")


def test_first_call_of_a_turn_without_its_seal_is_excused_where_seals_are_wanted() -> None:
    calls = tuple(ToolCall(id=f"call_{at}", name="look", arguments="{}") for at in (1, 2))
    message = Message(role="assistant", parts=calls)
    new = turns(message, model="gemini-3-pro-preview")[0]["parts"]
    old = turns(message)[0]["parts"]
    assert [part.get("thoughtSignature") for part in new] == ["skip_thought_signature_validator", None]
    assert [part.get("thoughtSignature") for part in old] == [None, None]


def test_every_number_arrives_zeros_too() -> None:
    body, dropped = sent(
        temperature=0.0,
        top_p=0.0,
        top_k=1,
        count=2,
        max_tokens=7,
        presence_penalty=0.0,
        frequency_penalty=0.5,
        seed=0,
        logprobs=True,
        top_logprobs=3,
        stop=("a", "b"),
    )
    assert body["generationConfig"] == {
        "temperature": 0.0,
        "topP": 0.0,
        "topK": 1,
        "candidateCount": 2,
        "maxOutputTokens": 7,
        "presencePenalty": 0.0,
        "frequencyPenalty": 0.5,
        "seed": 0,
        "responseLogprobs": True,
        "logprobs": 3,
        "stopSequences": ["a", "b"],
    }
    assert dropped == ()


@pytest.mark.parametrize(
    ("choice", "told"),
    [
        (ToolChoice(mode="auto"), {"mode": "AUTO"}),
        (ToolChoice(mode="none"), {"mode": "NONE"}),
        (ToolChoice(mode="any"), {"mode": "ANY"}),
        (ToolChoice(mode="named", name="f"), {"mode": "ANY", "allowedFunctionNames": ["f"]}),
    ],
)
def test_tool_choice(choice: ToolChoice, told: dict[str, Any]) -> None:
    body, _ = sent(tools=(Tool(name="f"),), tool_choice=choice)
    assert body["toolConfig"] == {"functionCallingConfig": told}
    assert body["tools"] == [{"functionDeclarations": [{"name": "f"}]}]


@pytest.mark.parametrize(
    ("model", "reasoning", "told"),
    [
        ("gemini-2.5-flash", Reasoning(effort="low"), {"thinkingBudget": 1024}),
        ("gemini-3-pro", Reasoning(effort="low"), {"thinkingLevel": "LOW"}),
        ("gemini-2.5-flash", Reasoning(is_on=False), {"thinkingBudget": 0}),
        ("gemini-2.5-flash", Reasoning(is_on=True), {"thinkingBudget": -1}),
        ("gemini-2.5-flash", Reasoning(budget_tokens=99, told="auto"), {"includeThoughts": True, "thinkingBudget": 99}),
        ("gemini-2.5-flash", Reasoning(told="omitted"), {"includeThoughts": False}),
    ],
)
def test_reasoning(model: str, reasoning: Reasoning, told: dict[str, Any]) -> None:
    assert sent(model=model, reasoning=reasoning)[0]["generationConfig"]["thinkingConfig"] == told


def test_form_and_voice() -> None:
    schema = {"type": "object", "properties": {"a": {"type": "string"}}, "additionalProperties": False}
    body, dropped = sent(
        response_form=ResponseForm(kind="schema", name="x", schema=schema),
        modalities=("audio",),
        audio={"voice": "Kore", "format": "mp3"},
    )
    assert body["generationConfig"] == {
        "responseMimeType": "application/json",
        "responseSchema": {"type": "OBJECT", "properties": {"a": {"type": "STRING"}}},
        "responseModalities": ["AUDIO"],
        "speechConfig": {"voiceConfig": {"prebuiltVoiceConfig": {"voiceName": "Kore"}}},
    }
    assert dropped == ("response_form (additionalProperties)", "audio.format")


def test_what_has_no_place_is_named_in_the_caller_s_words() -> None:
    cached = Text(text="hi", cache=CacheMark())
    _, dropped = sent(
        messages=(Message(role="user", parts=(cached, Foreign(wire="claude", value={"type": "odd"})), name="A"),),
        tools=(ServerTool(wire="openai", value={"type": "web_search"}),),
        parallel_tool_calls=False,
        user="u",
        metadata={"a": "b"},
        extra={"logit_bias": {}},
        words={"user": "safety_identifier"},
    )
    assert set(dropped) == {
        "logit_bias",
        "CacheMark",
        "Foreign (odd)",
        "Message.name",
        "ServerTool (web_search)",
        "parallel_tool_calls",
        "safety_identifier",
        "metadata",
    }
