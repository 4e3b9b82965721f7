"""Deeds on channels as the admin API takes them, whatever is sent."""

from random import Random
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette

from tests.routing.factories import SERVED
from tutti.admin.channels import LocalChannelDeeds
from tutti.admin.routes import DeedRoutes
from tutti.kit.clock import ManualClock
from tutti.kit.seal import Seal
from tutti.routing.channels import Channels
from tutti.routing.choice import Chooser
from tutti.routing.desk import ChannelDesk
from tutti.tasks.memory import InMemoryTaskStore
from tutti.vendors.checks import check_channel

pytestmark = pytest.mark.anyio

CHANNEL = {"name": "main", "settings": {"type": "openai", "models": ["gpt-4o"]}, "keys": ["sk-very-secret-key-0001"]}


@pytest.fixture
def client() -> httpx.AsyncClient:
    channels = Channels(SERVED)
    desk = ChannelDesk(InMemoryTaskStore(), channels, Seal(bytes(32)), check=check_channel)
    deeds: Any = LocalChannelDeeds(desk, Chooser(channels, clock=ManualClock(), rng=Random(1)))
    app = Starlette(routes=DeedRoutes(deeds).routes)
    return httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://tutti")


async def test_channel_is_told_without_its_key(client: httpx.AsyncClient) -> None:
    reply = await client.post("/deeds/add_channel", json=CHANNEL)
    assert reply.status_code == 200
    told = reply.json()["result"]
    assert (told["keys"], told["settings"]["models"], told["state"]) == (["...0001"], ["gpt-4o"], "well")
    assert "very-secret" not in reply.text
    assert (await client.post("/deeds/list_channels")).json()["result"] == [told]


@pytest.mark.parametrize(
    ("deed", "arguments"),
    [
        ("add_channel", {}),
        ("add_channel", CHANNEL | {"name": 5}),
        ("add_channel", CHANNEL | {"name": None}),
        ("add_channel", CHANNEL | {"settings": 5}),
        ("add_channel", CHANNEL | {"settings": {"type": "openai", "models": {"a": 1}}}),
        ("add_channel", CHANNEL | {"keys": 5}),
        ("add_channel", CHANNEL | {"keys": [None]}),
        ("add_channel", CHANNEL | {"headers": 5}),
        ("add_channel", CHANNEL | {"headers": {"a": 1}}),
        ("add_channel", CHANNEL | {"more": 1}),
        ("change_channel", {"name": "nobody"}),
        ("change_channel", {"name": {}, "settings": {}}),
        ("remove_channel", {"name": []}),
        ("test_channel", {"name": "nobody"}),
    ],
)
async def test_what_does_not_fit_is_refused_with_a_reason(
    client: httpx.AsyncClient, deed: str, arguments: dict[str, Any]
) -> None:
    reply = await client.post(f"/deeds/{deed}", json=arguments)
    assert 400 <= reply.status_code < 500
    assert reply.json()["message"]
    assert "very-secret" not in reply.text
    assert (await client.post("/deeds/list_channels")).json()["result"] == []
