"""What callers get and pay when channels serve them, well and badly."""

import json
from typing import Any

import httpx
import pytest

from tests.gateway import OPENING_QUOTA, Gateway
from tests.relay.conftest import channel
from tests.upstream.handle import RunningUpstream
from tutti.accounts.model import KeyLimits, KeyRules
from tutti.admin.costs import cost_of
from tutti.billing.overrides import Override

pytestmark = pytest.mark.anyio

CHAT = "/v1/chat/completions"
HELLO = [{"role": "user", "content": "hello there"}]
COUNT = [{"role": "user", "content": "count to 30"}]


async def ask(gateway: Gateway, path: str = CHAT, secret: str | None = None, **body: Any) -> httpx.Response:
    body = {"model": "gpt-test", "messages": HELLO} | body
    async with gateway.client(secret) as client:
        return await client.post(path, json=body)


async def charged(gateway: Gateway) -> int:
    """Units that the user has paid; 0 while nothing is held either."""
    await gateway.services.wallet.close()
    return OPENING_QUOTA - await gateway.balance()


def events(reply: httpx.Response) -> list[Any]:
    lines = [line.removeprefix("data: ") for line in reply.text.splitlines() if line.startswith("data: ")]
    return [json.loads(line) for line in lines if line != "[DONE]"]


async def calls(gateway: Gateway) -> list[Any]:
    await gateway.services.wallet.flush()
    return [one.call for one in await gateway.store.list_calls(limit=99)]


async def test_the_body_passes_as_it_came(gateway: Gateway, upstream: RunningUpstream) -> None:
    body = b'{"model":"gpt-test",  "messages":[{"role":"user","content":"hi"}], "seed": 0, "temperature": 1.0e0}'
    async with gateway.client() as client:
        reply = await client.post(CHAT, content=body)
    assert reply.status_code == 200
    assert upstream.seen(path=CHAT)[0]["body"] == body.decode()


async def test_what_was_used_is_charged_and_logged(gateway: Gateway) -> None:
    usage = (await ask(gateway)).json()["usage"]
    [call] = await calls(gateway)
    assert (call.input_tokens, call.output_tokens) == (usage["prompt_tokens"], usage["completion_tokens"])
    assert (call.model, call.channel_id, call.status, call.is_estimated) == ("gpt-test", 1, 200, False)
    assert call.units == usage["total_tokens"]
    assert await charged(gateway) == call.units


async def test_a_mapped_name_is_the_upstreams(gateway: Gateway, upstream: RunningUpstream) -> None:
    gateway.channels.load([channel(upstream, model_map={"gpt-test": "gpt-x"})])
    assert (await ask(gateway, seed=7)).status_code == 200
    seen = upstream.seen(path=CHAT)[0]["json"]
    assert (seen["model"], seen["seed"]) == ("gpt-x", 7)


async def test_figures_that_were_not_asked_for_are_settled_by_and_hidden(gateway: Gateway) -> None:
    reply = await ask(gateway, stream=True)
    assert all("choices" in event and event["choices"] for event in events(reply))
    assert reply.text.endswith("data: [DONE]\n\n")
    [call] = await calls(gateway)
    assert call.units > 0
    assert not call.is_estimated


@pytest.mark.parametrize("path", [CHAT, "/v1/messages"])
async def test_figures_are_not_asked_for_where_that_is_refused(
    gateway: Gateway, upstream: RunningUpstream, path: str
) -> None:
    gateway.channels.load([channel(upstream, type="mistral")])
    assert (await ask(gateway, path, stream=True, max_tokens=9)).status_code == 200
    assert "stream_options" not in upstream.seen()[0]["json"]


async def test_figures_that_were_asked_for_are_told(gateway: Gateway) -> None:
    reply = await ask(gateway, stream=True, stream_options={"include_usage": True})
    assert events(reply)[-1]["usage"]["total_tokens"] > 0


@pytest.mark.parametrize("is_stream", [False, True])
async def test_without_figures_tokens_are_counted_here(
    gateway: Gateway, upstream: RunningUpstream, *, is_stream: bool
) -> None:
    upstream.set_fault(no_usage=True)
    await ask(gateway, messages=COUNT, stream=is_stream)
    [call] = await calls(gateway)
    assert call.is_estimated
    # "1 2 3 ... 30" has 59 tokens in the vocabulary that counts.
    assert 50 < call.output_tokens < 70
    assert call.units > 0


@pytest.mark.parametrize("status", [429, 500, 503, 529])
async def test_a_failing_channel_is_passed_over(gateway: Gateway, upstream: RunningUpstream, status: int) -> None:
    gateway.channels.load([channel(upstream, 1, priority=1), channel(upstream, 2)])
    upstream.set_fault(key="sk-upstream-1", status=status)
    assert (await ask(gateway)).status_code == 200
    [call] = await calls(gateway)
    assert call.channel_id == 2
    assert "up1" in call.attempts


async def test_a_refused_key_of_ours_is_not_the_callers(gateway: Gateway, upstream: RunningUpstream) -> None:
    upstream.set_fault(status=401)
    reply = await ask(gateway)
    assert (reply.status_code, reply.json()["error"]["code"]) == (502, "upstream_key_refused")
    assert await charged(gateway) == 0


async def test_a_bad_request_is_told_as_the_upstream_tells_it_and_harms_no_channel(
    gateway: Gateway, upstream: RunningUpstream
) -> None:
    upstream.set_fault(status=400)
    for _ in range(30):
        assert (await ask(gateway)).status_code == 400
    upstream.reset()
    assert (await ask(gateway)).status_code == 200


async def test_retry_after_reaches_the_caller(gateway: Gateway, upstream: RunningUpstream) -> None:
    upstream.set_fault(status=429, retry_after="7")
    reply = await ask(gateway)
    assert (reply.status_code, reply.headers["retry-after"]) == (429, "7")
    assert await charged(gateway) == 0


@pytest.mark.parametrize("fault", [{"garbage": True}, {"half_json": True}, {"cut_after": 0}])
@pytest.mark.parametrize("path", [CHAT, "/v1/messages"])
async def test_a_spoilt_reply_costs_nothing(
    gateway: Gateway, upstream: RunningUpstream, fault: dict[str, Any], path: str
) -> None:
    gateway.channels.load([channel(upstream, type="openai-compatible")])
    upstream.set_fault(**fault)
    assert (await ask(gateway, path, max_tokens=9)).status_code >= 500
    assert await charged(gateway) == 0


async def test_a_cut_stream_is_charged_for_what_came_and_ends_with_an_error(
    gateway: Gateway, upstream: RunningUpstream
) -> None:
    upstream.set_fault(cut_after=10)
    reply = await ask(gateway, messages=COUNT, stream=True)
    assert "error" in events(reply)[-1]
    [call] = await calls(gateway)
    assert call.error_code
    assert 0 < call.output_tokens < 30
    assert await charged(gateway) == call.units


async def test_no_credit_costs_no_upstream_call(gateway: Gateway, upstream: RunningUpstream) -> None:
    secret = await gateway.new_secret("poor", quota=3)
    reply = await ask(gateway, secret=secret, max_tokens=50)
    assert (reply.status_code, reply.json()["error"]["code"]) == (403, "insufficient_user_quota")
    assert upstream.seen(path=CHAT) == []


async def test_an_unpriced_model_is_refused(gateway: Gateway, upstream: RunningUpstream) -> None:
    gateway.channels.load([channel(upstream, models=frozenset({"mystery"}))])
    reply = await ask(gateway, model="mystery")
    assert (reply.status_code, reply.json()["error"]["code"]) == (503, "model_price_error")


@pytest.mark.parametrize(
    ("type_", "path", "body"),
    [
        ("anthropic", CHAT, {}),
        ("gemini", CHAT, {}),
        ("openai-compatible", "/v1/messages", {"max_tokens": 50}),
        ("gemini", "/v1/messages", {"max_tokens": 50}),
        ("anthropic", "/v1/messages", {"max_tokens": 50}),
    ],
)
@pytest.mark.parametrize("is_stream", [False, True])
async def test_any_wire_is_served_by_any_upstream(
    gateway: Gateway, upstream: RunningUpstream, type_: str, path: str, body: dict[str, Any], *, is_stream: bool
) -> None:
    gateway.channels.load([channel(upstream, type=type_)])
    reply = await ask(gateway, path, stream=is_stream, **body)
    assert reply.status_code == 200, reply.text
    assert "hello" in reply.text
    [call] = await calls(gateway)
    assert (call.is_estimated, call.is_stream) == (False, is_stream)
    assert call.output_tokens > 0


async def test_what_found_no_place_is_named(gateway: Gateway, upstream: RunningUpstream) -> None:
    gateway.channels.load([channel(upstream, type="anthropic")])
    reply = await ask(gateway, logit_bias={"5": 1}, presence_penalty=0.5)
    assert reply.status_code == 200
    assert "logit_bias" in reply.headers["x-tutti-dropped"]


async def test_words_of_a_failure_are_the_callers_wires(gateway: Gateway, upstream: RunningUpstream) -> None:
    upstream.set_fault(status=400)
    reply = await ask(gateway, "/v1/messages", max_tokens=5)
    assert reply.json()["type"] == "error"
    assert reply.json()["error"]["type"] == "invalid_request_error"


async def test_bytes_pass_as_bytes(gateway: Gateway) -> None:
    async with gateway.client() as client:
        reply = await client.post("/v1/audio/speech", json={"model": "tts-1", "input": "lanterns", "voice": "alloy"})
    assert reply.headers["content-type"].startswith("audio/")
    assert len(reply.content) > 10


async def test_a_key_may_be_bound_to_places_and_limits(gateway: Gateway) -> None:
    accounts = gateway.accounts
    here = await accounts.create_key(gateway.user, "here", rules=KeyRules(places=("203.0.113.0/24",)))
    reply = await ask(gateway, secret=here.secret)
    assert (reply.status_code, reply.json()["error"]["code"]) == (403, "access_denied")
    twice = await accounts.create_key(gateway.user, "twice", rules=KeyRules(limits=KeyLimits(requests_per_minute=2)))
    replies = [await ask(gateway, secret=twice.secret) for _ in range(3)]
    assert [reply.status_code for reply in replies] == [200, 200, 429]
    assert int(replies[2].headers["retry-after"]) >= 1


async def test_limits_hold_for_tasks_too(gateway: Gateway) -> None:
    rules = KeyRules(limits=KeyLimits(daily_units=200_000))
    once = await gateway.accounts.create_key(gateway.user, "once", rules=rules)
    song = {"prompt": "[Verse]\nLanterns", "title": "Lanterns", "tags": "folk"}
    async with gateway.client(once.secret) as client:
        replies = [await client.post("/suno/submit/music", json=song) for _ in range(2)]
    assert [reply.status_code for reply in replies] == [200, 429]
    assert replies[1].json()["code"] == "daily_cap_reached"


async def test_a_group_has_its_own_channels_and_prices(gateway: Gateway, upstream: RunningUpstream) -> None:
    gateway.channels.load([channel(upstream, groups=frozenset({"vip"}))])
    assert (await ask(gateway)).status_code == 503
    await gateway.accounts.set_group(gateway.user, "vip")
    gateway.services.prices.override(
        [Override("models", "gpt-*", '{"input": 2, "output": 2}'), Override("groups", "vip", "0.5")]
    )
    usage = (await ask(gateway)).json()["usage"]
    [call] = await calls(gateway)
    assert call.units == -(-usage["total_tokens"] // 2)
    assert call.group_name == "vip"


async def test_what_is_written_to_the_vendors_cache_is_charged_and_logged(gateway: Gateway) -> None:
    gateway.services.prices.override(
        [Override("models", "claude-*", '{"input": 2, "output": 2, "cache_write": 4, "cache_write_1h": 6}')]
    )
    asked = [{"role": "user", "content": "kept 3 and 2 of these many words"}]
    reply = await ask(gateway, "/v1/messages", model="claude-test", max_tokens=50, messages=asked)
    usage = reply.json()["usage"]
    [call] = await calls(gateway)
    assert (call.cache_written_tokens, call.cache_written_1h_tokens) == (5, 2)
    assert call.units == usage["input_tokens"] + usage["output_tokens"] + 2 * 3 + 3 * 2
    cost = cost_of(call, gateway.services.prices, "default")
    assert (cost.units, cost.note) == (call.units, None)
