"""A gateway in memory whose channels lead to the test upstream."""

from typing import Any

import pytest

from tests.gateway import Gateway, make_gateway
from tests.upstream.handle import RunningUpstream
from tutti.billing.overrides import Override
from tutti.routing.channels import Channel

MODELS = frozenset({"gpt-*", "claude-*", "gemini-*", "text-embedding-*", "tts-*"})


def channel(upstream: RunningUpstream, number: int = 1, **changes: Any) -> Channel:
    """A channel of the upstream that serves every operation."""
    given = {
        "id": number,
        "name": f"up{number}",
        "type": "gateway",
        "base_url": upstream.url,
        "keys": (f"sk-upstream-{number}",),
        "models": MODELS,
    }
    return Channel(**(given | changes))


@pytest.fixture
async def gateway(upstream: RunningUpstream) -> Gateway:
    """One channel, and a price of one unit a token for everything."""
    gateway = await make_gateway()
    gateway.channels.load([channel(upstream)])
    gateway.services.prices.override([Override("models", name, '{"input": 2, "output": 2}') for name in sorted(MODELS)])
    return gateway
