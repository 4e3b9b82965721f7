"""The vendors' own client libraries against a running server, over upstreams of each wire: words, streams, tools."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import anthropic
import openai
import pytest
from google import genai
from google.genai import types

from tests.flows.process import TuttiProcess
from tests.upstream.handle import RunningUpstream

# Type of channel -> the name that the test asks for, priced by the shipped tables.
CHANNELS = {"openai-compatible": "gpt-4o-mini", "anthropic": "claude-3-5-haiku-20241022", "gemini": "gemini-2.0-flash"}
SCHEMA = {"type": "object", "properties": {"town": {"type": "string"}}, "required": ["town"]}
CALL = 'call get_temperature {"town": "Oslo"}'


@pytest.fixture(params=sorted(CHANNELS))
def model(
    request: pytest.FixtureRequest, server: TuttiProcess, upstream: RunningUpstream, tmp_path: Path
) -> Iterator[str]:
    """A model of a channel of one type, with nothing charged before."""
    name = CHANNELS[request.param]
    key = tmp_path / "key"
    key.write_text("sk-upstream")
    address = ("--type", request.param, "--base-url", upstream.url, "--key-file", str(key))
    server.tutti("channels", "add", "sdk", *address, "--models", name)
    before = server.quota()
    yield name
    server.tutti("channels", "remove", "sdk")
    assert server.quota() < before


def test_openai_converses_streams_and_calls_tools(server: TuttiProcess, model: str) -> None:
    client = openai.OpenAI(base_url=f"{server.url}/v1/", api_key=server.first_key, max_retries=0)
    tools: Any = [{"type": "function", "function": {"name": "get_temperature", "parameters": SCHEMA}}]
    messages: list[Any] = [{"role": "user", "content": "hello there"}]
    whole = client.chat.completions.create(model=model, messages=messages)
    assert "hello there" in (whole.choices[0].message.content or "")
    assert whole.usage is not None
    assert whole.usage.total_tokens > 0
    with client.chat.completions.stream(model=model, messages=messages) as stream:
        told = stream.get_final_completion()
    assert told.choices[0].message.content == whole.choices[0].message.content
    messages = [{"role": "user", "content": CALL}]
    with client.chat.completions.stream(model=model, messages=messages, tools=tools) as stream:
        asked = stream.get_final_completion().choices[0]
    assert asked.finish_reason == "tool_calls"
    [call] = asked.message.tool_calls or []
    assert json.loads(call.function.arguments) == {"town": "Oslo"}
    again = {"id": call.id, "type": "function", "function": {"name": call.function.name, "arguments": "{}"}}
    messages += [
        {"role": "assistant", "content": None, "tool_calls": [again]},
        {"role": "tool", "tool_call_id": call.id, "content": "-3"},
    ]
    done = client.chat.completions.create(model=model, messages=messages, tools=tools)
    assert "-3" in (done.choices[0].message.content or "")


def test_anthropic_converses_streams_and_calls_tools(server: TuttiProcess, model: str) -> None:
    client = anthropic.Anthropic(base_url=server.url, api_key=server.first_key, max_retries=0)
    tools: Any = [{"name": "get_temperature", "input_schema": SCHEMA}]
    messages: list[Any] = [{"role": "user", "content": "hello there"}]
    whole = client.messages.create(model=model, max_tokens=99, messages=messages)
    assert "hello there" in whole.content[0].text
    assert whole.usage.output_tokens > 0
    assert client.messages.count_tokens(model=model, messages=messages).input_tokens > 0
    with client.messages.stream(model=model, max_tokens=99, messages=messages) as stream:
        assert stream.get_final_text() == whole.content[0].text
    messages = [{"role": "user", "content": CALL}]
    with client.messages.stream(model=model, max_tokens=99, messages=messages, tools=tools) as stream:
        asked = stream.get_final_message()
    assert asked.stop_reason == "tool_use"
    [call] = [block for block in asked.content if block.type == "tool_use"]
    assert call.input == {"town": "Oslo"}
    result = {"type": "tool_result", "tool_use_id": call.id, "content": "-3"}
    messages += [{"role": "assistant", "content": asked.content}, {"role": "user", "content": [result]}]
    done = client.messages.create(model=model, max_tokens=99, messages=messages, tools=tools)
    assert "-3" in done.content[0].text


def test_google_converses_streams_and_calls_tools(server: TuttiProcess, model: str) -> None:
    client = genai.Client(api_key=server.first_key, http_options=types.HttpOptions(base_url=server.url))
    whole = client.models.generate_content(model=model, contents="hello there")
    assert "hello there" in (whole.text or "")
    assert whole.usage_metadata is not None
    pieces = [piece.text or "" for piece in client.models.generate_content_stream(model=model, contents="hello there")]
    assert "".join(pieces) == whole.text
    assert (client.models.count_tokens(model=model, contents="hello there").total_tokens or 0) > 0
    function = types.FunctionDeclaration(name="get_temperature", parameters_json_schema=SCHEMA)
    config = types.GenerateContentConfig(tools=[types.Tool(function_declarations=[function])])
    asked = client.models.generate_content(model=model, contents=CALL, config=config)
    [call] = asked.function_calls or []
    assert (call.name, call.args) == ("get_temperature", {"town": "Oslo"})
    assert asked.candidates is not None
    content = asked.candidates[0].content
    assert content is not None
    result = types.Part.from_function_response(name="get_temperature", response={"result": "-3"})
    turns = [types.UserContent(parts=[types.Part(text=CALL)]), content, types.UserContent(parts=[result])]
    done = client.models.generate_content(model=model, contents=turns, config=config)
    assert "-3" in (done.text or "")
