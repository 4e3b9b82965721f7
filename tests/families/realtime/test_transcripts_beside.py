"""Conversations that have written down what their callers say: each transcript is charged beside the responses."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed

from tests.families.realtime.talking import (
    COST,
    MODEL,
    PRICE,
    SCRIBE,
    SCRIBE_COST,
    SCRIBE_PRICE,
    WRITTEN,
    calls,
    sdk,
    settled,
    spent,
    until,
)
from tests.gateway import Gateway
from tests.upstream.handle import RunningUpstream
from tutti.accounts.model import KeyLimits, KeyRules
from tutti.billing.overrides import Override

pytestmark = pytest.mark.anyio

BEGUN = WRITTEN.replace("completed", "delta")


@pytest.fixture
async def gateway(gateway: Gateway) -> Gateway:
    named = {MODEL: PRICE, SCRIBE: SCRIBE_PRICE}
    gateway.services.prices.override([Override("models", name, price) for name, price in named.items()])
    return gateway


def heard_by(model: str) -> dict[str, Any]:
    return {"type": "realtime", "audio": {"input": {"transcription": {"model": model}}}}


@asynccontextmanager
async def talking(gateway: Gateway, settings: dict[str, Any]) -> AsyncIterator[Any]:
    """A conversation with these settings."""
    async with sdk(gateway) as session:
        await session.session.update(session=settings)
        await until(session, "session.updated")
        yield session


@pytest.mark.parametrize("settings", [heard_by(SCRIBE), {"input_audio_transcription": {"model": SCRIBE}}])
async def test_each_transcript_is_a_call_of_its_own(gateway: Gateway, settings: dict[str, Any]) -> None:
    async with talking(gateway, settings) as session:
        await session.input_audio_buffer.commit()
        await until(session, WRITTEN)
        await session.response.create()
        await until(session, "response.done")
        await session.input_audio_buffer.commit()
        await until(session, WRITTEN)
    found = sorted((call.operation, call.model, call.units, call.is_estimated) for call in await settled(gateway, 3))
    transcript = ("realtime_transcription", SCRIBE, SCRIBE_COST, False)
    assert found == [("realtime", MODEL, COST, False), transcript, transcript]
    assert await spent(gateway) == COST + 2 * SCRIBE_COST


async def test_one_that_breaks_off_is_charged_by_our_count(gateway: Gateway, upstream: RunningUpstream) -> None:
    upstream.set_fault(hang=True)
    async with talking(gateway, heard_by(SCRIBE)) as session:
        await session.input_audio_buffer.commit()
        await until(session, BEGUN)
    [call] = await settled(gateway, 1)
    assert (call.model, call.is_estimated, call.units > 0) == (SCRIBE, True, True)


async def test_a_writer_without_a_name_is_charged_as_the_conversation(gateway: Gateway) -> None:
    async with sdk(gateway) as session:
        await session.input_audio_buffer.commit()
        await until(session, WRITTEN)
    [call] = await settled(gateway, 1)
    assert (call.operation, call.model, call.units) == ("realtime_transcription", MODEL, 50 + 5)


@pytest.mark.parametrize(
    ("models", "model", "code"),
    [(frozenset({MODEL}), SCRIBE, "model_not_allowed"), (None, "scribe-of-nobody", "model_price_error")],
)
async def test_a_session_ends_when_it_asks_for_a_writer_that_cannot_be(
    gateway: Gateway, models: frozenset[str] | None, model: str, code: str
) -> None:
    gateway.secret = (await gateway.accounts.create_key(gateway.user, "one", models=models)).secret
    async with sdk(gateway) as session:
        await session.session.update(session=heard_by(model))
        events = await until(session, "error")
        with pytest.raises(ConnectionClosed) as closed:
            await session.recv()
    assert events[-1].error.code == code
    assert closed.value.rcvd.code == 1008
    assert await calls(gateway) == []


async def test_a_session_ends_when_a_transcript_cannot_be_paid_and_what_can_is(gateway: Gateway) -> None:
    held = gateway.services.prices.of(MODEL, "default").bound(4096, None)
    gateway.secret = await gateway.new_secret("poor", quota=held + SCRIBE_COST - 1)
    async with talking(gateway, heard_by(SCRIBE)) as session:
        await session.input_audio_buffer.commit()
        events = await until(session, "error")
    assert events[-1].error.code == "insufficient_user_quota"
    [call] = await settled(gateway, 1)
    assert call.units == SCRIBE_COST


async def test_a_key_of_one_call_at_once_and_one_a_minute_has_its_transcripts(gateway: Gateway) -> None:
    limits = KeyLimits(parallel=1, requests_per_minute=1, daily_units=1_000_000)
    rules = KeyRules(limits=limits)
    gateway.secret = (await gateway.accounts.create_key(gateway.user, "one", rules=rules)).secret
    async with talking(gateway, heard_by(SCRIBE)) as session:
        for _ in range(2):
            await session.input_audio_buffer.commit()
            await until(session, WRITTEN)
    assert [call.units for call in await settled(gateway, 2)] == [SCRIBE_COST] * 2
