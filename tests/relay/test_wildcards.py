"""Public GPTs, whose names nobody can list: one pattern stands for all, wherever an operator writes it."""

import httpx
import pytest

from tests.gateway import Gateway
from tests.relay.conftest import channel
from tests.relay.test_calls import ask, charged
from tests.upstream.handle import RunningUpstream
from tutti.billing.overrides import Override

pytestmark = pytest.mark.anyio

PATTERN, NAME = "gpt-4-gizmo-*", "gpt-4-gizmo-g-bo0FiWLY7"


async def asked(gateway: Gateway, secret: str | None = None, model: str = NAME) -> httpx.Response:
    return await ask(gateway, secret=secret, model=model)


async def test_channel_that_lists_the_pattern_serves_the_name_as_it_is(
    gateway: Gateway, upstream: RunningUpstream
) -> None:
    gateway.channels.load([channel(upstream, models=frozenset({PATTERN}))])
    assert (await asked(gateway)).status_code == 200
    assert upstream.seen()[0]["json"]["model"] == NAME
    assert (await asked(gateway, model="gpt-4o-gizmo-g-1")).status_code == 503


async def test_pattern_is_mapped_to_one_model(gateway: Gateway, upstream: RunningUpstream) -> None:
    gateway.channels.load([channel(upstream, models=frozenset(), model_map={PATTERN: "gpt-4o"}, type="openai")])
    assert (await asked(gateway)).status_code == 200
    assert upstream.seen()[0]["json"]["model"] == "gpt-4o"


async def test_key_bound_to_the_pattern_may_use_the_name(gateway: Gateway) -> None:
    secret = await gateway.new_secret("bound", models=frozenset({PATTERN}))
    assert (await asked(gateway, secret)).status_code == 200
    refused = await asked(gateway, secret, "gpt-4o")
    assert (refused.status_code, refused.json()["error"]["code"]) == (403, "model_not_allowed")


async def test_price_of_the_pattern_holds_for_the_name(gateway: Gateway) -> None:
    gateway.services.prices.override([Override("models", PATTERN, '{"call": 0.25}')])
    assert (await asked(gateway)).status_code == 200
    assert await charged(gateway) == 125_000
