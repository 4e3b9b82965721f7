import json
from pathlib import Path

import anyio
import httpx
import pytest

from tests.families.suno.sung import post, submitted, sung
from tests.gateway import OPENING_QUOTA, SONG_PRICE, SOUND, make_gateway
from tests.routing.factories import channel

pytestmark = pytest.mark.anyio

EXAMPLES = Path(__file__).parents[2] / "data" / "suno"


def example(name: str, **values: str) -> dict:
    text = (EXAMPLES / f"{name}.json").read_text("utf-8")
    for key, value in values.items():
        text = text.replace(f"${{{key}}}", value)
    return json.loads(text)


async def test_catalogue_examples_make_songs():
    gateway = await make_gateway()
    async with gateway.client() as client:
        for body in (example("inspiration"), example("custom")):
            assert (await client.post("/suno/submit/music", json=body)).json()["code"] == "success"
        await gateway.finish_all()
        custom = (await client.get("/v1/tasks?limit=1")).json()["data"][0]
        body = example("continuation", task_id=custom["id"], clip_id=custom["parts"][1]["id"])
        reply = await client.post("/suno/submit/music", json=body)
        await gateway.finish_all()
        song = (await client.get(f"/suno/fetch/{reply.json()['data']}")).json()["data"]
    assert song["status"] == "SUCCESS"
    assert song["data"][0]["metadata"]["audio_prompt_id"] == custom["parts"][1]["id"]
    assert await gateway.balance() == OPENING_QUOTA - 3 * SONG_PRICE


async def test_submit_keeps_the_body_as_it_came():
    gateway = await make_gateway()
    raw = b'{"prompt": "la", "generation_type": "TEXT",  "model": 7}'
    async with gateway.client() as client:
        await client.post("/suno/submit/music", content=raw)
    (task,) = await gateway.claim()
    assert task.request == raw


async def test_submit_stores_where_and_when_it_is_due():
    gateway = await make_gateway(task_deadline_s=60)
    async with gateway.client() as client:
        await client.post("/suno/submit/music", json={"prompt": "la", "notify_hook": "https://hooks.example.org/"})
    (task,) = await gateway.claim()
    assert (task.family, task.kind, task.model, task.lane) == ("suno", "song", "suno_music", "engine:song")
    assert (task.price, task.notify_hook) == (SONG_PRICE, "https://hooks.example.org/")
    assert task.deadline_at_ms - task.created_at_ms == pytest.approx(60_000, abs=1000)


async def test_light_work_never_waits_behind_songs():
    gateway = await make_gateway()
    part = await sung(gateway, task="extend", continue_clip_id=await sung(gateway), continue_at=40)
    async with gateway.client() as client:
        await client.post("/suno/submit/music", json={"prompt": "la"})
        await client.post("/suno/submit/lyrics", json={"prompt": "rain"})
        await client.post("/suno/uploads/audio", files={"file": ("riff.mp3", SOUND)})
        await client.post("/suno/submit/concat", json={"clip_id": part})
    assert {task.kind: task.lane for task in await gateway.claim()} == {
        "lyrics": "engine:lyrics",
        "song": "engine:song",
        "sound-import": "engine:sounds",
        "concat": "engine:sounds",
    }


async def test_idempotency_key_submits_once():
    gateway = await make_gateway()
    headers = {"Idempotency-Key": "k"}
    async with gateway.client() as client:
        replies = [await client.post("/suno/submit/music", json={"prompt": "la"}, headers=headers) for _ in range(3)]
        other = await client.post("/suno/submit/lyrics", json={"prompt": "la"}, headers=headers)
    assert len({reply.json()["data"] for reply in replies}) == 1
    assert other.status_code == httpx.codes.CONFLICT
    assert await gateway.balance() == OPENING_QUOTA - SONG_PRICE


@pytest.mark.parametrize("key", ["", "k" * 256])
async def test_unusable_idempotency_key_is_refused(key):
    gateway = await make_gateway()
    async with gateway.client() as client:
        reply = await client.post("/suno/submit/music", json={"prompt": "la"}, headers={"Idempotency-Key": key})
    assert reply.status_code == httpx.codes.BAD_REQUEST


async def test_idempotency_key_belongs_to_its_user():
    gateway = await make_gateway()
    ids = set()
    for secret in (gateway.secret, await gateway.new_secret("other")):
        async with gateway.client(secret) as client:
            reply = await client.post("/suno/submit/music", json={"prompt": "la"}, headers={"Idempotency-Key": "k"})
            ids.add(reply.json()["data"])
    assert len(ids) == 2


async def test_body_over_the_limit_is_refused_while_it_comes():
    gateway = await make_gateway(max_body_bytes=1024)

    async def endless():
        while True:
            yield b"x" * 600
            await anyio.lowlevel.checkpoint()

    with anyio.fail_after(5):
        async with gateway.client() as client:
            reply = await client.post("/suno/submit/music", content=endless())
    assert reply.status_code == httpx.codes.REQUEST_ENTITY_TOO_LARGE


async def test_fetch_answers_in_the_order_asked_for():
    gateway = await make_gateway()
    async with gateway.client() as client:
        ids = [(await client.post("/suno/submit/music", json={"prompt": "la"})).json()["data"] for _ in range(4)]
        wanted = [ids[2], "unknown", ids[0], ids[2]]
        reply = await client.post("/suno/fetch", json={"ids": wanted})
        refused = await client.post("/suno/fetch", json={"ids": [str(number) for number in range(1001)]})
    assert [task["task_id"] for task in reply.json()["data"]] == [ids[2], ids[0]]
    assert refused.status_code == httpx.codes.BAD_REQUEST


async def test_links_name_the_address_that_was_used():
    gateway = await make_gateway()
    async with gateway.client() as client:
        task_id = (await client.post("/suno/submit/music", json={"prompt": "la"})).json()["data"]
        await gateway.finish_all()
        reply = await client.get(f"/suno/fetch/{task_id}", headers={"host": "songs.example.org"})
    assert reply.json()["data"]["data"][0]["audio_url"].startswith("http://songs.example.org/files/")


async def test_links_name_the_public_address_when_set():
    gateway = await make_gateway(public_url="https://songs.example.org")
    async with gateway.client() as client:
        task_id = (await client.post("/suno/submit/music", json={"prompt": "la"})).json()["data"]
        await gateway.finish_all()
        reply = await client.get(f"/suno/fetch/{task_id}")
    assert reply.json()["data"]["data"][0]["audio_url"].startswith("https://songs.example.org/files/")


async def test_known_texts_are_told_in_english_when_preferred():
    gateway = await make_gateway()
    secret = await gateway.new_secret("poor", quota=1)
    async with gateway.client(secret) as client:
        headers = {"Accept-Language": "en"}
        poor = await client.post("/suno/submit/music", json={"prompt": "la"}, headers=headers)
        unknown = await client.post("/suno/submit/dance", json={"prompt": "la"}, headers=headers)
    assert poor.json()["message"] == "The account has 1 units left; this call needs 150000."
    assert "No available channel for model suno_dance" in unknown.json()["error"]["message"]


async def test_words_that_our_singer_cannot_sing_go_to_a_channel():
    gateway = await make_gateway()
    body = {"prompt": "[Verse]\n밤의 거리를 걷는다"}
    assert (await post(gateway, "/suno/submit/music", json=body)).status_code == httpx.codes.BAD_REQUEST
    gateway.channels.put(channel(type="gateway", models=frozenset({"suno_music"})))
    await submitted(gateway, **body)
