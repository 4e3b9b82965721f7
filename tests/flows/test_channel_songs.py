"""Songs and words that another gateway makes: a whole server, its command line, and the test upstream."""

import httpx
import pytest

from tests.flows.process import TuttiProcess, until
from tests.upstream.handle import RunningUpstream

WORK_S = 60.0
SONG = {"prompt": "[Verse]\nLanterns", "title": "Dawn", "tags": "folk", "mv": "chirp-v4"}


@pytest.fixture
def key(server: TuttiProcess, upstream: RunningUpstream, tmp_path):
    """A key of a server whose songs go to the upstream, by either of two accounts."""
    keys = tmp_path / "keys"
    keys.write_text("sk-one\nsk-two\n")
    names = "suno_music,suno_lyrics,suno_concat"
    address = ("--type", "gateway", "--base-url", upstream.url, "--key-file", str(keys))
    server.tutti("channels", "add", "other", *address, "--models", names, "--map", "chirp-v4=chirp-crow")
    yield server.first_key
    server.tutti("channels", "remove", "other")


def submitted(client: httpx.Client, action: str = "music", **form: object) -> str:
    reply = client.post(f"/suno/submit/{action}", json=form)
    assert reply.status_code == 200, reply.text
    assert "x-tutti-engine" not in reply.headers
    return reply.json()["data"]


def ended(client: httpx.Client, task_id: str) -> dict:
    def fetch() -> dict:
        return client.get(f"/suno/fetch/{task_id}").json()["data"]

    until(lambda: fetch()["status"] in {"SUCCESS", "FAILURE"}, WORK_S)
    return fetch()


def test_song_is_made_by_the_channel_and_served_by_us(
    server: TuttiProcess, key: str, upstream: RunningUpstream
) -> None:
    before = server.quota()
    with server.client(key) as client:
        done = ended(client, submitted(client, **SONG))
        assert (done["status"], [clip["status"] for clip in done["data"]]) == ("SUCCESS", ["complete", "complete"])
        first = done["data"][0]
        assert (first["title"], first["duration"], first["metadata"]["tags"]) == ("Dawn", 96.5, "folk")
        for name in ("audio_url", "video_url", "image_url", "image_large_url"):
            assert first[name].startswith(server.url)
            assert client.get(first[name]).status_code == 200
        assert client.get(first["audio_url"]).headers["content-type"] == "audio/mpeg"
    assert server.quota() == before - 150_000
    [sent] = upstream.seen(path="/suno/submit/music")
    # The body is the caller's own but for the name that is mapped.
    assert sent["json"] == SONG | {"mv": "chirp-crow"}
    [job] = upstream.jobs()
    assert first["id"] not in job["clips"]


def test_what_goes_on_from_a_clip_is_asked_for_by_the_account_that_made_it(
    server: TuttiProcess, key: str, upstream: RunningUpstream
) -> None:
    with server.client(key) as client:
        for _ in range(2):
            parent = ended(client, submitted(client, **SONG))
            theirs = upstream.jobs()[-1]
            clip_id = parent["data"][0]["id"]
            more = {"prompt": "more", "continue_clip_id": clip_id, "continue_at": 30}
            by_task = ended(client, submitted(client, **more, task_id=parent["task_id"]))
            part = ended(client, submitted(client, **more, task="extend"))
            whole = ended(client, submitted(client, "concat", clip_id=part["data"][0]["id"]))
            assert [task["status"] for task in (by_task, part, whole)] == ["SUCCESS"] * 3
            assert len(whole["data"]) == 1
            last = upstream.jobs()[-3:]
            assert {job["key"] for job in last} == {theirs["key"]}
            sent = [seen["json"] for seen in upstream.seen(path="/suno/submit/music")[-2:]]
            assert [one["continue_clip_id"] for one in sent] == [theirs["clips"][0]] * 2
            assert sent[0]["task_id"] == theirs["id"]
            assert upstream.seen(path="/suno/submit/concat")[-1]["json"] == {"clip_id": last[1]["clips"][0]}
    # Two songs in turn are two accounts.
    assert len({job["key"] for job in upstream.jobs()}) == 2


def test_words_and_songs_asked_for_by_chat(server: TuttiProcess, key: str, upstream: RunningUpstream) -> None:
    with server.client(key) as client:
        words = ended(client, submitted(client, "lyrics", prompt="rain"))
        assert (words["action"], words["data"]["title"]) == ("LYRICS", "Market Rain")
        assert "about rain" in words["data"]["text"]
        body = {"model": "suno-v3.5", "messages": [{"role": "user", "content": "a song about snow"}]}
        reply = client.post("/v1/chat/completions", json=body)
        assert ("x-tutti-engine" in reply.headers, reply.json()["model"]) == (False, "suno-v3.5")
        assert f"[{server.url}" in reply.json()["choices"][0]["message"]["content"]
    [sent] = upstream.seen(path="/suno/submit/music")
    assert sent["json"] == {"gpt_description_prompt": "a song about snow", "mv": "chirp-v3-5"}


def test_failure_at_the_upstream_is_told_without_its_address_and_refunded(
    server: TuttiProcess, key: str, upstream: RunningUpstream
) -> None:
    before = server.quota()
    with server.client(key) as client:
        failed = ended(client, submitted(client, prompt="fail please"))
        assert (failed["status"], failed["fail_reason"]) == ("FAILURE", "The upstream's singer has a cold.")
        upstream.set_fault(path="/submit/music", status=400)
        refused = ended(client, submitted(client, prompt="la"))
        assert refused["status"] == "FAILURE"
        assert upstream.url.removeprefix("http://") not in refused["fail_reason"]
    assert server.quota() == before


def test_channel_that_is_off_is_told_for_its_clips_and_new_songs_go_to_the_engine(
    server: TuttiProcess, key: str
) -> None:
    with server.client(key) as client:
        clip_id = ended(client, submitted(client, **SONG))["data"][0]["id"]
        server.tutti("channels", "off", "other")
        more = {"prompt": "more", "continue_clip_id": clip_id, "task": "extend"}
        refused = client.post("/suno/submit/music", json=more)
        assert (refused.status_code, refused.json()["code"]) == (400, "task_channel_disable")
        fresh = client.post("/suno/submit/music", json=SONG)
        assert fresh.headers["x-tutti-engine"] == "song"
        server.tutti("channels", "on", "other")
        assert ended(client, submitted(client, **more))["status"] == "SUCCESS"


def test_stems_of_an_upstream_s_clip_are_made_here(server: TuttiProcess, key: str) -> None:
    with server.client(key) as client:
        clip_id = ended(client, submitted(client, **SONG))["data"][0]["id"]
        reply = client.post("/suno/submit/stems", json={"clip_id": clip_id})
        assert (reply.status_code, reply.headers["x-tutti-engine"]) == (200, "song")
