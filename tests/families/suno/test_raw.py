"""The v1 sub-family, and the other prefixes of all routes."""

import pytest

from tests.families.hostile import told_as_openai, told_in_envelope
from tests.families.suno.sung import clips_told, get, post, submitted, sung
from tests.gateway import OPENING_QUOTA, SONG_PRICE, make_gateway

pytestmark = pytest.mark.anyio


async def test_generate_answers_with_promised_clips_that_the_feed_finishes():
    gateway = await make_gateway()
    told = (
        await post(gateway, "/suno/generate", json={"prompt": "[Verse]\nla", "title": "T", "mv": "chirp-v4"})
    ).json()
    ids = [clip["id"] for clip in told["clips"]]
    assert (told["status"], told["batch_size"], told["major_model_version"]) == ("complete", 2, "v4")
    assert {clip["status"] for clip in told["clips"]} == {"submitted"}
    (task,) = await gateway.claim()
    await gateway.publish(task, 1)
    feed = (await get(gateway, f"/suno/feed/{ids[1]},{ids[0]}")).json()
    assert [(clip["id"], clip["status"]) for clip in feed] == [(ids[1], "complete"), (ids[0], "streaming")]
    assert await gateway.balance() == OPENING_QUOTA - SONG_PRICE
    assert [clip["id"] for clip in await clips_told(gateway, told["id"])] == ids


async def test_feed_leaves_out_what_is_not_one_s_own():
    gateway = await make_gateway()
    theirs = await sung(gateway, await gateway.new_secret("someone else"))
    mine = await sung(gateway)
    feed = (await get(gateway, f"/suno/feed/{theirs},{mine},nothing,,{mine}")).json()
    assert [clip["id"] for clip in feed] == [mine]
    assert (await get(gateway, f"/suno/feed/{theirs}")).json() == []


async def test_feed_of_too_many_clips_is_refused():
    reply = await get(await make_gateway(), "/suno/feed/" + ",".join(str(number) for number in range(101)))
    assert "at most 100" in told_in_envelope(reply)


@pytest.mark.parametrize("ids", ["%00", "..%2F", "x" * 10_000, "🎵", ",", "' OR 1=1 --"])
async def test_impossible_clips_are_nobody_s(ids):
    reply = await get(await make_gateway(), f"/suno/feed/{ids}")
    assert reply.status_code < 500


async def test_failed_clip_says_so_in_the_feed():
    gateway = await make_gateway()
    task_id = await submitted(gateway)
    (task,) = await gateway.claim()
    seat = (await clips_told(gateway, task_id))[0]["id"]
    await gateway.fail(task)
    (clip,) = (await get(gateway, f"/suno/feed/{seat}")).json()
    assert (clip["status"], clip["metadata"]["error_message"]) == ("error", "the engine gave up")


@pytest.mark.parametrize("path", ["/suno/generate/lyrics/", "/suno/generate/lyrics", "/suno/v1/generate/lyrics/"])
async def test_lyrics_are_asked_for_and_read_bare(path):
    gateway = await make_gateway()
    lyrics_id = (await post(gateway, path, json={"prompt": "a market in the rain"})).json()["id"]
    assert (await get(gateway, f"/suno/lyrics/{lyrics_id}")).json()["status"] == "submitted"
    await gateway.finish_all()
    told = (await get(gateway, f"/suno/lyrics/{lyrics_id}")).json()
    assert (told["status"], told["title"]) == ("complete", "Market Rain")
    assert "a market in the rain" in told["text"]


async def test_song_is_no_lyrics():
    gateway = await make_gateway()
    task_id = await submitted(gateway)
    assert (await get(gateway, f"/suno/lyrics/{task_id}")).json()["code"] == "task_not_exist"


async def test_concat_answers_with_the_promised_clip():
    gateway = await make_gateway()
    first = await sung(gateway)
    part = await sung(gateway, task="extend", continue_clip_id=first, continue_at=10)
    clip = (await post(gateway, "/suno/generate/concat", json={"clip_id": part, "is_infill": False})).json()
    assert (clip["status"], clip["metadata"]["type"]) == ("submitted", "concat")
    await gateway.finish_all()
    assert (await get(gateway, f"/suno/feed/{clip['id']}")).json()[0]["status"] == "complete"


async def test_generate_is_refused_as_a_submit_is():
    gateway = await make_gateway()
    assert "prompt_empty" in told_in_envelope(await post(gateway, "/suno/generate", json={}))
    assert told_as_openai(await post(gateway, "/suno/generate", secret="", json={"prompt": "la"}))


@pytest.mark.parametrize("prefix", ["/suno", "/sunoapi", "/sunoi", "/suno/v1"])
async def test_every_prefix_serves_the_family(prefix):
    gateway = await make_gateway()
    task_id = (await post(gateway, f"{prefix}/submit/music", json={"prompt": "la"})).json()["data"]
    assert (await get(gateway, f"{prefix}/fetch/{task_id}")).json()["data"]["status"] == "NOT_START"
    assert (await get(gateway, f"{prefix}/nothing/here")).status_code == 404
    assert "prompt_empty" in told_in_envelope(await post(gateway, f"{prefix}/submit/music", json={}))
