"""The upstream by the official Anthropic client."""

import anthropic
import pytest

from tests.upstream.claude import seal
from tests.upstream.handle import RunningUpstream

MODEL = "claude-sonnet-5-5"
WEATHER = {"name": "weather", "input_schema": {"type": "object", "properties": {"town": {"type": "string"}}}}
PDF = {"type": "document", "source": {"type": "base64", "media_type": "application/pdf", "data": "JVBERi0="}}
CALL = {"type": "tool_use", "id": "toolu_1", "name": "weather", "input": {}}
RESULT = {"type": "tool_result", "tool_use_id": "toolu_1", "content": "12 degrees"}


@pytest.fixture
def client(upstream: RunningUpstream):
    with anthropic.Anthropic(base_url=upstream.url, api_key="sk-test", max_retries=0) as client:
        yield client


def form(text: str = "Hi", **more) -> dict:
    return {"model": MODEL, "max_tokens": 4096, "messages": [{"role": "user", "content": text}], **more}


def test_message_echoes_and_counts(client):
    done = client.messages.create(**form("cached 1", system="Be brief."))
    assert done.content[0].text == "You said: cached 1 (told: Be brief.)"
    assert (done.usage.input_tokens, done.usage.cache_read_input_tokens, done.usage.output_tokens) == (4, 1, 7)
    assert client.messages.count_tokens(model=MODEL, messages=[{"role": "user", "content": "a b"}]).input_tokens == 3


def test_stream_is_what_the_whole_reply_is(client):
    wish = form(
        'call weather {"town": "Oslo"} and call weather',
        tools=[WEATHER],
        thinking={"type": "enabled", "budget_tokens": 1024},
    )
    whole = client.messages.create(**wish)
    with client.messages.stream(**wish) as stream:
        streamed = stream.get_final_message()
    assert [block.type for block in whole.content] == ["thinking", "text", "tool_use", "tool_use"]
    assert [block.model_dump(exclude_none=True) for block in streamed.content] == [
        block.model_dump(exclude_none=True) for block in whole.content
    ]
    assert (streamed.stop_reason, streamed.usage.output_tokens) == ("tool_use", whole.usage.output_tokens)


def test_files_and_results_of_tools_arrive(client):
    turn = {"role": "user", "content": [PDF, {"type": "text", "text": "Read"}]}
    assert client.messages.create(**form(messages=[turn])).content[0].text == (
        "You said: Read [document application/pdf JVBERi0=]"
    )
    turns = [
        {"role": "user", "content": "How warm?"},
        {"role": "assistant", "content": [CALL]},
        {"role": "user", "content": [{**RESULT, "is_error": True}]},
    ]
    assert client.messages.create(**form(messages=turns, tools=[WEATHER])).content[0].text == (
        "The tools said: failed: 12 degrees"
    )


@pytest.mark.parametrize(
    ("wish", "text", "stop"),
    [
        (form("count to 9", max_tokens=3), "1 2 3", "max_tokens"),
        (form("count to 9", stop_sequences=["4"]), "1 2 3 ", "stop_sequence"),
        (form("please refuse"), "I will not do that.", "refusal"),
    ],
)
def test_wishes_are_heeded(client, wish, text, stop):
    done = client.messages.create(**wish)
    assert (done.content[0].text, done.stop_reason) == (text, stop)


def turns(*contents) -> list[dict]:
    return [{"role": ("user", "assistant")[n % 2], "content": content} for n, content in enumerate(contents)]


@pytest.mark.parametrize(
    "changes",
    [
        {"max_tokens": None},
        {"temperature": 1.5},
        {"messages": [{"role": "system", "content": "Hi"}]},
        {"messages": [{"role": "assistant", "content": "Hi"}]},
        {"messages": turns([{"type": "text", "text": ""}])},
        {"messages": turns("Hi", [CALL], "12")},
        {"messages": turns([RESULT])},
        {"messages": turns("Hi", [CALL], [{"type": "text", "text": "so"}, RESULT])},
        {"messages": turns("Hi", [{"type": "thinking", "thinking": "Hm", "signature": "mine"}], "so")},
        {"tools": [{"type": "function", "function": {"name": "weather"}}]},
        {"tools": [{"name": "weather", "input_schema": {}}]},
        {"tool_choice": {"type": "any"}},
        {"thinking": {"type": "enabled", "budget_tokens": 5000}},
        {"stop": ["x"]},
    ],
)
def test_what_is_no_claude_request_is_refused(client, changes):
    body = {name: value for name, value in {**form(), **changes}.items() if value is not None}
    with pytest.raises(anthropic.BadRequestError) as error:
        client.post("/v1/messages", body=body, cast_to=object)
    assert error.value.body["error"]["type"] == "invalid_request_error"


def test_sealed_thoughts_are_taken_back(client):
    thought = {"type": "thinking", "thinking": "Hm", "signature": seal("Hm")}
    done = client.messages.create(**form(messages=turns("Hi", [thought, {"type": "text", "text": "Ah"}], "And?")))
    assert done.content[0].text == "You said: And?"


def test_errors_in_the_midst_of_a_stream(client):
    stream = client.messages.create(**form(model="claude-sonnet-5-5!error_after=3"), stream=True)
    with pytest.raises(anthropic.APIStatusError, match="overloaded"):
        list(stream)
    with pytest.raises(anthropic.InternalServerError) as error:
        client.messages.create(**form(model="claude-sonnet-5-5!status=529"))
    assert error.value.body["error"]["type"] == "overloaded_error"


def test_models(client):
    assert MODEL in [model.id for model in client.models.list()]
    assert client.models.retrieve(MODEL).type == "model"
