"""The upstream's Suno tasks, as a client of the New-API family asks for them."""

import httpx
import pytest

from tests.upstream.handle import RunningUpstream

TASK_KEYS = """task_id notify_hook action status fail_reason submit_time start_time finish_time progress data"""
CLIP_KEYS = """id title status audio_url video_url image_url image_large_url is_video_pending major_model_version
    model_name is_liked user_id display_name handle is_handle_updated is_trashed reaction created_at play_count
    upvote_count is_public metadata"""
METADATA_KEYS = """tags prompt gpt_description_prompt audio_prompt_id history concat_history type duration
    refund_credits stream error_type error_message"""


@pytest.fixture
def client(upstream: RunningUpstream):
    with httpx.Client(base_url=upstream.url, headers={"authorization": "Bearer sk-one"}, trust_env=False) as client:
        yield client


def submit(client, action="music", *, key="sk-one", headers=None, **form) -> httpx.Response:
    headers = {"authorization": f"Bearer {key}", **(headers or {})}
    return client.post(f"/suno/submit/{action}", json=form, headers=headers)


def fetch(client, *ids) -> list[dict]:
    return client.post("/suno/fetch", json={"ids": ids, "action": "MUSIC"}).json()["data"]


def finished(client, **form) -> dict:
    task_id = submit(client, **form).json()["data"]
    fetch(client, task_id)
    return fetch(client, task_id)[0]


def test_song_is_done_at_its_second_fetch_and_has_the_documented_keys(client):
    task_id = submit(client, prompt="[Verse]\nLanterns", title="Dawn").json()["data"]
    [begun] = fetch(client, task_id)
    [done] = fetch(client, task_id)
    assert (begun["status"], done["status"], done["progress"]) == ("IN_PROGRESS", "SUCCESS", "100%")
    assert set(done) == set(TASK_KEYS.split())
    assert [set(clip) for clip in done["data"]] == [set(CLIP_KEYS.split())] * 2
    assert set(done["data"][0]["metadata"]) == set(METADATA_KEYS.split())
    assert client.get(done["data"][0]["audio_url"]).content.startswith(b"ID3")
    assert client.get(f"/suno/fetch/{task_id}").json()["data"] == done


def test_words_and_failures(client):
    assert "Words" in finished(client, action="lyrics", prompt="rain")["data"]["text"]
    failed = finished(client, prompt="fail please")
    assert (failed["status"], failed["fail_reason"]) == ("FAILURE", "The upstream's singer has a cold.")


def test_one_idempotency_key_is_one_job(client):
    headers = {"idempotency-key": "once"}
    ids = {submit(client, prompt="la", headers=headers).json()["data"] for _ in range(2)}
    others = {submit(client, prompt="keyless", headers=headers).json()["data"] for _ in range(2)}
    assert (len(ids), len(others), len(client.get("/_jobs").json())) == (1, 2, 3)


def test_continuations_stay_with_account_and_task(client):
    parent = finished(client, prompt="la")
    form = {"prompt": "more", "continue_clip_id": parent["data"][0]["id"], "continue_at": 30}
    assert submit(client, **form, task_id=parent["task_id"]).status_code == 200
    assert submit(client, **form, task="extend").status_code == 200
    refusals = [
        submit(client, **form),
        submit(client, **form, task_id="another"),
        submit(client, **form, task_id=parent["task_id"], key="sk-two"),
    ]
    assert [one.status_code for one in refusals] == [400, 400, 400]


@pytest.mark.parametrize(
    ("action", "form"), [("music", {}), ("lyrics", {}), ("dance", {"prompt": "la"}), ("music", {"prompt": 5})]
)
def test_what_is_no_suno_request_is_refused(client, action, form):
    reply = submit(client, action, **form)
    assert (reply.status_code, reply.json()["code"], reply.json()["data"]) == (400, "invalid_request", None)


def test_tasks_of_others_and_forgotten_ones_are_left_out(client, upstream):
    mine, theirs = (submit(client, prompt="la", key=key).json()["data"] for key in ("sk-one", "sk-two"))
    assert [task["task_id"] for task in fetch(client, mine, theirs, "nobody")] == [mine]
    upstream.set_fault(path="/fetch", forget=True)
    assert fetch(client, mine) == []
    assert client.get("/suno/fetch/nobody").json()["code"] == "task_not_exist"


def test_files_are_cut_as_often_as_a_fault_says(client, upstream):
    address = finished(client, prompt="la")["data"][0]["audio_url"]
    upstream.set_fault(path=".mp3", times=1, cut_after=0)
    with pytest.raises(httpx.RemoteProtocolError):
        client.get(address)
    assert len(client.get(address).content) == 60_003
