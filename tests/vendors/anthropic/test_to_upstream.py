"""Requests to Claude upstreams: what the models take, and what they would refuse."""

from typing import Any

import msgspec
import pytest

from tests.upstream.forms.claude import MessagesRequest
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
from tutti.vendors.anthropic.models import traits_of
from tutti.vendors.anthropic.wire import AnthropicWire

SONNET_37 = "claude-3-7-sonnet-20250219"
OPUS_46, OPUS_48, OPUS_5 = "claude-opus-4-6", "claude-opus-4-8", "claude-opus-5"
LOOK = Tool(name="look")
HELLO = (Message(role="user", parts=(Text(text="Hello"),)),)


def sent(model: str = SONNET_37, **fields: Any) -> dict[str, Any]:
    return both(model, **fields)[0]


def both(model: str = SONNET_37, **fields: Any) -> tuple[dict[str, Any], tuple[str, ...]]:
    """The body, which has the form of its wire, and the names of what was dropped."""
    written = AnthropicWire().to_upstream(Chat(**{"model": model, "messages": HELLO, **fields}))
    msgspec.json.decode(written.body, type=MessagesRequest)
    return msgspec.json.decode(written.body), written.dropped


def user(*parts: Part) -> Message:
    return Message(role="user", parts=parts)


def said(*parts: Part) -> Message:
    return Message(role="assistant", parts=parts)


@pytest.mark.parametrize(
    ("model", "thinks", "has_sampling", "takes_both", "limit"),
    [
        ("claude-3-opus-20240229", "never", True, True, 4096),
        ("claude-3-5-sonnet-20240620", "never", True, True, 8192),
        (SONNET_37, "budget", True, True, 8192),
        ("claude-sonnet-4-20250514", "budget", True, True, 8192),
        ("claude-opus-4-0", "budget", True, True, 8192),
        ("claude-opus-4-1-20250805", "budget", True, False, 8192),
        ("claude-haiku-4-5", "budget", True, False, 8192),
        ("anthropic/claude-opus-4.6", "adaptive", True, False, 8192),
        (OPUS_48, "adaptive", False, True, 8192),
        ("claude-sonnet-5", "adaptive", False, True, 8192),
        ("kimi-k2", "budget", True, True, 8192),
    ],
)
def test_model_is_known_by_its_name(model, thinks, has_sampling, takes_both, limit):
    traits = traits_of(model)
    assert (traits.thinks, traits.has_sampling, traits.takes_both) == (thinks, has_sampling, takes_both)
    assert sent(model)["max_tokens"] == limit


@pytest.mark.parametrize(
    ("model", "reasoning", "max_tokens", "fields", "dropped"),
    [
        (
            SONNET_37,
            Reasoning(effort="medium"),
            None,
            {"max_tokens": 16384, "thinking": {"type": "enabled", "budget_tokens": 8192}},
            (),
        ),
        (
            SONNET_37,
            Reasoning(effort="high"),
            None,
            {"max_tokens": 32000, "thinking": {"type": "enabled", "budget_tokens": 24576}},
            (),
        ),
        (
            SONNET_37,
            Reasoning(effort="high"),
            4000,
            {"max_tokens": 4000, "thinking": {"type": "enabled", "budget_tokens": 3200}},
            (),
        ),
        (
            SONNET_37,
            Reasoning(budget_tokens=3999),
            4000,
            {"max_tokens": 4000, "thinking": {"type": "enabled", "budget_tokens": 3999}},
            (),
        ),
        (
            SONNET_37,
            Reasoning(budget_tokens=9000),
            4000,
            {"max_tokens": 4000, "thinking": {"type": "enabled", "budget_tokens": 3200}},
            (),
        ),
        (
            SONNET_37,
            Reasoning(budget_tokens=100),
            4000,
            {"max_tokens": 4000, "thinking": {"type": "enabled", "budget_tokens": 1024}},
            (),
        ),
        (SONNET_37, Reasoning(effort="low"), 1000, {"max_tokens": 1000}, ("reasoning (max_tokens too small)",)),
        (SONNET_37, Reasoning(is_on=False), 9, {"max_tokens": 9, "thinking": {"type": "disabled"}}, ()),
        ("claude-3-opus", Reasoning(effort="low"), 9, {"max_tokens": 9}, ("reasoning",)),
        ("claude-3-opus", Reasoning(is_on=False), 9, {"max_tokens": 9}, ()),
        (
            OPUS_46,
            Reasoning(effort="low"),
            9,
            {"max_tokens": 9, "thinking": {"type": "adaptive"}, "output_config": {"effort": "low"}},
            (),
        ),
        (
            OPUS_46,
            Reasoning(effort="xhigh"),
            9,
            {"max_tokens": 9, "thinking": {"type": "adaptive"}, "output_config": {"effort": "high"}},
            (),
        ),
        (
            OPUS_48,
            Reasoning(effort="xhigh"),
            9,
            {"max_tokens": 9, "thinking": {"type": "adaptive"}, "output_config": {"effort": "xhigh"}},
            (),
        ),
        (
            OPUS_48,
            Reasoning(effort="minimal"),
            9,
            {"max_tokens": 9, "thinking": {"type": "adaptive"}, "output_config": {"effort": "low"}},
            (),
        ),
        (
            OPUS_48,
            Reasoning(is_on=True, budget_tokens=5000),
            9,
            {"max_tokens": 9, "thinking": {"type": "adaptive"}, "output_config": {"effort": "medium"}},
            (),
        ),
        (
            OPUS_48,
            Reasoning(is_on=True, told="auto"),
            9,
            {"max_tokens": 9, "thinking": {"type": "adaptive", "display": "summarized"}},
            (),
        ),
        (OPUS_48, Reasoning(is_on=False), 9, {"max_tokens": 9}, ()),
        (
            OPUS_5,
            Reasoning(is_on=False, effort="low"),
            9,
            {"max_tokens": 9, "thinking": {"type": "disabled"}, "output_config": {"effort": "low"}},
            (),
        ),
    ],
)
def test_thinking_is_asked_for_as_the_model_takes_it(model, reasoning, max_tokens, fields, dropped):
    body, names = both(model, reasoning=reasoning, max_tokens=max_tokens)
    assert {name: body[name] for name in body.keys() - {"model", "messages"}} == fields
    assert names == dropped


@pytest.mark.parametrize(
    ("name", "reasoning", "model", "thinking"),
    [
        (f"{SONNET_37}-thinking", None, SONNET_37, {"type": "enabled", "budget_tokens": 3200}),
        (f"{SONNET_37}-thinking", Reasoning(is_on=False), SONNET_37, {"type": "disabled"}),
        (f"{OPUS_5}-thinking", None, OPUS_5, {"type": "adaptive"}),
        ("kimi-k2-thinking", None, "kimi-k2-thinking", None),
    ],
)
def test_name_that_asks_for_thinking_is_understood(name, reasoning, model, thinking):
    body = sent(name, reasoning=reasoning, max_tokens=4000)
    assert (body["model"], body.get("thinking")) == (model, thinking)


def test_thinking_is_left_out_where_a_tool_is_forced():
    body, dropped = both(reasoning=Reasoning(effort="low"), tools=(LOOK,), tool_choice=ToolChoice(mode="any"))
    assert "thinking" not in body
    assert dropped == ("reasoning (tool_choice forces a tool)",)


@pytest.mark.parametrize(
    ("thought", "thinks"),
    [
        ((), False),
        ((Thinking(text="Hm."),), False),
        ((Thinking(text="Hm.", signature="gemini:QUJD"),), False),
        ((Thinking(text="Hm.", signature="c2VhbA=="),), True),
        ((Thinking(sealed="aGlk"),), True),
    ],
)
def test_thinking_goes_on_only_after_a_call_with_sealed_thoughts(thought, thinks):
    turns = (
        *HELLO,
        said(*thought, ToolCall(id="a", name="look", arguments="{}")),
        user(ToolResult(call_id="a", parts=())),
    )
    assert ("thinking" in sent(messages=turns, reasoning=Reasoning(effort="low"), tools=(LOOK,))) is thinks


@pytest.mark.parametrize(
    ("model", "asked", "fields", "dropped"),
    [
        (
            SONNET_37,
            {"temperature": 1.5, "top_p": 0.5, "top_k": 4},
            {"temperature": 1.0, "top_p": 0.5, "top_k": 4},
            ("temperature (clamped)",),
        ),
        (SONNET_37, {"temperature": -1.0}, {"temperature": 0.0}, ("temperature (clamped)",)),
        ("claude-opus-4-1", {"temperature": 0.5, "top_p": 0.5}, {"temperature": 0.5}, ("top_p",)),
        ("claude-opus-4-1", {"top_p": 0.5}, {"top_p": 0.5}, ()),
        (OPUS_48, {"temperature": 0.5, "top_p": 0.5, "top_k": 4}, {}, ("temperature", "top_p", "top_k")),
        (OPUS_48, {"temperature": 1.0}, {}, ()),
        (
            SONNET_37,
            {"temperature": 0.5, "max_tokens": 4000, "reasoning": Reasoning(effort="low")},
            {},
            ("temperature",),
        ),
    ],
)
def test_sampling_is_asked_for_as_the_model_takes_it(model, asked, fields, dropped):
    body, names = both(model, **asked)
    assert {name: value for name, value in body.items() if name in {"temperature", "top_p", "top_k"}} == fields
    assert names == dropped


@pytest.mark.parametrize(
    ("messages", "turns"),
    [
        # Only instructions; a beginning by the model; an end with a space; empty words; names.
        ((Message(role="system", parts=(Text(text="Be brief."),)),), [("user", "...")]),
        ((said(Text(text="Hi")), *HELLO), [("user", "..."), ("assistant", "Hi"), ("user", "Hello")]),
        ((*HELLO, said(Text(text="Once upon "))), [("user", "Hello"), ("assistant", "Once upon")]),
        ((*HELLO, said(Text(text=""))), [("user", "Hello")]),
        ((*HELLO, said(Text(text=" \n"))), [("user", "Hello"), ("assistant", "...")]),
    ],
)
def test_conversation_becomes_one_that_claude_takes(messages, turns):
    assert [(turn["role"], turn["content"]) for turn in sent(messages=messages)["messages"]] == turns


def test_results_stand_first_in_the_turn_after_their_calls():
    turns = (
        *HELLO,
        said(ToolCall(id="a", name="look", arguments="{}"), ToolCall(id="b", name="look", arguments="{}")),
        user(ToolResult(call_id="a", parts=(Text(text="4"),))),
        user(Text(text="Hurry.")),
        user(ToolResult(call_id="b", parts=(Text(text="5"),), is_error=True)),
    )
    assert sent(messages=turns)["messages"][-1]["content"] == [
        {"type": "tool_result", "tool_use_id": "a", "content": "4"},
        {"type": "tool_result", "tool_use_id": "b", "content": "5", "is_error": True},
        {"type": "text", "text": "Hurry."},
    ]


def test_result_may_hold_pictures_and_documents():
    picture = Image(media=Media(media_type="image/png", data="iVBO"))
    document = File(media=Media(media_type="text/plain"), text="x", name="Notes")
    turns = (
        *HELLO,
        said(ToolCall(id="a", name="look", arguments="{}")),
        user(ToolResult(call_id="a", parts=(picture, document))),
    )
    (result,) = sent(messages=turns)["messages"][-1]["content"]
    assert [block["type"] for block in result["content"]] == ["image", "document"]


def test_file_that_turns_out_a_picture_is_one():
    file = File(media=Media(media_type="image/png", data="iVBO"), name="a")
    (block,) = sent(messages=(user(file),))["messages"][0]["content"]
    assert block == {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "iVBO"}}


def test_ids_of_other_wires_fit_on_both_sides():
    turns = (
        *HELLO,
        said(ToolCall(id="call:1.x", name="f", arguments="{}")),
        user(ToolResult(call_id="call:1.x", parts=())),
    )
    told = sent(messages=turns)["messages"]
    assert (told[1]["content"][0]["id"], told[2]["content"][0]["tool_use_id"]) == ("call_1_x", "call_1_x")


@pytest.mark.parametrize(
    "part",
    [
        Audio(media=Media(media_type="audio/wav", data="UklG")),
        Video(media=Media(url="https://e.org/a.mp4")),
        Image(media=Media(media_type="image/tiff", data="SUkq")),
        Image(media=Media(file_id="file-1")),
        File(media=Media(media_type="application/msword", data="0M8R")),
        File(media=Media(file_id="file-1")),
    ],
    ids=lambda part: type(part).__name__,
)
def test_what_claude_can_not_take_is_refused(part):
    with pytest.raises(InvalidRequestError) as refused:
        sent(messages=(user(part),), words={type(part).__name__: "messages[].content[]"})
    assert refused.value.field == "messages[].content[]"


def test_what_only_another_wire_knows_is_named():
    tools = (
        ServerTool(wire="openai", value={"type": "custom"}),
        ServerTool(wire="claude", value={"type": "bash_20250124", "name": "bash"}),
    )
    body, dropped = both(messages=(user(Text(text="Hi"), Foreign(wire="gemini", value={"type": "x"})),), tools=tools)
    assert body["tools"] == [{"type": "bash_20250124", "name": "bash"}]
    assert dropped == ("Foreign (x)", "ServerTool (custom)")


def test_choice_without_tools_is_left_out():
    body, dropped = both(tool_choice=ToolChoice(mode="any"), parallel_tool_calls=False)
    assert body.keys() == {"model", "max_tokens", "messages"}
    assert dropped == ("tool_choice",)


def test_tools_that_may_not_be_called_stay_known():
    body = sent(tools=(LOOK,), tool_choice=ToolChoice(mode="none"), parallel_tool_calls=False)
    assert body["tool_choice"] == {"type": "none"}


def test_form_of_the_answer_and_effort_share_their_field():
    form = ResponseForm(kind="schema", schema={"type": "object"})
    config = sent(OPUS_48, response_form=form, reasoning=Reasoning(effort="high"))["output_config"]
    assert config == {"effort": "high", "format": {"type": "json_schema", "schema": {"type": "object"}}}


def test_fields_of_the_same_wire_are_kept():
    body, dropped = both(wire="claude", extra={"container": "c"})
    assert (body["container"], dropped) == ("c", ())
    _, dropped = both(wire="gemini", extra={"cachedContent": "c"})
    assert dropped == ("cachedContent",)


@pytest.mark.parametrize(
    ("part", "takes"),
    [
        (Image(media=Media(url="https://e.org/a")), True),
        (File(media=Media(url="https://e.org/a", media_type="application/pdf")), True),
        (File(media=Media(url="https://e.org/a")), True),
        (File(media=Media(url="https://e.org/a", media_type="text/csv")), False),
        (Audio(media=Media(url="https://e.org/a")), False),
    ],
)
def test_address_is_left_to_claude_where_it_reads_it(part, takes):
    assert AnthropicWire().takes(part, part.media) is takes
