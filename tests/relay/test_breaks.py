"""Streams whose upstream fails in their midst: each ends in its own wire's way, once."""

import json
from typing import Any

import httpx
import pytest

from tests.gateway import Gateway
from tests.relay.conftest import channel
from tests.upstream.handle import RunningUpstream

pytestmark = pytest.mark.anyio

CALLS = {
    "/v1/chat/completions": {"stream": True, "messages": [{"role": "user", "content": "count to 30"}]},
    "/v1/messages": {"stream": True, "max_tokens": 90, "messages": [{"role": "user", "content": "count to 30"}]},
    "/v1/responses": {"stream": True, "input": "count to 30"},
    "/v1beta/models/gpt-test:streamGenerateContent?alt=sse": {"contents": [{"parts": [{"text": "count to 30"}]}]},
}
# Where the upstream's own words pass through.
OWN_WIRES = {
    ("/v1/chat/completions", "openai-compatible"),
    ("/v1/responses", "openai-compatible"),
    ("/v1/messages", "anthropic"),
    ("/v1beta/models/gpt-test:streamGenerateContent?alt=sse", "gemini"),
}


async def ask(gateway: Gateway, path: str, body: dict[str, Any]) -> httpx.Response:
    async with gateway.client() as client:
        return await client.post(path, json={"model": "gpt-test"} | body)


def told(reply: httpx.Response) -> list[Any]:
    lines = [line.removeprefix("data: ") for line in reply.text.splitlines() if line.startswith("data: ")]
    return [json.loads(line) for line in lines]


@pytest.mark.parametrize("fault", [{"cut_after": 9}, {"error_after": 9}])
@pytest.mark.parametrize("type_", ["openai-compatible", "anthropic", "gemini"])
@pytest.mark.parametrize("path", CALLS)
async def test_a_broken_stream_ends_with_its_wires_error(
    gateway: Gateway, upstream: RunningUpstream, path: str, type_: str, fault: dict[str, int]
) -> None:
    gateway.channels.load([channel(upstream, type=type_)])
    upstream.set_fault(**fault)
    reply = await ask(gateway, path, CALLS[path])
    assert reply.status_code == 200, reply.text
    *before, last = told(reply)
    failed = [event for event in before if "error" in event or event.get("type") in {"error", "response.failed"}]
    assert failed == []
    if "error_after" in fault and (path, type_) in OWN_WIRES:
        assert last["error"]["message"] == "A fault in the midst of the stream."
    elif path == "/v1/responses":
        numbers = [event["sequence_number"] for event in (*before, last)]
        assert numbers == [*range(len(numbers))]
        assert last["type"] in {"error", "response.failed"}
    elif "choices" in before[0] or "candidates" in before[0]:
        assert last["error"]["message"]
    else:
        assert (last["type"], last["error"]["type"]) == ("error", "api_error")


async def test_a_broken_array_is_an_array(gateway: Gateway, upstream: RunningUpstream) -> None:
    upstream.set_fault(cut_after=9)
    path = "/v1beta/models/gpt-test:streamGenerateContent"
    reply = await ask(gateway, path, CALLS[f"{path}?alt=sse"])
    *_, last = reply.json()
    assert last["error"]["status"] == "UNAVAILABLE"
