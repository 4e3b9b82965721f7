"""Whom a call is sent to, one after another, when keys and channels fail."""

from typing import Any

import pytest

from tests.gateway import Gateway
from tests.relay.conftest import channel
from tests.upstream.handle import RunningUpstream

pytestmark = pytest.mark.anyio

HELLO = [{"role": "user", "content": "hello there"}]


async def asked(gateway: Gateway, upstream: RunningUpstream, statuses: dict[str, int], **seed: Any) -> list[str]:
    """The keys that one call went out with, when those of `statuses` fail so."""
    upstream.set_faults([{"fault": {"status": status}, "key": key} for key, status in statuses.items()])
    before = len(upstream.seen())
    async with gateway.client() as client:
        await client.post("/v1/chat/completions", json={"model": "gpt-test", "messages": HELLO} | seed)
    return [one["key"] for one in upstream.seen()[before:]]


@pytest.fixture
def gateway(gateway: Gateway, upstream: RunningUpstream) -> Gateway:
    """A channel of three keys before one of two."""
    gateway.channels.load(
        [channel(upstream, 1, priority=1, keys=("a", "b", "c")), channel(upstream, 2, keys=("d", "e"))]
    )
    return gateway


async def test_other_channels_are_not_kept_waiting_by_many_keys(gateway: Gateway, upstream: RunningUpstream) -> None:
    assert await asked(gateway, upstream, {"a": 429, "b": 429}) == ["a", "b", "d"]


async def test_keys_that_are_left_serve_when_there_is_no_other_channel(
    gateway: Gateway, upstream: RunningUpstream
) -> None:
    gateway.channels.load([channel(upstream, keys=("a", "b", "c"))])
    assert await asked(gateway, upstream, {"a": 429, "b": 401}) == ["a", "b", "c"]


async def test_a_channel_that_failed_itself_is_asked_with_no_other_key(
    gateway: Gateway, upstream: RunningUpstream
) -> None:
    gateway.channels.load([channel(upstream, keys=("a", "b", "c"))])
    assert await asked(gateway, upstream, {"a": 500}) == ["a"]
    assert await asked(gateway, upstream, {"b": 429, "c": 503}) == ["b", "c"]


async def test_attempts_of_keys_and_channels_are_bounded_together(gateway: Gateway, upstream: RunningUpstream) -> None:
    assert await asked(gateway, upstream, dict.fromkeys("abcde", 429)) == ["a", "b", "d"]


async def test_a_key_that_rests_is_not_asked(gateway: Gateway, upstream: RunningUpstream) -> None:
    assert await asked(gateway, upstream, {"a": 401}) == ["a", "b"]
    assert await asked(gateway, upstream, {"c": 401}) == ["c", "b"]
    assert await asked(gateway, upstream, {"b": 401}) == ["b", "d"]


async def test_the_log_tells_which_key_failed(gateway: Gateway, upstream: RunningUpstream) -> None:
    await asked(gateway, upstream, {"a": 429, "b": 500})
    await gateway.services.wallet.flush()
    [call] = [one.call for one in await gateway.store.list_calls(limit=9)]
    assert call.channel_id == 2
    assert call.attempts.startswith('["up1, key 1: ')
    assert '"up1, key 2: ' in call.attempts


async def test_one_request_that_every_key_refuses_disables_one_of_them_alone(
    gateway: Gateway, upstream: RunningUpstream
) -> None:
    gateway.channels.load([channel(upstream, keys=("a", "b", "c"))])
    assert await asked(gateway, upstream, dict.fromkeys("abc", 403)) == ["a", "b", "c"]
    assert {key for _ in range(4) for key in await asked(gateway, upstream, {})} == {"b", "c"}
