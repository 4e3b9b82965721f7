"""The upstream by the official OpenAI client: chat, completions, responses, vectors, media."""

import pytest
from openai import APIConnectionError, APIStatusError, BadRequestError, NotFoundError, OpenAI, RateLimitError

from tests.upstream.handle import RunningUpstream

MODEL = "gpt-4o"
WEATHER = {
    "type": "function",
    "function": {"name": "weather", "parameters": {"type": "object", "properties": {"town": {"type": "string"}}}},
}
PICTURE = {"type": "image_url", "image_url": {"url": "https://files.example.org/cat.png"}}


@pytest.fixture
def client(upstream: RunningUpstream):
    with OpenAI(base_url=f"{upstream.url}/v1", api_key="sk-test", max_retries=0) as client:
        yield client


def say(text: str) -> list[dict]:
    return [{"role": "user", "content": text}]


def test_chat_echoes_and_counts(client):
    done = client.chat.completions.create(
        model=MODEL, messages=[{"role": "system", "content": "Be brief."}, *say("Hi")]
    )
    assert done.choices[0].message.content == "You said: Hi (told: Be brief.)"
    assert done.choices[0].finish_reason == "stop"
    assert (done.usage.prompt_tokens, done.usage.completion_tokens, done.usage.total_tokens) == (5, 6, 11)


def test_chat_stream_is_what_the_whole_reply_is(client):
    form = {"model": MODEL, "messages": say('call weather {"town": "Oslo"} and call weather'), "tools": [WEATHER]}
    whole = client.chat.completions.create(**form)
    with client.chat.completions.stream(**form, stream_options={"include_usage": True}) as stream:
        streamed = stream.get_final_completion()
    message, other = whole.choices[0].message, streamed.choices[0].message
    assert [call.function.arguments for call in message.tool_calls] == ['{"town": "Oslo"}', "{}"]
    assert [(call.id, call.function.arguments) for call in other.tool_calls] == [
        (call.id, call.function.arguments) for call in message.tool_calls
    ]
    assert (other.content, streamed.usage) == (message.content, whole.usage)
    assert streamed.choices[0].finish_reason == "tool_calls"


def test_chat_takes_results_of_tools(client):
    call = {"id": "call_1", "type": "function", "function": {"name": "weather", "arguments": "{}"}}
    turns = [
        *say("How warm?"),
        {"role": "assistant", "content": None, "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "call_1", "content": "12 degrees"},
    ]
    done = client.chat.completions.create(model=MODEL, messages=turns, tools=[WEATHER])
    assert done.choices[0].message.content == "The tools said: 12 degrees"


@pytest.mark.parametrize(
    ("wish", "text", "finish"),
    [
        ({"messages": say("count to 9"), "max_completion_tokens": 3}, "1 2 3", "length"),
        ({"messages": say("count to 9"), "stop": ["4"]}, "1 2 3 ", "stop"),
        ({"messages": say("Hi"), "response_format": {"type": "json_object"}}, '{"said": "Hi"}', "stop"),
        ({"messages": [{"role": "user", "content": [PICTURE]}]}, None, "stop"),
        ({"messages": say("please refuse")}, None, "content_filter"),
    ],
)
def test_chat_heeds_wishes(client, wish, text, finish):
    choice = client.chat.completions.create(model=MODEL, **wish).choices[0]
    if text is not None:
        assert choice.message.content == text
    assert choice.finish_reason == finish


def test_chat_thinks_when_asked(client):
    done = client.chat.completions.create(model=MODEL, messages=say("Hi"), reasoning_effort="low")
    assert done.choices[0].message.reasoning_content == "They said: Hi"
    assert done.usage.completion_tokens_details.reasoning_tokens == 3


def test_chat_tells_of_pictures(client):
    turn = {"role": "user", "content": [{"type": "text", "text": "Look"}, PICTURE]}
    done = client.chat.completions.create(model=MODEL, messages=[turn])
    assert done.choices[0].message.content == "You said: Look [image https://files.example.org/cat.png auto]"


@pytest.mark.parametrize(
    "form",
    [
        {"messages": []},
        {"messages": [{"role": "user", "content": "Hi", "colour": "red"}]},
        {"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "nowhere"}}]}]},
        {"messages": [{"role": "user", "content": [{"type": "input_text", "text": "Hi"}]}]},
        {"messages": [{"role": "tool", "tool_call_id": "call_1", "content": "12"}]},
        {"messages": say("Hi"), "tools": [{"name": "weather", "input_schema": {}}]},
        {"messages": say("Hi"), "tool_choice": "required"},
        {"messages": say("Hi"), "max_tokens": "ten"},
        {"messages": say("Hi"), "stop_sequences": ["x"]},
        {"messages": say("Hi"), "stream_options": {"include_usage": True}},
    ],
)
def test_chat_that_is_no_openai_request_is_refused(client, form):
    with pytest.raises(BadRequestError) as error:
        client.post("/chat/completions", body={"model": MODEL, **form}, cast_to=object)
    assert error.value.body["type"] == "invalid_request_error"


def test_fields_of_tomorrow_are_taken_and_seen(client, upstream):
    client.chat.completions.create(model=MODEL, messages=say("Hi"), extra_body={"x_future": {"a": 1}})
    [seen] = upstream.seen(path="/chat/completions")
    assert (seen["json"]["x_future"], seen["key"], seen["wire"]) == ({"a": 1}, "sk-test", "openai")


def test_completions_and_models(client):
    done = client.completions.create(model=MODEL, prompt="Hi")
    assert done.choices[0].text == "You said: Hi"
    words = [chunk.choices[0].text for chunk in client.completions.create(model=MODEL, prompt="Hi", stream=True)]
    assert "".join(words) == "You said: Hi"
    assert MODEL in [model.id for model in client.models.list()]
    assert client.models.retrieve(MODEL).id == MODEL
    with pytest.raises(NotFoundError):
        client.models.retrieve("nobody")


def test_responses_are_streamed_stored_and_gone_on_from(client):
    tool = {"type": "function", "name": "weather", "parameters": {"type": "object", "properties": {}}, "strict": False}
    form = {
        "model": MODEL,
        "input": "call weather {}",
        "tools": [tool],
        "reasoning": {"effort": "low", "summary": "auto"},
    }
    whole = client.responses.create(**form)
    with client.responses.stream(**form) as stream:
        streamed = stream.get_final_response()
    assert [item.type for item in whole.output] == ["reasoning", "message", "function_call"]
    assert (streamed.output_text, streamed.usage) == (whole.output_text, whole.usage)
    assert streamed.output[0].to_dict() == whole.output[0].to_dict()
    assert streamed.output[2].arguments == whole.output[2].arguments
    output = {"type": "function_call_output", "call_id": whole.output[2].call_id, "output": "12 degrees"}
    after = client.responses.create(model=MODEL, input=[output], previous_response_id=whole.id)
    assert after.output_text == "The tools said: 12 degrees"
    assert client.responses.retrieve(after.id).output_text == after.output_text
    assert len(client.responses.input_items.list(after.id).data) == 5
    client.responses.delete(after.id)
    with pytest.raises(NotFoundError):
        client.responses.retrieve(after.id)
    assert client.responses.input_tokens.count(model=MODEL, input="one two").input_tokens == 4


@pytest.mark.parametrize(
    "form",
    [
        {"input": [{"role": "assistant", "content": [{"type": "input_text", "text": "Hi"}]}]},
        {"input": [{"role": "user", "content": [{"type": "text", "text": "Hi"}]}]},
        {"input": [{"type": "function_call_output", "call_id": "call_1", "output": "12"}]},
        {"input": "Hi", "tools": [{"type": "function", "function": {"name": "weather"}}]},
        {"input": "Hi", "max_tokens": 5},
    ],
)
def test_what_is_no_responses_request_is_refused(client, form):
    with pytest.raises(BadRequestError):
        client.post("/responses", body={"model": MODEL, **form}, cast_to=object)


def test_vectors(client):
    one = client.embeddings.create(model="text-embedding-3-small", input=["a", "b"])
    other = client.embeddings.create(model="text-embedding-3-small", input="b", encoding_format="float")
    assert [row.index for row in one.data] == [0, 1]
    assert one.data[1].embedding == pytest.approx(other.data[0].embedding, abs=1e-6)
    assert client.moderations.create(input="an attack at dawn").results[0].categories.violence
    form = {"model": "bge", "query": "what is tea", "documents": ["a stone", "tea is a plant"], "top_n": 1}
    assert client.post("/rerank", body=form, cast_to=object)["results"][0]["index"] == 1


def test_media(client):
    assert client.audio.speech.create(model="tts-1", input="Hello", voice="alloy").read() == b"ID3Hello"
    heard = client.audio.transcriptions.create(model="whisper-1", file=("a.mp3", b"12345"))
    assert heard.text == "A file of 5 bytes."
    assert client.images.generate(model="gpt-image-1", prompt="a cat", n=2).data[1].b64_json


def test_faults_of_a_model_s_name(client):
    with pytest.raises(RateLimitError) as error:
        client.chat.completions.create(model="gpt-4o!status=429,retry_after=7", messages=say("Hi"))
    assert error.value.response.headers["retry-after"] == "7"
    with pytest.raises(APIConnectionError):
        list(client.chat.completions.create(model="gpt-4o!cut_after=2", messages=say("Hi"), stream=True))
    done = client.chat.completions.create(model="gpt-4o!no_usage", messages=say("Hi"))
    assert done.usage is None
    with pytest.raises(ValueError, match=r"JSON|Expecting|Unterminated"):
        client.chat.completions.create(model="gpt-4o!half_json", messages=say("Hi"))


def test_faults_that_are_set_end_after_their_times(client, upstream):
    upstream.set_fault(status=401, key="sk-test", times=1)
    with pytest.raises(APIStatusError) as error:
        client.chat.completions.create(model=MODEL, messages=say("Hi"))
    assert error.value.status_code == 401
    assert client.chat.completions.create(model=MODEL, messages=say("Hi")).choices
