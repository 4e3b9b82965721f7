import asyncio
import json
from itertools import pairwise

import httpx
import pytest

from tests.gateway import OPENING_QUOTA, SONG_PRICE, Gateway, make_gateway

pytestmark = pytest.mark.anyio


async def submit(gateway: Gateway, count: int = 1) -> list[str]:
    async with gateway.client() as client:
        replies = [await client.post("/suno/submit/music", json={"prompt": "la"}) for _ in range(count)]
    return [reply.json()["data"] for reply in replies]


async def test_pages_cover_every_task_once_newest_first():
    gateway = await make_gateway()
    ids = await submit(gateway, 7)
    seen, after, pages = [], None, 0
    async with gateway.client() as client:
        while pages == 0 or after:
            query = {"limit": 3} | ({"after": after} if after else {})
            page = (await client.get("/v1/tasks", params=query)).json()
            seen += page["data"]
            after = page["last_id"] if page["has_more"] else None
            pages += 1
    assert sorted(task["id"] for task in seen) == sorted(ids)
    made = [task["created_at"] for task in seen]
    # Ids are dated when a task is asked for, tasks when they are stored: a moment lies between.
    assert all(earlier <= later + 0.05 for later, earlier in pairwise(made))
    assert pages == 3


async def test_list_shows_only_ones_own():
    gateway = await make_gateway()
    await submit(gateway)
    async with gateway.client(await gateway.new_secret("other")) as client:
        assert (await client.get("/v1/tasks")).json()["data"] == []


@pytest.mark.parametrize(("policy", "cost"), [("full", 0), ("none", SONG_PRICE)])
async def test_cancelled_task_is_refunded_by_policy(policy, cost):
    gateway = await make_gateway(cancel_refund=policy)
    (task_id,) = await submit(gateway)
    (task,) = await gateway.claim()
    async with gateway.client() as client:
        assert (await client.delete(f"/v1/tasks/{task_id}")).json()["is_cancel_requested"]
        await gateway.store.finish_cancel(task.lease)
        told = (await client.get(f"/v1/tasks/{task_id}")).json()
    assert (told["status"], told["cost"]) == ("cancelled", cost)
    assert await gateway.balance() == OPENING_QUOTA - cost


@pytest.mark.parametrize("policy", ["full", "none"])
async def test_waiting_task_is_always_refunded(policy):
    gateway = await make_gateway(cancel_refund=policy)
    (task_id,) = await submit(gateway)
    async with gateway.client() as client:
        assert (await client.delete(f"/v1/tasks/{task_id}")).json()["status"] == "cancelled"
    assert await gateway.balance() == OPENING_QUOTA


@pytest.mark.parametrize(("path", "accept"), [("/events", "*/*"), ("", "text/event-stream")])
async def test_events_follow_a_task_to_its_end(path, accept):
    gateway = await make_gateway()
    (task_id,) = await submit(gateway)
    async with gateway.client() as client:
        reading = asyncio.create_task(client.get(f"/v1/tasks/{task_id}{path}", headers={"Accept": accept}))
        # Only a reader who waits is woken; the others find the end at once.
        await asyncio.sleep(0.5)
        await gateway.finish_all()
        reply = await asyncio.wait_for(reading, 5)
    assert reply.headers["content-type"].startswith("text/event-stream")
    blocks = [block for block in reply.text.split("\n\n") if block]
    events = [block for block in blocks if block != ": ping"]
    names = [event.splitlines()[0] for event in events]
    told = [json.loads(event.splitlines()[1].removeprefix("data: ")) for event in events]
    assert names == ["event: progress"] * (len(names) - 1) + ["event: done"]
    assert ": ping" in blocks
    assert told[0]["status"] == "queued"
    assert (told[-1]["status"], len(told[-1]["parts"])) == ("succeeded", 2)


async def test_documentation_lists_the_routes():
    gateway = await make_gateway()
    async with gateway.client("") as client:
        paths = (await client.get("/openapi.json")).json()["paths"]
    assert paths.keys() == {"/v1/tasks", "/v1/tasks/{task_id}", "/v1/tasks/{task_id}/events"}


async def test_unknown_status_is_refused():
    gateway = await make_gateway()
    async with gateway.client() as client:
        reply = await client.get("/v1/tasks?status=sleeping")
    assert reply.status_code == httpx.codes.BAD_REQUEST
    assert reply.json()["error"]["param"] == "status"
