import pytest

from tests.families.hostile import told_in_envelope
from tests.families.suno.sung import MUSIC, brought, clips_told, get, post, queued, submitted, sung
from tests.gateway import OPENING_QUOTA, SONG_PRICE, Gateway, make_gateway

pytestmark = pytest.mark.anyio


def asked(clip_id: str, **changes: object) -> dict[str, object]:
    return {
        "root_clip_id": clip_id,
        "name": "Mira",
        "description": "soft alto",
        "clips": [clip_id],
        "is_public": False,
        **changes,
    }


async def created(gateway: Gateway, clip_id: str, secret: str | None = None) -> str:
    return (await post(gateway, "/suno/persona/create/", secret=secret, json=asked(clip_id))).json()["id"]


@pytest.mark.parametrize("path", ["/suno/persona/create/", "/suno/persona/create", "/sunoapi/persona/create/"])
async def test_persona_is_told_bare_with_its_clip(path):
    gateway = await make_gateway()
    clip_id = await sung(gateway)
    told = (await post(gateway, path, json=asked(clip_id))).json()
    assert (told["name"], told["description"], told["root_clip_id"]) == ("Mira", "soft alto", clip_id)
    assert (told["clip"]["id"], told["clip"]["status"]) == (clip_id, "complete")
    assert (await get(gateway, f"/suno/persona/{told['id']}")).json() == told
    assert await gateway.balance() == OPENING_QUOTA - SONG_PRICE


async def test_persona_belongs_to_its_user():
    gateway = await make_gateway()
    theirs = await gateway.new_secret("someone else")
    persona_id = await created(gateway, await sung(gateway, theirs), theirs)
    reply = await get(gateway, f"/suno/persona/{persona_id}")
    assert (reply.status_code, reply.json()["code"]) == (404, "not_found")
    reply = await post(gateway, MUSIC, json={"prompt": "la", "task": "artist_consistency", "persona_id": persona_id})
    assert told_in_envelope(reply).startswith("You have no persona")


@pytest.mark.parametrize("word", ["artist_consistency", "artist_consistency_vox"])
async def test_song_is_sung_by_the_persona(word):
    gateway = await make_gateway()
    clip_id = await sung(gateway)
    persona_id = await created(gateway, clip_id)
    task_id = await submitted(gateway, task=word, persona_id=persona_id, artist_clip_id=clip_id, tags="electronic")
    task, song = await queued(gateway)
    assert (song.persona.clip_id, song.persona_id, song.source) == (clip_id, persona_id, None)
    await gateway.finish(task)
    metadata = (await clips_told(gateway, task_id))[0]["metadata"]
    assert (metadata["task"], metadata["persona_id"]) == ("artist_consistency", persona_id)


async def test_song_may_name_the_clip_in_place_of_the_persona():
    gateway = await make_gateway()
    clip_id = await sung(gateway)
    await submitted(gateway, task="artist_consistency", artist_clip_id=clip_id)
    _, song = await queued(gateway)
    assert (song.persona.clip_id, song.persona_id) == (clip_id, None)


async def test_song_without_a_singer_is_refused():
    reply = await post(await make_gateway(), MUSIC, json={"prompt": "la", "task": "artist_consistency"})
    assert "persona_id is empty" in told_in_envelope(reply)


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"root_clip_id": None}, "root_clip_id"),
        ({"root_clip_id": "x"}, "task_not_exist"),
        ({"name": " "}, "name"),
        ({"name": "x" * 201}, "name"),
        ({"name": "a\0b"}, "name"),
        ({"description": "x" * 5001}, "description"),
        ({"clips": ["c"] * 21}, "clips"),
        ({"clips": ["x" * 101]}, "clips"),
        ({"clips": "c"}, "clips"),
        ({"is_public": "no"}, "is_public"),
    ],
)
async def test_persona_that_makes_no_sense_is_refused(changes, word):
    gateway = await make_gateway()
    clip_id = await sung(gateway)
    reply = await post(gateway, "/suno/persona/create/", json=asked(clip_id, **changes))
    assert reply.status_code == 400
    assert told_in_envelope(reply).startswith(word)
    assert not gateway.store.tables.personas


async def test_clip_without_a_singer_of_ours_makes_no_persona():
    gateway = await make_gateway()
    for clip_id in (await brought(gateway), await sung(gateway, prompt="", make_instrumental=True)):
        reply = await post(gateway, "/suno/persona/create/", json=asked(clip_id))
        assert "no singer" in told_in_envelope(reply)


@pytest.mark.parametrize("persona_id", ["x", "%00", "x" * 10_000, "..%2Fx"])
async def test_impossible_persona_is_unknown(persona_id):
    reply = await get(await make_gateway(), f"/suno/persona/{persona_id}")
    assert 400 <= reply.status_code < 500
