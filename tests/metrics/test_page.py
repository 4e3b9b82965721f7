"""`/metrics` of a whole gateway over the test upstream, read as Prometheus reads it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.upstream.handle import RunningUpstream
from tutti.app import open_gateway
from tutti.settings import Settings

pytestmark = pytest.mark.anyio

HELLO = [{"role": "user", "content": "hello there"}]


@asynccontextmanager
async def opened(
    data: Path, upstream: RunningUpstream, **settings: Any
) -> AsyncIterator[tuple[Any, httpx.AsyncClient]]:
    """A gateway with a channel that serves gpt-4o and a name without a price of its own, and a client with its key."""
    models = ["gpt-4o", "secret-name"]
    key = data / "upstream-key"
    key.write_text("sk-up")
    given = {"name": "up", "type": "gateway", "base_url": upstream.url, "key_file": str(key), "models": models}
    chosen = Settings(data=data, channels=(given,), song_workers=0, unpriced_usd=1, disk_free_bytes=0, **settings)
    async with open_gateway(chosen, base_url="http://tutti.test", engines=()) as gateway:
        transport = httpx.ASGITransport(app=gateway.app)
        headers = {"authorization": f"Bearer {gateway.first_run.key}"}
        async with httpx.AsyncClient(transport=transport, base_url="http://tutti.test", headers=headers) as client:
            yield gateway, client


async def figures(client: httpx.AsyncClient) -> dict[tuple[str, ...], float]:
    """Every sample by its name and the values of its labels, which are told in the order of their names."""
    reply = await client.get("/metrics")
    assert reply.status_code == 200, reply.text
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(reply.text)
        for sample in family.samples
    }


async def test_what_happens_is_told(tmp_path: Path, upstream: RunningUpstream) -> None:
    async with opened(tmp_path, upstream, metrics="open") as (_, client):
        for model in ("gpt-4o", "secret-name"):
            await client.post("/v1/chat/completions", json={"model": model, "messages": HELLO})
        upstream.set_fault(status=500)
        await client.post("/v1/chat/completions", json={"model": "gpt-4o", "messages": HELLO})
        await client.post("/suno/submit/lyrics", json={"prompt": "rain"})
        await client.get("/nobody/knows/this")
        told = await figures(client)
    assert told["tutti_requests_seconds_count", "chat", "200"] == 2
    assert told["tutti_requests_seconds_count", "other", "404"] == 1
    assert told["tutti_calls_total", "up", "chat", "200"] == 2
    assert told["tutti_calls_total", "", "chat", "500"] == 1
    assert told["tutti_upstream_exchanges_total", "up", "ok"] == 2
    assert told["tutti_upstream_exchanges_total", "up", "failed"] == 1
    assert told["tutti_tokens_total", "output", "gpt-4o"] > 0
    assert told["tutti_tokens_total", "output", "other"] > 0
    assert told["tutti_units_total", "chat"] > 0
    assert told["tutti_first_byte_seconds_count", "chat"] == 2
    assert told["tutti_channel_well", "up"] == 1
    assert told["tutti_wallet_units", "free"] > 0
    assert told["tutti_tasks_live", "engine:lyrics", "queued"] == 1
    assert told[("tutti_webhooks_waiting",)] == 0
    assert told[("process_resident_memory_bytes",)] > 0


async def test_nothing_told_says_who_called_or_what_they_made_up(tmp_path: Path, upstream: RunningUpstream) -> None:
    async with opened(tmp_path, upstream, metrics="open") as (gateway, client):
        await client.post("/v1/chat/completions", json={"model": "secret-name", "messages": HELLO})
        await client.get("/invented/path")
        text = (await client.get("/metrics")).text
    assert "tutti_tokens_total" in text
    for word in ("secret-name", "invented", "admin", "hello", gateway.first_run.key):
        assert word not in text


async def test_by_itself_only_administrators_read_it(tmp_path: Path, upstream: RunningUpstream) -> None:
    async with opened(tmp_path, upstream) as (gateway, client):
        assert (await client.get("/metrics")).status_code == 401
        token = {"authorization": f"Bearer {gateway.first_run.access_token}"}
        assert (await client.get("/metrics", headers=token)).status_code == 200


async def test_it_can_be_off(tmp_path: Path, upstream: RunningUpstream) -> None:
    async with opened(tmp_path, upstream, metrics="off") as (_, client):
        assert (await client.get("/metrics")).status_code == 404
