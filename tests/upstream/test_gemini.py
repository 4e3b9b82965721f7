"""The upstream by the official Google client."""

import pytest
from google import genai
from google.genai import errors, types

from tests.upstream.handle import RunningUpstream

MODEL = "gemini-2.5-flash"
TOOL = types.Tool(
    function_declarations=[
        types.FunctionDeclaration(
            name="weather", parameters={"type": "OBJECT", "properties": {"town": {"type": "STRING"}}}
        )
    ]
)
QUIET = types.AutomaticFunctionCallingConfig(disable=True)


@pytest.fixture
def client(upstream: RunningUpstream):
    with genai.Client(api_key="key", http_options=types.HttpOptions(base_url=upstream.url)) as client:
        yield client


def test_content_echoes_and_counts(client):
    config = types.GenerateContentConfig(
        system_instruction="Be brief.", thinking_config=types.ThinkingConfig(include_thoughts=True)
    )
    done = client.models.generate_content(model=MODEL, contents="cached 2", config=config)
    assert done.text == "You said: cached 2 (told: Be brief.)"
    usage = done.usage_metadata
    assert (usage.prompt_token_count, usage.cached_content_token_count) == (6, 2)
    assert (usage.candidates_token_count, usage.thoughts_token_count, usage.total_token_count) == (7, 4, 17)
    assert done.candidates[0].content.parts[0].thought


def test_stream_is_what_the_whole_reply_is(client):
    config = types.GenerateContentConfig(tools=[TOOL], automatic_function_calling=QUIET)
    said = 'call weather {"town": "Oslo"} and call weather'
    whole = client.models.generate_content(model=MODEL, contents=said, config=config)
    chunks = list(client.models.generate_content_stream(model=MODEL, contents=said, config=config))
    calls = [part.function_call for chunk in chunks for part in chunk.candidates[0].content.parts if part.function_call]
    assert [call.args for call in calls] == [call.args for call in whole.function_calls] == [{"town": "Oslo"}, {}]
    assert chunks[-1].candidates[0].finish_reason == whole.candidates[0].finish_reason
    assert chunks[-1].usage_metadata.total_token_count == whole.usage_metadata.total_token_count


def test_files_and_results_of_tools_arrive(client):
    picture = types.Part.from_bytes(data=b"123", mime_type="image/png")
    done = client.models.generate_content(model=MODEL, contents=[picture, "Look"])
    assert done.text == "You said: Look [image/png MTIz]"
    contents = [
        types.Content(role="user", parts=[types.Part.from_text(text="How warm?")]),
        types.Content(role="model", parts=[types.Part.from_function_call(name="weather", args={})]),
        types.Content(role="user", parts=[types.Part.from_function_response(name="weather", response={"c": 12})]),
    ]
    done = client.models.generate_content(model=MODEL, contents=contents)
    assert done.text == 'The tools said: {"c":12}'


@pytest.mark.parametrize(
    ("config", "text", "finish"),
    [
        ({"max_output_tokens": 3}, "1 2 3", "MAX_TOKENS"),
        ({"stop_sequences": ["4"]}, "1 2 3 ", "STOP"),
        ({"response_mime_type": "application/json"}, '{"said": "count to 9"}', "STOP"),
    ],
)
def test_wishes_are_heeded(client, config, text, finish):
    done = client.models.generate_content(model=MODEL, contents="count to 9", config=config)
    assert (done.text, done.candidates[0].finish_reason) == (text, finish)


def parts(*parts, role="user") -> dict:
    return {"role": role, "parts": list(parts)}


CALL = parts({"functionCall": {"name": "weather", "args": {}}}, role="model")


@pytest.mark.parametrize(
    "changes",
    [
        {"contents": []},
        {"contents": [{"role": "assistant", "parts": [{"text": "Hi"}]}]},
        {"contents": [parts({"text": "Hi", "inlineData": {"mimeType": "image/png", "data": "MTIz"}})]},
        {"contents": [CALL, parts({"text": "Hi"})]},
        {"contents": [parts({"functionResponse": {"name": "weather", "response": {}}})]},
        {"messages": [{"role": "user", "content": "Hi"}]},
        {"generationConfig": {"maxTokens": 3}},
        {"generationConfig": {"responseSchema": {"type": "OBJECT"}}},
        {"tools": [{"functionDeclarations": [{"name": "w", "parameters": {"type": "object", "$schema": "x"}}]}]},
        {"toolConfig": {"functionCallingConfig": {"mode": "ANY", "allowedFunctionNames": ["nobody"]}}},
        {"safetySettings": [{"category": "ANY", "threshold": "OFF"}]},
    ],
)
def test_what_is_no_gemini_request_is_refused(client, changes):
    body = {"contents": [parts({"text": "Hi"})], **changes}
    with pytest.raises(errors.ClientError) as error:
        client._api_client.request("post", f"models/{MODEL}:generateContent", body)
    assert (error.value.code, error.value.status) == (400, "INVALID_ARGUMENT")


def test_count_embed_and_models(client):
    assert client.models.count_tokens(model=MODEL, contents="a b").total_tokens == 3
    found = client.models.embed_content(model="gemini-embedding-001", contents=["a", "b"])
    assert [len(one.values) for one in found.embeddings] == [8, 8]
    assert client.models.get(model=MODEL).name == f"models/{MODEL}"
    assert f"models/{MODEL}" in [model.name for model in client.models.list()]


def test_snake_case_is_taken_and_a_schema_keeps_its_own_names(client, upstream):
    tool = {"name": "w", "parameters": {"type": "object", "properties": {"wind_speed": {"type": "number"}}}}
    body = {"contents": [{"parts": [{"text": "Hi"}]}], "tools": [{"function_declarations": [tool]}]}
    client._api_client.request("post", f"models/{MODEL}:generateContent", body)
    assert upstream.seen()[-1]["model"] == MODEL


def test_faults_in_the_name_of_a_model(client):
    with pytest.raises(errors.ServerError) as error:
        client.models.generate_content(model=f"{MODEL}!status=503", contents="Hi")
    assert error.value.status == "UNAVAILABLE"
    with pytest.raises(errors.APIError):
        list(client.models.generate_content_stream(model=f"{MODEL}!error_after=1", contents="Hi"))
