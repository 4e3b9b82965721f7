"""Requests to upstreams that speak the OpenAI chat wire: what the models take, and what they would refuse."""

from typing import Any

import msgspec
import pytest

from tests.upstream.forms.openai import ChatRequest
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
    Text,
    Thinking,
    Tool,
    ToolCall,
    ToolChoice,
    ToolResult,
    Video,
)
from tutti.vendors.openai.wire import OpenAIWire

HELLO = (Message(role="user", parts=(Text(text="Hello"),)),)
CALL = ToolCall(id="a", name="look", arguments="{}")
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
PICTURE = Image(media=Media(media_type="image/png", data="iVBO"))
PICTURE_PART = {"type": "image_url", "image_url": {"url": "data:image/png;base64,iVBO"}}


def both(model: str = "gpt-4o", **fields: Any) -> tuple[dict[str, Any], tuple[str, ...]]:
    """The body, which has the form of its wire, and the names of what was dropped."""
    written = OpenAIWire().to_upstream(Chat(**{"model": model, "messages": HELLO, "wire": "claude", **fields}))
    msgspec.json.decode(written.body, type=ChatRequest)
    return msgspec.json.decode(written.body), written.dropped


def sent(model: str = "gpt-4o", **fields: Any) -> dict[str, Any]:
    return both(model, **fields)[0]


def turns(*messages: Message, model: str = "gpt-4o", **fields: Any) -> list[dict[str, Any]]:
    told: list[dict[str, Any]] = sent(model, messages=messages, **fields)["messages"]
    return told


def user(*parts: Part) -> Message:
    return Message(role="user", parts=parts)


def said(*parts: Part) -> Message:
    return Message(role="assistant", parts=parts)


@pytest.mark.parametrize(
    ("model", "reasoning", "fields", "dropped"),
    [
        ("gpt-5.1", Reasoning(effort="high"), {"reasoning_effort": "high"}, ()),
        ("gpt-5.1", Reasoning(effort="max"), {"reasoning_effort": "xhigh"}, ()),
        ("gpt-5.1", Reasoning(is_on=True, budget_tokens=9000), {"reasoning_effort": "high"}, ()),
        ("gpt-5.1", Reasoning(is_on=True), {"reasoning_effort": "medium"}, ()),
        ("gpt-5.1", Reasoning(is_on=False), {"reasoning_effort": "none"}, ()),
        ("gpt-5-mini", Reasoning(is_on=False), {"reasoning_effort": "minimal"}, ()),
        ("o3-mini", Reasoning(is_on=False), {}, ("reasoning",)),
        ("grok-4", Reasoning(effort="low"), {"reasoning_effort": "low"}, ()),
        ("gemini-2.5-flash", Reasoning(budget_tokens=1000), {"reasoning_effort": "low"}, ()),
        ("deepseek-ai/DeepSeek-V3.2", Reasoning(is_on=True), {"thinking": {"type": "enabled"}}, ()),
        ("glm-4.6", Reasoning(is_on=False), {"thinking": {"type": "disabled"}}, ()),
        (
            "claude-sonnet-4",
            Reasoning(is_on=True, budget_tokens=2000),
            {"thinking": {"type": "enabled", "budget_tokens": 2000}},
            (),
        ),
        ("qwen3-max", Reasoning(is_on=True, budget_tokens=99), {"enable_thinking": True, "thinking_budget": 99}, ()),
        ("qwen3-max", Reasoning(is_on=False), {"enable_thinking": False}, ()),
        ("gpt-4o", Reasoning(effort="low"), {}, ("reasoning",)),
        ("gpt-4o", Reasoning(is_on=False), {}, ()),
        ("gpt-5-chat-latest", Reasoning(effort="low"), {}, ("reasoning",)),
    ],
)
def test_thinking_is_asked_for_in_the_makers_words(model, reasoning, fields, dropped):
    body, names = both(model, reasoning=reasoning)
    assert {name: body[name] for name in body.keys() - {"model", "messages"}} == fields
    assert names == dropped


@pytest.mark.parametrize("model", ["o1", "o3-mini", "o4-mini-2025-04-16", "gpt-5", "gpt-5.2-pro", "openai/gpt-5"])
def test_reasoning_models_are_asked_in_their_own_way(model):
    asked = {"max_tokens": 9, "temperature": 0.5, "top_p": 0.5, "stop": ("END",), "logprobs": True}
    body, dropped = both(model, **asked)
    assert {name: body[name] for name in body.keys() - {"model", "messages"}} == {"max_completion_tokens": 9}
    assert dropped == ("temperature", "top_p", "logprobs", "stop")


def test_temperature_that_changes_nothing_is_not_named():
    assert both("o3", temperature=1.0)[1] == ()


@pytest.mark.parametrize("model", ["gpt-4o", "gpt-5-chat-latest", "llama-3.3-70b"])
def test_other_models_are_asked_in_the_usual_way(model):
    body = sent(model, max_tokens=9, temperature=0.0, top_p=0.0, presence_penalty=0.0, seed=0, count=1)
    # Zeros are values: they are sent.
    assert {name: body[name] for name in body.keys() - {"model", "messages"}} == {
        "max_tokens": 9,
        "temperature": 0.0,
        "top_p": 0.0,
        "presence_penalty": 0.0,
        "seed": 0,
        "n": 1,
    }


def test_stream_always_asks_for_figures():
    assert sent(is_stream=True, wants_usage=False)["stream_options"] == {"include_usage": True}


def test_words_calls_and_pictures_of_results_all_arrive():
    picture = ToolResult(call_id="a", parts=(PICTURE,))
    failed = ToolResult(call_id="b", parts=(Text(text="No such town"),), is_error=True)
    told = turns(*HELLO, said(Text(text="Let me look."), CALL), user(picture, failed, Text(text="Go on.")))
    assert told[1:] == [
        {
            "role": "assistant",
            "content": "Let me look.",
            "tool_calls": [{"id": "a", "type": "function", "function": {"name": "look", "arguments": "{}"}}],
        },
        {"role": "tool", "tool_call_id": "a", "content": "(see the next message)"},
        {"role": "tool", "tool_call_id": "b", "content": "Error: No such town"},
        {"role": "user", "content": [PICTURE_PART, {"type": "text", "text": "Go on."}]},
    ]


def test_document_of_text_in_a_result_is_words():
    file = File(media=Media(media_type="text/csv", data="YSxi"), name="a.csv")
    told = turns(*HELLO, said(CALL), user(ToolResult(call_id="a", parts=(Text(text="See"), file))))
    assert told[-1]["content"] == 'See\n<document name="a.csv">\na,b\n</document>'


def test_result_that_says_error_itself_says_it_once():
    result = ToolResult(call_id="a", parts=(Text(text="error 404"),), is_error=True)
    assert turns(*HELLO, said(CALL), user(result))[-1]["content"] == "error 404"


def test_call_alone_has_no_words():
    assert turns(*HELLO, said(CALL))[1]["content"] is None


@pytest.mark.parametrize(
    ("model", "kept"),
    [("deepseek-chat", [None, "Second."]), ("gpt-4o", [None, None])],
)
def test_thoughts_go_back_to_those_who_want_them_in_the_midst_of_work(model, kept):
    told = turns(
        *HELLO,
        said(Thinking(text="First."), Text(text="Hi")),
        *HELLO,
        said(Thinking(text="Second."), CALL),
        user(ToolResult(call_id="a", parts=())),
        model=model,
    )
    assert [turn.get("reasoning_content") for turn in told if turn["role"] == "assistant"] == kept


@pytest.mark.parametrize(
    ("model", "role"), [("gpt-5", "developer"), ("gpt-4o", "developer"), ("deepseek-chat", "system")]
)
def test_instructions_of_a_developer_go_to_those_who_know_them(model, role):
    developer = Message(role="developer", parts=(Text(text="Be brief."),))
    assert turns(developer, *HELLO, model=model)[0] == {"role": role, "content": "Be brief."}


def test_instructions_are_words():
    parts = (Text(text="Be brief.", cache=CacheMark()), Text(text="In verse."))
    body, dropped = both(messages=(Message(role="system", parts=parts), *HELLO))
    assert body["messages"][0] == {"role": "system", "content": "Be brief.\n\nIn verse."}
    assert dropped == ("CacheMark",)


@pytest.mark.parametrize(
    ("part", "value"),
    [
        (PICTURE, PICTURE_PART),
        (
            Image(media=Media(url="https://e.org/a"), detail="low"),
            {"type": "image_url", "image_url": {"url": "https://e.org/a", "detail": "low"}},
        ),
        (
            Audio(media=Media(media_type="audio/mpeg", data="SUQz")),
            {"type": "input_audio", "input_audio": {"data": "SUQz", "format": "mp3"}},
        ),
        (
            Video(media=Media(url="https://e.org/a.mp4")),
            {"type": "video_url", "video_url": {"url": "https://e.org/a.mp4"}},
        ),
        (File(media=Media(media_type="image/png", data="iVBO"), name="a"), PICTURE_PART),
        (
            File(media=Media(media_type="application/pdf", data="JVBE")),
            {"type": "file", "file": {"filename": "document.pdf", "file_data": "data:application/pdf;base64,JVBE"}},
        ),
        (
            File(media=Media(media_type=DOCX, data="UEsD")),
            {"type": "file", "file": {"filename": "document.docx", "file_data": f"data:{DOCX};base64,UEsD"}},
        ),
        (
            File(media=Media(media_type=DOCX, data="UEsD"), name="mine", name_at_source="theirs.docx"),
            {"type": "file", "file": {"filename": "mine", "file_data": f"data:{DOCX};base64,UEsD"}},
        ),
        (
            File(media=Media(media_type="text/csv", data="YSxi"), name="a.csv"),
            {"type": "text", "text": '<document name="a.csv">\na,b\n</document>'},
        ),
    ],
)
def test_part_is_told(part, value):
    assert turns(user(Text(text="See"), part))[0]["content"] == [{"type": "text", "text": "See"}, value]


@pytest.mark.parametrize(
    "part",
    [
        Audio(media=Media(url="https://e.org/a.wav", media_type="audio/wav")),
        Audio(media=Media(media_type="audio/midi", data="TVRo")),
        Image(media=Media(file_id="file_1")),
        File(media=Media(file_id="file_1")),
    ],
)
def test_what_can_not_be_told_is_refused(part):
    with pytest.raises(InvalidRequestError) as refused:
        sent(messages=(user(part),), words={type(part).__name__: "messages[].content[]"})
    assert refused.value.field == "messages[].content[]"


def test_what_only_another_wire_knows_is_named():
    assert both(messages=(*HELLO, said(Text(text="Hi"), Foreign(wire="claude", value={"type": "x"}))))[1] == (
        "Foreign (x)",
    )


@pytest.mark.parametrize(
    ("choice", "told"),
    [
        (ToolChoice(mode="auto"), "auto"),
        (ToolChoice(mode="none"), "none"),
        (ToolChoice(mode="any"), "required"),
        (ToolChoice(mode="named", name="look"), {"type": "function", "function": {"name": "look"}}),
    ],
)
def test_choice_of_tools_is_told(choice, told):
    assert sent(tools=(Tool(name="look"),), tool_choice=choice)["tool_choice"] == told


def test_nothing_is_said_of_tools_where_there_are_none():
    body, dropped = both(tool_choice=ToolChoice(mode="any"), parallel_tool_calls=False)
    assert (body.keys(), dropped) == ({"model", "messages"}, ("tool_choice",))


@pytest.mark.parametrize(
    ("form", "told"),
    [
        (ResponseForm(kind="json"), {"type": "json_object"}),
        (ResponseForm(kind="text"), {"type": "text"}),
        (
            ResponseForm(kind="schema", schema={}),
            {"type": "json_schema", "json_schema": {"name": "answer", "schema": {}}},
        ),
        (
            ResponseForm(kind="schema", name="town", description="A town", schema={}, is_strict=True),
            {
                "type": "json_schema",
                "json_schema": {"name": "town", "description": "A town", "schema": {}, "strict": True},
            },
        ),
    ],
)
def test_form_of_the_answer_is_told(form, told):
    assert sent(response_form=form)["response_format"] == told


def test_long_name_of_a_user_is_told_by_its_hash():
    assert sent(user="u-1")["user"] == "u-1"
    first, second = (sent(user=f"user_{'0' * 64}_{number}")["user"] for number in (1, 2))
    assert (len(first), first == second) == (64, False)


@pytest.mark.parametrize(
    ("part", "takes"),
    [(PICTURE, True), (Video(media=Media()), True), (File(media=Media()), False), (Audio(media=Media()), False)],
)
def test_address_is_left_to_the_upstream_where_it_reads_it(part, takes):
    assert OpenAIWire().takes(part, part.media) is takes
