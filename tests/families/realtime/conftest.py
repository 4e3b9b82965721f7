"""A gateway with a channel at the test upstream."""

import pytest

from tests.families.realtime.talking import MODEL, PRICE, channel
from tests.gateway import Gateway, make_gateway
from tests.upstream.handle import RunningUpstream
from tutti.billing.overrides import Override


@pytest.fixture
async def gateway(upstream: RunningUpstream) -> Gateway:
    gateway = await make_gateway()
    gateway.channels.load([channel(upstream)])
    gateway.services.prices.override([Override("models", MODEL, PRICE)])
    return gateway
