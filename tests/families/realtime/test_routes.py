"""Sessions by the published client library, through a server's socket, at the test upstream."""

import base64
import contextlib
from dataclasses import replace
from typing import Any

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from tests.families.realtime.talking import COST, HELLO, MODEL, calls, channel, sdk, served, settled, spent, until
from tests.gateway import OPENING_QUOTA, Gateway
from tests.upstream.handle import RunningUpstream
from tutti.accounts.model import KeyLimits, KeyRules

pytestmark = pytest.mark.anyio


async def test_sdk_talks_and_each_response_is_settled(gateway: Gateway, upstream: RunningUpstream) -> None:
    async with sdk(gateway) as session:
        await session.conversation.item.create(item=HELLO)
        for _ in range(2):
            await session.response.create()
            events = await until(session, "response.done")
    sound = b"".join(base64.b64decode(event.delta) for event in events if event.type == "response.output_audio.delta")
    words = "".join(event.delta for event in events if event.type == "response.output_audio_transcript.delta")
    assert (words, len(sound)) == ("Hello there", 3 * 4800)
    found = await settled(gateway, 2)
    assert [(call.operation, call.units, call.status, call.is_estimated) for call in found] == [
        ("realtime", COST, 200, False)
    ] * 2
    assert [(call.input_tokens, call.cached_tokens, call.output_tokens) for call in found] == [(40, 8, 20)] * 2
    assert await spent(gateway) == 2 * COST
    assert upstream.seen(path="/v1/realtime")[0]["key"] == "sk-up-1"


async def test_a_session_without_a_response_costs_nothing(gateway: Gateway) -> None:
    async with sdk(gateway) as session:
        await until(session, "session.created")
    assert await spent(gateway) == 0
    assert await calls(gateway) == []


async def test_a_browser_brings_its_key_among_the_protocols(gateway: Gateway, upstream: RunningUpstream) -> None:
    protocols = ["realtime", f"openai-insecure-api-key.{gateway.secret}", "openai-beta.realtime-v1"]
    async with (
        served(gateway) as host,
        connect(f"ws://{host}/v1/realtime?model={MODEL}", subprotocols=protocols) as one,
    ):
        assert one.subprotocol == "realtime"
        assert one.response.headers["x-request-id"]
        assert "session.created" in await one.recv()
    seen = upstream.seen(path="/v1/realtime")[0]
    assert seen["headers"]["openai-beta"] == "realtime=v1"
    assert gateway.secret not in str(seen)


@pytest.mark.parametrize(
    ("key", "query", "status", "code"),
    [
        ("sk-nobody", f"?model={MODEL}", 401, "invalid_api_key"),
        ("", f"?model={MODEL}", 401, "invalid_api_key"),
        (None, "", 400, "invalid_request"),
        (None, "?model=nobody-knows-it", 404, "model_not_found"),
        (None, "?model=gpt-5", 503, "model_not_found"),
    ],
)
async def test_what_is_wrong_is_told_before_the_session(
    gateway: Gateway, key: str | None, query: str, status: int, code: str
) -> None:
    secret = gateway.secret if key is None else key
    headers = {"authorization": f"Bearer {secret}"} if secret else {}
    async with served(gateway) as host:
        with pytest.raises(InvalidStatus) as refused:
            async with connect(f"ws://{host}/v1/realtime{query}", additional_headers=headers):
                pass
    assert refused.value.response.status_code == status
    assert code.encode() in refused.value.response.body
    assert await spent(gateway) == 0


async def test_another_channel_is_asked_when_one_refuses(gateway: Gateway, upstream: RunningUpstream) -> None:
    gateway.channels.load([channel(upstream, 1, priority=1), channel(upstream, 2)])
    upstream.set_fault(key="sk-up-1", status=503)
    async with sdk(gateway) as session:
        await session.response.create()
        await until(session, "response.done")
    [call] = await settled(gateway, 1)
    assert call.channel_id == 2
    assert "up1" in call.attempts


async def test_an_administrator_chooses_the_channel_by_the_key(gateway: Gateway, upstream: RunningUpstream) -> None:
    gateway.channels.load([channel(upstream, 1, priority=1), channel(upstream, 2)])
    chief = await gateway.accounts.create_user("chief", quota=OPENING_QUOTA, is_admin=True)
    gateway.secret = f"{(await gateway.accounts.create_key(chief, 'one')).secret}-2"
    async with sdk(gateway) as session:
        await until(session, "session.created")
    assert [one["key"] for one in upstream.seen(path="/v1/realtime")] == ["sk-up-2"]


async def test_another_key_is_asked_when_one_is_busy(gateway: Gateway, upstream: RunningUpstream) -> None:
    first = replace(channel(upstream, 1, priority=1), keys=("sk-busy", "sk-free"))
    gateway.channels.load([first, channel(upstream, 2)])
    upstream.set_fault(key="sk-busy", status=429)
    async with sdk(gateway) as session:
        await session.response.create()
        await until(session, "response.done")
    assert [one["key"] for one in upstream.seen(path="/v1/realtime")] == ["sk-busy", "sk-free"]


async def test_an_upstream_that_refuses_is_told_and_costs_nothing(gateway: Gateway, upstream: RunningUpstream) -> None:
    upstream.set_fault(status=429)
    headers = {"authorization": f"Bearer {gateway.secret}"}
    async with served(gateway) as host:
        with pytest.raises(InvalidStatus) as refused:
            async with connect(f"ws://{host}/v1/realtime?model={MODEL}", additional_headers=headers):
                pass
    assert refused.value.response.status_code == 429
    assert await spent(gateway) == 0


async def test_the_upstreams_close_is_the_callers(gateway: Gateway) -> None:
    async with sdk(gateway) as session:
        await session.send({"type": "test.close", "code": 4321})
        await session.recv()  # that the session was made
        with pytest.raises(ConnectionClosed) as closed:
            await session.recv()
    assert (closed.value.rcvd.code, closed.value.rcvd.reason) == (4321, "as asked")


@pytest.mark.parametrize("fault", [{"cut_after": 2}, {"no_usage": True}])
async def test_a_response_without_figures_is_charged_by_our_count(
    gateway: Gateway, upstream: RunningUpstream, fault: dict[str, Any]
) -> None:
    upstream.set_fault(**fault)
    async with sdk(gateway) as session:
        await session.response.create()
        with contextlib.suppress(ConnectionClosed):
            await until(session, "response.done")
    [call] = await settled(gateway, 1)
    # A tenth of a second of sound is two tokens.
    pieces = fault.get("cut_after", 3)
    assert 2 * pieces < call.output_tokens <= 2 * pieces + 3
    assert call.units > 0


async def test_a_caller_who_leaves_in_the_midst_pays_for_what_came(gateway: Gateway, upstream: RunningUpstream) -> None:
    upstream.set_fault(hang=True)
    async with sdk(gateway) as session:
        await session.response.create()
        await until(session, "response.output_audio.delta")
    [call] = await settled(gateway, 1)
    assert (call.is_estimated, call.output_tokens > 0) == (True, True)


async def test_a_session_ends_when_the_next_response_cannot_be_paid(gateway: Gateway) -> None:
    # The hold is for a prompt of 4,096 tokens and an answer of as many as the model makes.
    price = gateway.services.prices.of(MODEL, "default")
    gateway.secret = await gateway.new_secret("poor", quota=price.bound(4096, None) + COST - 1)
    async with sdk(gateway) as session:
        await session.response.create()
        events = await until(session, "error")
        with pytest.raises(ConnectionClosed) as closed:
            await session.recv()
    assert [event.type for event in events][-2:] == ["response.done", "error"]
    assert events[-1].error.code == "insufficient_user_quota"
    assert closed.value.rcvd.code == 1008


async def test_limits_of_the_key_hold_for_sessions(gateway: Gateway) -> None:
    rules = KeyRules(limits=KeyLimits(parallel=1))
    gateway.secret = (await gateway.accounts.create_key(gateway.user, "one", rules=rules)).secret
    async with sdk(gateway) as session:
        await until(session, "session.created")
        headers = {"authorization": f"Bearer {gateway.secret}"}
        async with served(gateway) as host:
            with pytest.raises(InvalidStatus) as refused:
                async with connect(f"ws://{host}/v1/realtime?model={MODEL}", additional_headers=headers):
                    pass
    assert refused.value.response.status_code == 429
