"""A first hour with a fresh server: the printed call, words, webhooks, waiting songs, refusals."""

import json
import stat
import subprocess
import threading
from pathlib import Path

import httpx
import pytest

from tests.flows.process import TuttiProcess, until
from tests.flows.receiver import Receiver

WORDS_S = 60.0
ENDED = {"SUCCESS", "FAILURE"}


def submit(client: httpx.Client, action: str, **form: object) -> str:
    reply = client.post(f"/suno/submit/{action}", json=form)
    assert reply.status_code == 200, reply.text
    return reply.json()["data"]


def fetch(client: httpx.Client, task_id: str) -> dict:
    return client.get(f"/suno/fetch/{task_id}").json()["data"]


def ended(client: httpx.Client, task_id: str) -> dict:
    until(lambda: fetch(client, task_id)["status"] in ENDED, WORDS_S)
    return fetch(client, task_id)


def pasted(text: str) -> str:
    """The lines of the first curl in a greeting, up to the empty line."""
    return text[text.index("curl -s") :].partition("\n\n")[0]


def events(client: httpx.Client, path: str, headers: dict | None = None) -> list[tuple[str, dict]]:
    """Every event of a stream that ends."""
    told = []
    with client.stream("GET", path, headers=headers) as stream:
        assert stream.headers["content-type"].startswith("text/event-stream")
        name = ""
        for line in stream.iter_lines():
            if line.startswith("event: "):
                name = line.removeprefix("event: ")
            elif line.startswith("data: "):
                told.append((name, json.loads(line.removeprefix("data: "))))
    return told


def test_first_run_is_for_the_owner_s_eyes(server: TuttiProcess) -> None:
    assert stat.S_IMODE(server.first_run.stat().st_mode) == 0o600
    assert stat.S_IMODE(server.data.stat().st_mode) == 0o700
    greeting = server.first_run.read_text()
    assert server.url in greeting
    assert server.first_key not in server.log.read_text()
    assert str(server.first_run) in server.log.read_text()


def test_printed_curl_submits_a_song_that_can_be_cancelled_for_nothing(server: TuttiProcess) -> None:
    before = server.quota()
    reply = subprocess.run(
        ["/bin/bash", "-c", pasted(server.first_run.read_text())], capture_output=True, text=True, check=True
    )
    task_id = json.loads(reply.stdout)["data"]
    assert server.quota() == before - 150_000
    with server.client() as client:
        assert fetch(client, task_id) | {"submit_time": 0} == {
            "task_id": task_id,
            "notify_hook": "",
            "action": "MUSIC",
            "status": "NOT_START",
            "fail_reason": "",
            "submit_time": 0,
            "start_time": 0,
            "finish_time": 0,
            "progress": "0%",
            "data": [],
        }
        followed: list[tuple[str, dict]] = []
        follower = threading.Thread(target=lambda: followed.extend(events(client, f"/v1/tasks/{task_id}/events")))
        follower.start()
        cancelled = client.delete(f"/v1/tasks/{task_id}").json()
        follower.join(WORDS_S)
        assert (cancelled["status"], cancelled["cost"]) == ("cancelled", 0)
        assert followed[-1] == ("done", cancelled)
        assert fetch(client, task_id)["status"] == "FAILURE"
        assert client.delete(f"/v1/tasks/{task_id}").json() == cancelled
    assert server.quota() == before


def test_words_are_written_and_told_to_the_webhook(server: TuttiProcess, receiver: Receiver) -> None:
    with server.client() as client:
        task_id = submit(client, "lyrics", prompt="a lighthouse in the fog", notify_hook=receiver.url)
        task = ended(client, task_id)
        assert (task["status"], task["action"], task["progress"]) == ("SUCCESS", "LYRICS", "100%")
        assert task["data"]["status"] == "complete"
        assert "[Chorus]" in task["data"]["text"]
        assert task["submit_time"] <= task["start_time"] <= task["finish_time"]
        until(lambda: receiver.posted and b'"SUCCESS"' in receiver.posted[-1].body, WORDS_S)
        (secret,) = server.tutti_json("webhooks", "secret", "admin")
        assert receiver.posted[-1].verified(secret) == task
        assert client.get(f"/task/{task_id}").json() == task
        many = client.post("/suno/fetch", json={"ids": [task_id, "nobody", task_id], "action": "LYRICS"}).json()
        assert many["data"] == [task]
        neutral = client.get(f"/v1/tasks/{task_id}").json()
        assert neutral["result"]["text"] == task["data"]["text"]
        assert client.get("/v1/tasks", params={"status": "succeeded", "limit": 1}).json()["data"] == [neutral]
        accept = {"Accept": "text/event-stream"}
        assert events(client, f"/v1/tasks/{task_id}", accept) == [("done", neutral)]


def test_webhooks_are_signed_by_both_secrets_after_a_rotation(server: TuttiProcess, receiver: Receiver) -> None:
    server.tutti("users", "create", "turner", "--units", "1000000")
    (old,) = server.tutti_json("webhooks", "secret", "turner")
    secrets = server.tutti_json("webhooks", "secret", "turner", "--rotate")
    assert secrets[1] == old
    with server.client(server.tutti_json("keys", "create", "k", "--user", "turner")["secret"]) as client:
        ended(client, submit(client, "lyrics", prompt="rain", notify_hook=receiver.url))
    until(lambda: receiver.posted, WORDS_S)
    assert [receiver.posted[-1].verified(secret)["action"] for secret in secrets] == ["LYRICS", "LYRICS"]


def test_idempotency_key_outlives_the_process(fresh: TuttiProcess) -> None:
    headers = {"Idempotency-Key": "once"}
    ids = []
    for _ in range(2):
        fresh.start()
        with fresh.client() as client:
            ids.append(client.post("/suno/submit/lyrics", json={"prompt": "snow"}, headers=headers).json()["data"])
        fresh.stop()
    assert ids[0] == ids[1]
    assert fresh.quota() == 100_000_000 - 5000


@pytest.mark.parametrize(
    ("made_with", "status", "code"),
    [
        (("--quota", "149999"), 401, "pre_consume_token_quota_failed"),
        (("--models", "suno_lyrics"), 403, "model_not_allowed"),
        (("--user", "poor"), 403, "insufficient_user_quota"),
    ],
)
def test_key_s_limits_are_kept_at_no_cost(
    server: TuttiProcess, made_with: tuple[str, ...], status: int, code: str
) -> None:
    if "poor" in made_with:
        server.tutti("users", "create", "poor", "--units", "149999")
    before = {user["name"]: user["quota"] for user in server.tutti_json("users", "list")}
    with server.client(server.tutti_json("keys", "create", "limited", *made_with)["secret"]) as client:
        reply = client.post("/suno/submit/music", json={"prompt": "la"})
    assert (reply.status_code, code in reply.text) == (status, True)
    assert {user["name"]: user["quota"] for user in server.tutti_json("users", "list")} == before


def test_what_no_engine_here_can_do_is_refused_with_what_to_add(tmp_path: Path) -> None:
    server = TuttiProcess(tmp_path / "server", TUTTI_ENGINE_MEMORY_SHARE="0.01")
    server.start()
    try:
        with server.client() as client:
            reply = client.post("/suno/submit/music", json={"prompt": "la"})
            models = {row["id"] for row in client.get("/v1/models").json()["data"]}
            user = client.get("/api/user/self").json()["data"]
    finally:
        server.stop()
    assert reply.status_code == 503
    assert "The song engine needs 1500 MB of memory" in reply.text
    assert "chirp-v3-0" not in models
    assert user["used_quota"] == 0
