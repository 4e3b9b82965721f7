"""The task words of a submit: what becomes of an earlier clip, and how clips tell where they came from."""

from typing import Any

import pytest

from tests.families.hostile import told_in_envelope
from tests.families.suno.sung import MUSIC, brought, clips_told, get, post, queued, submitted, sung, sung_over_brought
from tests.gateway import CLIP_SECONDS, OPENING_QUOTA, SONG_PRICE, make_gateway
from tutti.intents import Accompany, Cover, GoOn, Replace, SingOver, Song, Stems

pytestmark = pytest.mark.anyio

# Task word -> the body that works on a clip, and what the song is then made from.
WORDS: dict[str, tuple[dict[str, Any], type]] = {
    "extend": ({"continue_clip_id": "CLIP", "continue_at": 61.5}, GoOn),
    "upload_extend": ({"continue_clip_id": "CLIP", "continue_at": 61.5}, GoOn),
    "cover": ({"cover_clip_id": "CLIP", "tags": "bossa nova", "continue_at": None}, Cover),
    "infill": ({"continue_clip_id": "CLIP", "infill_start_s": 10, "infill_end_s": 20}, Replace),
    "underpainting": (
        {"underpainting_clip_id": "CLIP", "underpainting_start_s": 0, "underpainting_end_s": 57.9},
        Accompany,
    ),
    "overpainting": ({"overpainting_clip_id": "CLIP"}, SingOver),
}


def body_of(word: str, clip_id: str, **more: Any) -> dict[str, Any]:
    fields = {field: clip_id if value == "CLIP" else value for field, value in WORDS[word][0].items()}
    return {"task": word, "prompt": "[Bridge]\nOver the water", "mv": "chirp-auk", **fields, **more}


@pytest.mark.parametrize("word", WORDS)
async def test_word_makes_a_song_of_the_clip(word):
    gateway = await make_gateway()
    clip_id = await sung(gateway, title="Lanterns", tags="folk")
    task_id = await submitted(gateway, **body_of(word, clip_id))
    task, song = await queued(gateway)
    assert isinstance(song, Song)
    assert isinstance(song.source, WORDS[word][1])
    assert song.source.clip.clip_id == clip_id
    assert song.source.clip.plan_key.endswith("plan.json")
    assert song.title == "Lanterns"
    await gateway.finish(task)
    first, second = await clips_told(gateway, task_id)
    assert first["metadata"]["task"] == ("extend" if word == "upload_extend" else word)
    assert first["metadata"]["type"] == "gen"
    assert first["metadata"]["seed"] != second["metadata"]["seed"]
    assert await gateway.balance() == OPENING_QUOTA - 2 * SONG_PRICE


async def test_extend_sings_the_new_part_alone():
    gateway = await make_gateway()
    clip_id = await sung(gateway)
    task_id = await submitted(gateway, **body_of("extend", clip_id))
    _, song = await queued(gateway)
    assert (song.source.at_s, song.source.is_whole) == (61.5, False)
    (clip, _) = await clips_told(gateway, task_id)
    assert clip["metadata"]["history"] == [{"id": clip_id, "continue_at": 61.5}]
    assert clip["continue_at"] == 61.5


async def test_older_continuation_still_yields_the_whole():
    gateway = await make_gateway()
    task_id = await submitted(gateway)
    await gateway.finish_all()
    clip_id = (await clips_told(gateway, task_id))[0]["id"]
    child = await submitted(gateway, task_id=task_id, continue_clip_id=clip_id)
    _, song = await queued(gateway)
    assert (song.source.at_s, song.source.is_whole) == (CLIP_SECONDS, True)
    assert "task" not in (await clips_told(gateway, child))[0]["metadata"]


async def test_brought_sound_is_extended_with_its_analysis():
    gateway = await make_gateway()
    clip_id = await brought(gateway)
    task_id = await submitted(gateway, **body_of("extend", clip_id, mv="chirp-v4-upload"))
    _, song = await queued(gateway)
    assert song.source.clip.plan_key is None
    assert song.source.clip.analysis_key.endswith("analysis.json")
    assert (await clips_told(gateway, task_id))[0]["metadata"]["task"] == "upload_extend"


@pytest.mark.parametrize(
    ("more", "lyrics", "is_instrumental"),
    [
        ({"prompt": "[Verse]\nOther words"}, "[Verse]\nOther words", False),
        ({"prompt": ""}, "[Verse]\nLanterns", False),
        ({"prompt": None}, "[Verse]\nLanterns", False),
        ({"prompt": None, "gpt_description_prompt": "slower"}, "[Verse]\nLanterns", False),
        ({"prompt": "la", "make_instrumental": True}, "", True),
    ],
)
async def test_cover_keeps_the_words_unless_others_are_sent(more, lyrics, is_instrumental):
    gateway = await make_gateway()
    clip_id = await sung(gateway)
    await submitted(gateway, **body_of("cover", clip_id, **more))
    _, song = await queued(gateway)
    assert (song.lyrics, song.is_instrumental, song.tags) == (lyrics, is_instrumental, "bossa nova")


@pytest.mark.parametrize(
    "more",
    [
        {"infill_lyrics": "New words"},
        {"metadata": {"infill_lyrics": "New words"}},
        {"metadata_params": {"infill_lyrics": "New words"}},
        {"metadata_params": {"metadata": {"infill_lyrics": "New words"}}},
        {"prompt": "New words"},
    ],
)
async def test_infill_takes_its_words_from_wherever_they_stand(more):
    gateway = await make_gateway()
    clip_id = await sung(gateway)
    await submitted(gateway, **body_of("infill", clip_id, **more))
    _, song = await queued(gateway)
    assert song.lyrics == "New words"
    assert (song.source.start_s, song.source.end_s) == (10, 20)


async def test_infill_may_nest_its_stretch():
    gateway = await make_gateway()
    clip_id = await sung(gateway)
    params = {"infill_start_s": 28.5, "infill_end_s": 53.2}
    await submitted(gateway, task="infill", continue_clip_id=clip_id, metadata_params=params)
    _, song = await queued(gateway)
    assert (song.source.start_s, song.source.end_s) == (28.5, 53.2)


async def test_stretch_that_ends_a_rounding_past_the_clip_ends_with_it():
    gateway = await make_gateway()
    clip_id = await sung(gateway)
    await submitted(gateway, **body_of("underpainting", clip_id, underpainting_end_s=CLIP_SECONDS + 0.4))
    _, song = await queued(gateway)
    assert (song.source.end_s, song.is_instrumental) == (CLIP_SECONDS, True)


async def refused(gateway: Any, body: dict[str, Any]) -> str:
    """The message of a submit that is refused at no cost."""
    before = await gateway.balance()
    reply = await post(gateway, MUSIC, json=body)
    assert reply.status_code == 400, reply.text
    assert await gateway.balance() == before
    return told_in_envelope(reply)


@pytest.mark.parametrize("word", ["vox", "upsample", "mashup", "EXTEND", "x" * 1000])
async def test_unknown_word_is_refused_with_the_known_ones(word):
    message = await refused(await make_gateway(), {"prompt": "la", "task": word})
    assert message.startswith("task is ")
    assert "extend, upload_extend, cover, infill" in message


@pytest.mark.parametrize("word", [*WORDS, "gen_stem"])
@pytest.mark.parametrize("clip_id", [None, "", "x", "x" * 100_000, "' OR 1=1 --", "FOREIGN"])
async def test_clip_that_is_not_one_s_own_is_refused(word, clip_id):
    gateway = await make_gateway()
    if clip_id == "FOREIGN":
        clip_id = await sung(gateway, await gateway.new_secret("someone else"))
    field = WORDS[word][0] if word in WORDS else {"continue_clip_id": "CLIP"}
    name = next(name for name, value in field.items() if value == "CLIP")
    message = await refused(gateway, {"task": word, "prompt": "la", **field, name: clip_id})
    assert name in message or message.startswith("task_not_exist")


@pytest.mark.parametrize("word", WORDS)
async def test_clip_in_work_is_refused(word):
    gateway = await make_gateway()
    task_id = await submitted(gateway)
    (task,) = await gateway.claim()
    seat = (await clips_told(gateway, task_id))[1]["id"]
    assert "not complete yet" in await refused(gateway, body_of(word, seat))
    await gateway.fail(task)
    assert "the engine gave up" in await refused(gateway, body_of(word, seat))


async def test_clip_whose_files_were_swept_is_refused_at_once():
    gateway = await make_gateway()
    clip_id = await sung(gateway)
    await gateway.blobs.delete([info.key async for info in gateway.blobs.list_all("results")])
    before = await gateway.balance()
    reply = await post(gateway, MUSIC, json=body_of("cover", clip_id))
    assert (reply.status_code, reply.json()["code"]) == (404, "not_found")
    assert "no longer kept" in told_in_envelope(reply)
    assert await gateway.balance() == before


@pytest.mark.parametrize(
    ("word", "more", "field"),
    [
        ("extend", {"continue_at": -1}, "continue_at"),
        ("extend", {"continue_at": 96.6}, "continue_at"),
        ("infill", {"infill_start_s": None}, "infill_start_s"),
        ("infill", {"infill_end_s": None}, "infill_end_s"),
        ("infill", {"infill_start_s": 20, "infill_end_s": 20}, "infill_end_s"),
        ("infill", {"infill_start_s": -1}, "infill_start_s"),
        ("infill", {"infill_end_s": 98}, "infill_end_s"),
        ("underpainting", {"underpainting_start_s": 96.5}, "underpainting_start_s"),
        ("overpainting", {"overpainting_end_s": 1e308}, "overpainting_end_s"),
        ("overpainting", {"prompt": " "}, "prompt_empty"),
        ("cover", {"tags": "x" * 1001}, "tags"),
        ("extend", {"prompt": None}, "prompt_empty"),
    ],
)
async def test_edit_that_makes_no_sense_is_refused_by_its_field(word, more, field):
    gateway = await make_gateway()
    clip_id = await sung(gateway)
    assert (await refused(gateway, body_of(word, clip_id, **more))).startswith(field)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("task", 7),
        ("cover_clip_id", 1),
        ("infill_start_s", "10"),
        ("seed", 1.5),
        ("seed", "7"),
        ("bpm", "fast"),
        ("metadata", "f"),
        ("metadata", {"control_sliders": [1]}),
        ("metadata_params", 1),
        ("stem_task", 2),
        ("persona_id", 7),
    ],
)
async def test_wrong_type_is_refused_by_the_field_s_name(field, value):
    assert (await refused(await make_gateway(), {"prompt": "la", field: value})).startswith(field)


@pytest.mark.parametrize(
    ("more", "names", "price"),
    [
        ({}, ["vocals", "instrumental"], 50_000),
        ({"stem_task": "two", "stem_type_group_name": "Two"}, ["vocals", "instrumental"], 50_000),
        ({"stem_task": "instrumental"}, ["instrumental"], 50_000),
        ({"stem_type_group_name": "Twelve"}, ["vocals", "bass", "drums"], 150_000),
        ({"stem_task": "twelve"}, ["vocals", "bass", "drums"], 150_000),
    ],
)
async def test_stems_are_named_and_priced_by_what_is_asked_for(more, names, price):
    gateway = await make_gateway()
    clip_id = await sung(gateway, title="Lanterns")
    before = await gateway.balance()
    body = {"prompt": "", "make_instrumental": True, "continue_at": None, "stem_type_id": 91}
    task_id = await submitted(gateway, task="gen_stem", continue_clip_id=clip_id, **body, **more)
    task, stems = await queued(gateway)
    assert isinstance(stems, Stems)
    assert list(stems.seats) == names
    assert before - await gateway.balance() == price
    await gateway.finish(task)
    clips = await clips_told(gateway, task_id)
    assert [clip["title"] for clip in clips] == [f"Lanterns - {name.title()}" for name in names]
    assert {clip["metadata"]["stem_from_id"] for clip in clips} == {clip_id}
    assert {(clip["metadata"]["type"], clip["model_name"]) for clip in clips} == {("stem", "chirp-stem")}


async def test_brought_sound_comes_apart_into_two_only():
    gateway = await make_gateway()
    clip_id = await brought(gateway)
    body = {"task": "gen_stem", "continue_clip_id": clip_id, "stem_task": "twelve"}
    assert "no score" in await refused(gateway, body)
    await submitted(gateway, **body | {"stem_task": "two"})


async def test_song_over_brought_sound_comes_apart_into_two_only():
    gateway = await make_gateway()
    clip_id = await sung_over_brought(gateway)
    body = {"task": "gen_stem", "continue_clip_id": clip_id, "stem_task": "twelve"}
    assert "brought sound" in await refused(gateway, body)
    await submitted(gateway, **body | {"stem_task": "two"})


async def test_unknown_stem_word_is_refused():
    gateway = await make_gateway()
    body = {"task": "gen_stem", "continue_clip_id": "x", "stem_task": "thirteen"}
    assert "two, twelve, vocals, instrumental" in await refused(gateway, body)


async def test_stem_is_a_clip_like_any_other():
    gateway = await make_gateway()
    clip_id = await sung(gateway)
    task_id = await submitted(gateway, task="gen_stem", continue_clip_id=clip_id)
    await gateway.finish_all()
    vocals = (await clips_told(gateway, task_id))[0]["id"]
    await submitted(gateway, **body_of("underpainting", vocals))
    assert (await get(gateway, f"/suno/feed/{vocals}")).json()[0]["status"] == "complete"


async def test_stem_keeps_its_title_whatever_its_maker_calls_it():
    gateway = await make_gateway()
    clip_id = await sung(gateway, title="Lanterns")
    task_id = await submitted(gateway, task="gen_stem", continue_clip_id=clip_id)
    (task,) = await gateway.claim()
    await gateway.publish(task, 0, title="Lanterns (voice)")
    assert (await clips_told(gateway, task_id))[0]["title"] == "Lanterns - Vocals"


async def test_clip_that_grows_is_not_worked_on():
    gateway = await make_gateway()
    task_id = await submitted(gateway)
    (task,) = await gateway.claim()
    growing = await gateway.publish(task, 0, is_growing=True)
    assert "not complete yet" in await refused(gateway, body_of("extend", growing.clip_id))
    assert (await clips_told(gateway, task_id))[0]["status"] == "streaming"
