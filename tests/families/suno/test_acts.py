"""What can be had of a finished clip at once."""

import pytest

from tests.families.hostile import told_as_openai, told_in_envelope
from tests.families.suno.sung import brought, clips_told, get, post, queued, submitted, sung
from tests.gateway import MIDI, OPENING_QUOTA, make_gateway
from tutti.families.suno.timing import to_timing
from tutti.intents import SoundFile
from tutti.tasks.model import TaskFailure

pytestmark = pytest.mark.anyio

ACTS = ("wav", "mp4", "timing", "midi", "stems")


async def test_wav_is_made_once_and_then_answered_at_once():
    gateway = await make_gateway()
    clip_id = await sung(gateway, title="Lanterns")
    before = await gateway.balance()
    waiting = (await get(gateway, f"/suno/act/wav/{clip_id}")).json()
    assert (waiting["code"], waiting["data"], waiting["wav_file_url"]) == ("in_progress", None, "")
    assert (await get(gateway, f"/suno/act/wav/{clip_id}")).json()["task_id"] == waiting["task_id"]
    task, intent = await queued(gateway)
    assert isinstance(intent, SoundFile)
    assert (intent.form, intent.clip.clip_id, task.public_id) == ("wav", clip_id, waiting["task_id"])
    await gateway.finish(task)
    told = (await get(gateway, f"/suno/act/wav/{clip_id}")).json()
    assert (told["code"], told["data"]) == ("success", told["wav_file_url"])
    assert "name=Lanterns.wav" in told["data"]
    assert (await get(gateway, told["data"])).content == b"RIFF    WAVE"
    assert before - await gateway.balance() == 5_000
    (clip,) = await clips_told(gateway, waiting["task_id"])
    assert (clip["id"], clip["status"], list(clip["files"])) == (clip_id, "complete", ["wav"])


async def test_call_for_a_wav_waits_for_it():
    gateway = await make_gateway(wait_s=5.0)
    clip_id = await sung(gateway)
    async with gateway.working():
        told = (await get(gateway, f"/suno/act/wav/{clip_id}")).json()
    assert told["data"].startswith("http://tutti.test/files/")


async def test_wav_that_failed_is_tried_again_and_in_the_end_no_more():
    gateway = await make_gateway()
    clip_id = await sung(gateway)
    before = await gateway.balance()
    for _ in range(5):
        assert (await get(gateway, f"/suno/act/wav/{clip_id}")).json()["code"] == "in_progress"
        (task,) = await gateway.claim()
        await gateway.store.fail(task.lease, TaskFailure(code="x", message="no memory"), may_retry=False)
    reply = await get(gateway, f"/suno/act/wav/{clip_id}")
    assert reply.status_code == 500
    assert "no memory" in told_in_envelope(reply)
    assert await gateway.balance() == before


async def test_wav_that_was_swept_is_made_anew():
    gateway = await make_gateway()
    clip_id = await sung(gateway)
    await get(gateway, f"/suno/act/wav/{clip_id}")
    task, _ = await queued(gateway)
    await gateway.finish(task)
    await gateway.blobs.delete([info.key async for info in gateway.blobs.list_all(f"results/{task.id}")])
    assert (await get(gateway, f"/suno/act/wav/{clip_id}")).json()["code"] == "in_progress"


async def test_film_of_a_song_is_there_and_costs_nothing():
    gateway = await make_gateway()
    clip_id = await sung(gateway)
    before = await gateway.balance()
    told = (await get(gateway, f"/suno/act/mp4/{clip_id}")).json()
    assert told["data"] == {"mp4_file_url": told["mp4_file_url"]}
    assert (await get(gateway, told["mp4_file_url"])).content == b"video"
    assert await gateway.balance() == before


async def test_film_of_brought_sound_is_made():
    gateway = await make_gateway()
    clip_id = await brought(gateway)
    assert (await get(gateway, f"/suno/act/mp4/{clip_id}")).json()["code"] == "in_progress"
    task, intent = await queued(gateway)
    assert (intent.form, task.price) == ("mp4", 10_000)
    assert intent.clip.analysis_key.endswith("analysis.json")


async def test_timing_tells_each_word():
    gateway = await make_gateway()
    clip_id = await sung(gateway)
    told = (await get(gateway, f"/suno/act/timing/{clip_id}")).json()
    assert told == {
        "aligned_words": [
            {"word": "Lanterns ", "success": True, "start_s": 8.1, "end_s": 8.9, "p_align": 1.0},
            {"word": "drift\n", "success": True, "start_s": 9.0, "end_s": 9.5, "p_align": 1.0},
        ],
        "waveform_data": [0.25, 1.0],
        "hoot_cer": 0.0,
        "is_streamed": False,
    }


def test_timing_sets_no_space_between_chinese_words():
    line = (
        '[{"text":"灯火漂","start_s":1,"end_s":3,"syllables":[{"text":"灯","start_s":1,"end_s":1.5,"ends_word":false},'
        '{"text":"火","start_s":1.5,"end_s":2},{"text":"漂","start_s":2,"end_s":3,"ends_word":false}]}]'
    )
    assert [word.word for word in to_timing(line.encode()).aligned_words] == ["灯火", "漂\n"]


async def test_midi_tells_the_notes_of_each_instrument():
    gateway = await make_gateway()
    clip_id = await sung(gateway)
    told = (await get(gateway, f"/suno/act/midi/{clip_id}")).json()
    note = {"pitch": 36, "start": 0.0, "end": 0.5, "velocity": 0.756}
    assert told == {"state": "complete", "instruments": [{"name": "Bass", "notes": [note]}]}
    assert MIDI.startswith(b"MThd")


@pytest.mark.parametrize("act", ["timing", "midi"])
async def test_brought_sound_has_neither_words_nor_notes(act):
    gateway = await make_gateway()
    clip_id = await brought(gateway)
    reply = await get(gateway, f"/suno/act/{act}/{clip_id}")
    assert reply.status_code == 400
    assert "only songs made here" in told_in_envelope(reply)


async def test_stems_come_as_clips_in_work_and_cost_once():
    gateway = await make_gateway()
    clip_id = await sung(gateway, title="Lanterns")
    before = await gateway.balance()
    clips = (await get(gateway, f"/suno/act/stems/{clip_id}")).json()["clips"]
    assert [(clip["title"], clip["status"]) for clip in clips] == [
        ("Lanterns - Vocals", "submitted"),
        ("Lanterns - Instrumental", "submitted"),
    ]
    await gateway.finish_all()
    again = (await get(gateway, f"/suno/act/stems/{clip_id}")).json()["clips"]
    assert [clip["id"] for clip in again] == [clip["id"] for clip in clips]
    assert {clip["status"] for clip in again} == {"complete"}
    assert before - await gateway.balance() == 50_000


@pytest.mark.parametrize("act", ACTS)
@pytest.mark.parametrize("clip_id", ["x", "%00", "..%2F..%2Fetc", "x" * 10_000, "🎵", "FOREIGN"])
async def test_clip_that_is_not_one_s_own_does_not_exist(act, clip_id):
    gateway = await make_gateway()
    if clip_id == "FOREIGN":
        clip_id = await sung(gateway, await gateway.new_secret("someone else"))
    reply = await get(gateway, f"/suno/act/{act}/{clip_id}")
    assert 400 <= reply.status_code < 500
    assert await gateway.balance() == OPENING_QUOTA


@pytest.mark.parametrize("act", ACTS)
async def test_clip_in_work_has_no_files_yet(act):
    gateway = await make_gateway()
    task_id = await submitted(gateway)
    await gateway.claim()
    seat = (await clips_told(gateway, task_id))[0]["id"]
    reply = await get(gateway, f"/suno/act/{act}/{seat}")
    assert (reply.status_code, reply.json()["code"]) == (400, "clip_not_complete")


@pytest.mark.parametrize("act", ["wav", "stems"])
async def test_key_without_the_model_is_refused(act):
    gateway = await make_gateway()
    clip_id = await sung(gateway)
    user = await gateway.accounts.find_user("mira")
    issued = await gateway.accounts.create_key(user, "words", models=frozenset({"suno_lyrics"}))
    reply = await get(gateway, f"/suno/act/{act}/{clip_id}", secret=issued.secret)
    assert reply.status_code == 403
    assert f"suno_{act}" in told_as_openai(reply)[0]


async def test_poor_account_gets_no_wav():
    gateway = await make_gateway()
    secret = await gateway.new_secret("poor", quota=150_000)
    clip_id = await sung(gateway, secret)
    assert (await get(gateway, f"/suno/act/wav/{clip_id}", secret=secret)).status_code == 403


async def test_callers_own_idempotency_keys_never_meet_ours():
    gateway = await make_gateway()
    clip_id = await sung(gateway)
    await get(gateway, f"/suno/act/wav/{clip_id}")
    headers = {"Idempotency-Key": f"once wav of {clip_id} 0"}
    assert (await post(gateway, "/suno/submit/music", json={"prompt": "la"}, headers=headers)).status_code == 200
