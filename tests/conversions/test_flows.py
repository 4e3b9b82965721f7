"""Conversations with tools, thoughts and files, by the vendors' own libraries, over an upstream of another wire.

The upstream is a real process that refuses what is not well formed in its wire, seals of thoughts included. Between it
and the library stand the converters alone.
"""

import json
from collections.abc import Iterator
from typing import Any

import anthropic
import httpx
import httpx2
import openai
import pytest

from tests.conversions.wires import CALLERS, UPSTREAMS
from tests.upstream.handle import RunningUpstream
from tutti.kit.sse import EventReader

PATHS = {"openai": "/v1/chat/completions", "claude": "/v1/messages"}
KEYS = {
    "openai": {"authorization": "Bearer sk-test"},
    "claude": {"x-api-key": "sk-test", "anthropic-version": "2023-06-01"},
}
PARAMETERS = {"type": "object", "properties": {"town": {"type": "string"}}}
PDF = "data:application/pdf;base64,JVBERi0xLjQK"
CALLS = 'call weather {"town": "Oslo"} and call weather {"town": "Rome"}'


class Between:
    """Answers a library's requests by an upstream of another wire."""

    def __init__(self, caller: str, upstream: str, address: str) -> None:
        self._caller = CALLERS[caller]
        self._upstream = UPSTREAMS[upstream].wire
        self._url, self._headers = address + PATHS[upstream], KEYS[upstream]
        self.dropped: tuple[str, ...] = ()

    def answer(self, request: httpx2.Request) -> httpx2.Response:
        chat = self._caller.wire.from_caller(request.read(), {})
        written = self._upstream.to_upstream(chat)
        self.dropped = written.dropped
        reply = httpx.post(self._url, content=written.body, headers=self._headers)
        assert reply.status_code == httpx.codes.OK, reply.text
        if chat.is_stream:
            content = b"".join(self._streamed(chat, reply.content))
            return httpx2.Response(200, content=content, headers={"content-type": "text/event-stream"})
        told = self._caller.wire.to_caller(self._upstream.from_upstream(reply.content), chat)
        return httpx2.Response(200, content=told, headers={"content-type": "application/json"})

    def _streamed(self, chat: Any, content: bytes) -> Iterator[bytes]:
        reader, teller = self._upstream.stream(), self._caller.wire.stream(chat)
        for name, data in EventReader().feed(content):
            yield from map(teller.tell, reader.feed(name, data))
        yield teller.end()


@pytest.fixture
def over_claude(upstream: RunningUpstream) -> Iterator[tuple[openai.OpenAI, Between]]:
    between = Between("openai", "claude", upstream.url)
    client = openai.DefaultHttpxClient(transport=httpx2.MockTransport(between.answer))
    with openai.OpenAI(api_key="sk", base_url="http://gateway.test/v1", http_client=client, max_retries=0) as sdk:
        yield sdk, between


@pytest.fixture
def over_openai(upstream: RunningUpstream) -> Iterator[tuple[anthropic.Anthropic, Between]]:
    between = Between("claude", "openai", upstream.url)
    client = anthropic.DefaultHttpxClient(transport=httpx2.MockTransport(between.answer))
    with anthropic.Anthropic(api_key="sk", base_url="http://gateway.test", http_client=client, max_retries=0) as sdk:
        yield sdk, between


def ask_openai(sdk: openai.OpenAI, *, is_stream: bool, **fields: Any) -> Any:
    """The first answer, and the usage, of a completion that came whole or in a stream."""
    if not is_stream:
        done = sdk.chat.completions.create(**fields)
    else:
        with sdk.chat.completions.stream(**fields, stream_options={"include_usage": True}) as stream:
            done = stream.get_final_completion()
    return done.choices[0], done.usage


def ask_claude(sdk: anthropic.Anthropic, *, is_stream: bool, **fields: Any) -> Any:
    if not is_stream:
        return sdk.messages.create(**fields)
    with sdk.messages.stream(**fields) as stream:
        return stream.get_final_message()


@pytest.mark.parametrize("is_stream", [False, True])
def test_openai_client_works_with_tools_over_claude(over_claude, is_stream):
    sdk, between = over_claude
    tools = [{"type": "function", "function": {"name": "weather", "parameters": PARAMETERS}}]
    asked = {"model": "claude-sonnet-4-20250514", "max_tokens": 4000, "reasoning_effort": "low", "tools": tools}
    messages: list[Any] = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": CALLS}]
    choice, usage = ask_openai(sdk, is_stream=is_stream, messages=messages, **asked)
    calls = choice.message.tool_calls
    assert (choice.finish_reason, [json.loads(call.function.arguments)["town"] for call in calls]) == (
        "tool_calls",
        ["Oslo", "Rome"],
    )
    assert choice.message.reasoning_content
    assert usage.prompt_tokens + usage.completion_tokens == usage.total_tokens
    # The turn goes back as it came, sealed thoughts included: only so does Claude think on.
    messages.append(choice.message.model_dump(exclude_none=True))
    messages += [
        {"role": "tool", "tool_call_id": call.id, "content": f"{number} degrees"} for number, call in enumerate(calls)
    ]
    choice, _ = ask_openai(sdk, is_stream=is_stream, messages=messages, **asked)
    assert choice.finish_reason == "stop"
    assert "0 degrees" in choice.message.content
    assert "1 degrees" in choice.message.content
    assert choice.message.reasoning_content
    assert between.dropped == ()


@pytest.mark.parametrize("is_stream", [False, True])
def test_claude_client_works_with_tools_over_openai(over_openai, is_stream):
    sdk, _ = over_openai
    tools = [{"name": "weather", "input_schema": PARAMETERS}]
    asked = {
        "model": "gpt-5.1",
        "max_tokens": 4000,
        "thinking": {"type": "enabled", "budget_tokens": 1024},
        "tools": tools,
    }
    messages: list[Any] = [{"role": "user", "content": CALLS}]
    message = ask_claude(sdk, is_stream=is_stream, system="Be brief.", messages=messages, **asked)
    calls = [block for block in message.content if block.type == "tool_use"]
    assert (message.stop_reason, [call.input["town"] for call in calls]) == ("tool_use", ["Oslo", "Rome"])
    assert message.usage.output_tokens
    results = [
        {"type": "tool_result", "tool_use_id": call.id, "content": f"{number} degrees"}
        for number, call in enumerate(calls)
    ]
    messages += [{"role": "assistant", "content": message.content}, {"role": "user", "content": results}]
    message = ask_claude(sdk, is_stream=is_stream, system="Be brief.", messages=messages, **asked)
    (said,) = [block.text for block in message.content if block.type == "text"]
    assert message.stop_reason == "end_turn"
    assert "0 degrees" in said
    assert "1 degrees" in said


def test_files_and_schemas_cross_both_ways(over_claude, over_openai):
    schema = {
        "type": "object",
        "properties": {"total": {"type": "number"}},
        "required": ["total"],
        "additionalProperties": False,
    }
    file = {"type": "file", "file": {"filename": "bill.pdf", "file_data": PDF}}
    picture = {"type": "image_url", "image_url": {"url": "https://example.org/a.png"}}
    messages: Any = [{"role": "user", "content": [file, picture, {"type": "text", "text": "Total?"}]}]
    form = {"type": "json_schema", "json_schema": {"name": "bill", "schema": schema, "strict": True}}
    done = over_claude[0].chat.completions.create(model="claude-sonnet-5-5", messages=messages, response_format=form)
    assert json.loads(done.choices[0].message.content).keys() == {"total"}
    document = {
        "type": "document",
        "title": "bill.pdf",
        "source": {"type": "base64", "media_type": "application/pdf", "data": PDF.partition(",")[2]},
    }
    messages = [{"role": "user", "content": [document, {"type": "text", "text": "Total?"}]}]
    config = {"format": {"type": "json_schema", "schema": schema}}
    message = over_openai[0].messages.create(model="gpt-4o", max_tokens=99, messages=messages, output_config=config)
    assert json.loads(message.content[0].text).keys() == {"total"}


@pytest.mark.parametrize("is_stream", [False, True])
def test_limits_and_refusals_cross_both_ways(over_claude, over_openai, is_stream):
    counted: Any = [{"role": "user", "content": "count to 30"}]
    message = ask_claude(over_openai[0], is_stream=is_stream, model="gpt-4o", max_tokens=3, messages=counted)
    assert message.stop_reason == "max_tokens"
    done = over_claude[0].chat.completions.create(model="claude-sonnet-5-5", max_tokens=3, messages=counted)
    assert done.choices[0].finish_reason == "length"
    refused: Any = [{"role": "user", "content": "refuse"}]
    done = over_claude[0].chat.completions.create(model="claude-sonnet-5-5", messages=refused)
    assert done.choices[0].finish_reason == "content_filter"
    message = ask_claude(over_openai[0], is_stream=is_stream, model="gpt-4o", max_tokens=99, messages=refused)
    assert (message.stop_reason, bool(message.content[0].text)) == ("refusal", True)
