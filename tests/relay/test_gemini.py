"""Google's wire passed through and counted here."""

import pytest
from google import genai
from google.genai import types

from tests.gateway import BASE_URL, Gateway
from tests.relay.conftest import channel
from tests.upstream.handle import RunningUpstream

pytestmark = pytest.mark.anyio

MODEL = "gemini-2.5-flash"


def sdk(gateway: Gateway) -> genai.Client:
    options = types.HttpOptions(base_url=BASE_URL, httpx_async_client=gateway.client(""))
    return genai.Client(api_key=gateway.secret, http_options=options)


async def test_seals_of_other_vendors_do_not_go_to_google(gateway: Gateway, upstream: RunningUpstream) -> None:
    gateway.channels.load([channel(upstream, type="anthropic")])
    thinks = types.GenerateContentConfig(
        thinking_config=types.ThinkingConfig(include_thoughts=True, thinking_budget=1024), max_output_tokens=4096
    )
    asked = types.Content(role="user", parts=[types.Part(text="hello")])
    first = await sdk(gateway).aio.models.generate_content(model=MODEL, contents=[asked], config=thinks)
    turn = first.candidates[0].content  # type: ignore[index]
    assert any(part.thought_signature for part in turn.parts)  # type: ignore[union-attr]
    gateway.channels.load([channel(upstream, type="gemini")])
    await sdk(gateway).aio.models.generate_content(model=MODEL, contents=[asked, turn, asked])  # type: ignore[list-item]
    [sent] = upstream.seen(path=":generateContent")
    assert "thoughtSignature" not in sent["body"]
    assert [content["role"] for content in sent["json"]["contents"]] == ["user", "model", "user"]


@pytest.mark.parametrize("is_whole", [True, False])
async def test_tokens_are_counted_for_models_of_other_wires(
    gateway: Gateway, upstream: RunningUpstream, *, is_whole: bool
) -> None:
    gateway.channels.load([channel(upstream, type="anthropic")])
    body: dict[str, object] = {"contents": [{"parts": [{"text": "hello there"}]}]}
    if is_whole:
        body = {"generateContentRequest": {"model": f"models/{MODEL}", **body}}
    async with gateway.client() as client:
        reply = await client.post(f"/v1beta/models/{MODEL}:countTokens", json=body)
    assert reply.status_code == 200, reply.text
    assert 2 <= reply.json()["totalTokens"] < 12
    assert reply.headers["x-tutti-estimate"] == "1"


async def test_nothing_to_count_is_refused_in_googles_words(gateway: Gateway, upstream: RunningUpstream) -> None:
    gateway.channels.load([channel(upstream, type="anthropic")])
    async with gateway.client() as client:
        reply = await client.post(f"/v1beta/models/{MODEL}:countTokens", json={})
    assert (reply.status_code, reply.json()["error"]["status"]) == (400, "INVALID_ARGUMENT")
