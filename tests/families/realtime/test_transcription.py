"""Sessions that only write down what is said, by the published client library, at the test upstream."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from tests.families.realtime.talking import (
    SCRIBE,
    SCRIBE_COST,
    SCRIBE_PRICE,
    WRITTEN,
    calls,
    channel,
    client_of,
    served,
    settled,
    spent,
    until,
)
from tests.gateway import Gateway
from tests.upstream.handle import RunningUpstream
from tests.upstream.realtime import SECONDS_USAGE, TRANSCRIPT_USAGE
from tutti.billing.overrides import Override

pytestmark = pytest.mark.anyio

WHISPER = "whisper-1"
# A second costs seven units.
PRICES = {SCRIBE: SCRIBE_PRICE, WHISPER: '{"hour": %s}' % (7 * 3600 / 500_000)}


@pytest.fixture
async def gateway(gateway: Gateway, upstream: RunningUpstream) -> Gateway:
    gateway.channels.load([channel(upstream, models=frozenset(PRICES))])
    gateway.services.prices.override([Override("models", name, price) for name, price in PRICES.items()])
    return gateway


def update(model: str = SCRIBE) -> dict[str, Any]:
    return {"type": "transcription", "audio": {"input": {"transcription": {"model": model, "language": "en"}}}}


async def minted(gateway: Gateway, path: str = "client_secrets", **body: Any) -> Any:
    async with gateway.client() as client:
        reply = await client.post(f"/v1/realtime/{path}", json=body)
    assert reply.status_code == 200, reply.text
    return reply.json()


@asynccontextmanager
async def writing(gateway: Gateway, model: str = SCRIBE) -> AsyncIterator[Any]:
    """A session of OpenAI's library with a key, told what it is to do."""
    query = {"intent": "transcription"}
    async with (
        served(gateway) as host,
        client_of(host, gateway.secret).realtime.connect(model=model, extra_query=query) as one,
    ):
        await one.session.update(session=update(model))
        await until(one, "session.updated")
        yield one


async def test_sdk_has_speech_written_down_by_a_secret(gateway: Gateway, upstream: RunningUpstream) -> None:
    async with served(gateway) as host, client_of(host, gateway.secret) as client:
        made = await client.realtime.client_secrets.create(session=update())
        assert (made.session.type, made.session.object) == ("transcription", "realtime.transcription_session")
        query = {"intent": "transcription"}
        async with client_of(host, made.value).realtime.connect(extra_query=query) as session:
            for _ in range(2):
                await session.input_audio_buffer.commit()
                events = await until(session, WRITTEN)
    assert events[-1].transcript == "Lanterns are lit."
    found = await settled(gateway, 2)
    assert [(call.operation, call.model, call.units, call.is_estimated) for call in found] == [
        ("realtime_transcription", SCRIBE, SCRIBE_COST, False)
    ] * 2
    assert await spent(gateway) == 2 * SCRIBE_COST
    assert upstream.seen(path="/v1/realtime")[0]["query"] == {"intent": "transcription"}


async def test_a_key_opens_one_when_the_query_names_the_model(gateway: Gateway) -> None:
    async with writing(gateway) as session:
        await session.input_audio_buffer.commit()
        await until(session, WRITTEN)
    [call] = await settled(gateway, 1)
    assert (call.units, call.input_tokens) == (SCRIBE_COST, TRANSCRIPT_USAGE["input_tokens"])


async def test_seconds_are_charged_where_the_model_costs_by_them(gateway: Gateway) -> None:
    async with writing(gateway, WHISPER) as session:
        await session.input_audio_buffer.commit()
        await until(session, WRITTEN)
    [call] = await settled(gateway, 1)
    assert (call.units, call.thing, call.thing_count) == (7 * SECONDS_USAGE["seconds"], "second", 6)


@pytest.mark.parametrize("model", [SCRIBE, WHISPER])
@pytest.mark.parametrize("fault", [{"no_usage": True}, {"hang": True}])
async def test_a_transcript_without_figures_is_charged_by_our_count(
    gateway: Gateway, upstream: RunningUpstream, model: str, fault: dict[str, Any]
) -> None:
    upstream.set_fault(**fault)
    async with writing(gateway, model) as session:
        await session.input_audio_buffer.commit()
        await until(session, WRITTEN if "no_usage" in fault else WRITTEN.replace("completed", "delta"))
    [call] = await settled(gateway, 1)
    assert call.is_estimated
    assert call.units > 0


async def test_the_upstream_hears_its_own_name_of_the_model(gateway: Gateway, upstream: RunningUpstream) -> None:
    gateway.channels.load([channel(upstream, models=frozenset(PRICES), model_map={SCRIBE: "scribe-7"})])
    for path, body, protocols in (
        ("client_secrets", {"session": update()}, ()),
        (
            "transcription_sessions",
            {"input_audio_transcription": {"model": SCRIBE}, "modalities": ["text"]},
            ("openai-beta.realtime-v1",),
        ),
    ):
        made = await minted(gateway, path, **body)
        value = made["value"] if path == "client_secrets" else made["client_secret"]["value"]
        offered = ["realtime", f"openai-insecure-api-key.{value}", *protocols]
        async with served(gateway) as host, connect(f"ws://{host}/v1/realtime", subprotocols=offered) as one:
            told = [await one.recv(), await one.recv()]
        assert '"model": "scribe-7"' in told[1]
    assert made["object"] == "realtime.transcription_session"


async def test_a_session_ends_when_it_turns_to_another_model(gateway: Gateway) -> None:
    async with writing(gateway) as session:
        await session.session.update(session=update("gpt-4o-transcribe-2025-03-20"))
        await until(session, "session.updated")
        await session.session.update(session=update(WHISPER))
        events = await until(session, "error")
        with pytest.raises(ConnectionClosed) as closed:
            await session.recv()
    assert events[-1].error.code == "model_not_allowed"
    assert closed.value.rcvd.code == 1008
    assert await calls(gateway) == []


async def test_a_secret_for_talk_is_not_one_for_transcripts(gateway: Gateway) -> None:
    value = (await minted(gateway, session={"type": "realtime"}))["value"]
    async with served(gateway) as host:
        offered = ["realtime", f"openai-insecure-api-key.{value}"]
        with pytest.raises(InvalidStatus) as refused:
            async with connect(f"ws://{host}/v1/realtime?intent=transcription&model={SCRIBE}", subprotocols=offered):
                pass
    assert refused.value.response.status_code == 400


async def test_another_gateway_is_told_the_model(gateway: Gateway, upstream: RunningUpstream) -> None:
    gateway.channels.load([channel(upstream, type="gateway", models=frozenset(PRICES))])
    async with writing(gateway):
        pass
    assert upstream.seen(path="/v1/realtime")[0]["query"] == {"intent": "transcription", "model": SCRIBE}
