"""Two real songs: one asked for by chat and streamed to its end, one whose server is killed while it is sung."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import openai
import pytest

from tests.flows.process import TuttiProcess, until
from tests.flows.receiver import Receiver
from tests.flows.sung import assert_clip_is_whole, assert_link_serves_parts
from tests.waiting import is_alive

pytestmark = [pytest.mark.network, pytest.mark.usefixtures("_weights")]

SONG_PRICE = 150_000
# A machine that runs many tests at once sings slowly.
SONG_S = 900.0
LYRICS = "[Verse]\nLanterns drift along the quay\n[Chorus]\nCarry me home"
WORDS = "Lanterns drift along the quay"


def test_song_asked_for_by_chat_is_streamed_while_it_can_be_watched(fresh: TuttiProcess) -> None:
    fresh.start()
    with ThreadPoolExecutor(1) as beside, fresh.client() as client:
        streaming = beside.submit(_streamed_by_chat, fresh)
        until(lambda: client.get("/v1/tasks").json()["data"], SONG_S)
        (neutral,) = client.get("/v1/tasks").json()["data"]
        seen = list(_watched(lambda: client.get(f"/task/{neutral['id']}").json()))
        reply = streaming.result(SONG_S)
    _assert_grew(seen)
    task = seen[-1]
    answer = reply.choices[0].message.content
    assert (reply.model, reply.choices[0].finish_reason) == ("tutti-song", "stop")
    assert reply.usage
    assert reply.usage.total_tokens == reply.usage.prompt_tokens + reply.usage.completion_tokens > 0
    assert all(words in answer for words in (WORDS, task["task_id"]))
    for clip in task["data"]:
        assert all(clip[name] in answer for name in ("id", "audio_url", "video_url", "image_large_url"))
        assert_clip_is_whole(clip, WORDS)
    first, second = task["data"]
    assert (
        httpx.get(first["audio_url"], trust_env=False).content
        != httpx.get(second["audio_url"], trust_env=False).content
    )
    assert_link_serves_parts(first["audio_url"])
    assert fresh.quota() == 100_000_000 - SONG_PRICE


def test_song_arrives_although_its_server_was_killed(fresh: TuttiProcess, receiver: Receiver) -> None:
    fresh.start()
    key = fresh.first_key
    form = {"prompt": LYRICS, "title": "Lanterns", "tags": "acoustic folk, warm", "notify_hook": receiver.url}
    with fresh.client(key) as client:
        task_id = client.post("/suno/submit/music", json=form).json()["data"]
        until(lambda: _fetched(client, task_id)["progress"] not in {"0%", "1%"}, SONG_S)
        promised = [clip["id"] for clip in _fetched(client, task_id)["data"]]
    children = fresh.children()
    assert children
    fresh.kill()
    # An engine whose server is gone has nobody to sing for.
    until(lambda: not any(map(is_alive, children)), SONG_S)
    fresh.tutti("check")
    fresh.start()
    with fresh.client(key) as client:
        *_, task = _watched(lambda: _fetched(client, task_id))
    assert (task["status"], task["fail_reason"]) == ("SUCCESS", "")
    assert [clip["id"] for clip in task["data"]] == promised
    assert {(clip["title"], clip["tags"]) for clip in task["data"]} == {("Lanterns", "acoustic folk, warm")}
    for clip in task["data"]:
        assert_clip_is_whole(clip, WORDS)
    until(lambda: receiver.posted and b'"SUCCESS"' in receiver.posted[-1].body, SONG_S)
    (secret,) = fresh.tutti_json("webhooks", "secret", "admin")
    assert [posted.verified(secret)["status"] for posted in receiver.posted][-1] == "SUCCESS"
    assert receiver.posted[-1].verified(secret) == task
    assert fresh.quota() == 100_000_000 - SONG_PRICE
    fresh.tutti("check")
    assert _files(fresh.data / "scratch") == []


def _streamed_by_chat(server: TuttiProcess) -> Any:
    """The song as the official client library puts it together from a stream."""
    messages = [{"role": "user", "content": LYRICS}]
    http = httpx.Client(trust_env=False, timeout=SONG_S)
    with openai.OpenAI(
        api_key=server.first_key, base_url=f"{server.url}/v1", http_client=http, max_retries=0
    ) as client:
        options = {"include_usage": True}
        with client.chat.completions.stream(
            model="suno-v3.5", messages=messages, stream_options=options, timeout=SONG_S
        ) as stream:
            return stream.get_final_completion()


def _fetched(client: httpx.Client, task_id: str) -> dict[str, Any]:
    return client.get(f"/suno/fetch/{task_id}").json()["data"]


def _watched(look: Callable[[], dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """The task at each look until it ends."""
    deadline_s = time.monotonic() + SONG_S
    task: dict[str, Any] = {"status": ""}
    while task["status"] not in {"SUCCESS", "FAILURE"}:
        assert time.monotonic() < deadline_s, task
        time.sleep(0.2)
        yield (task := look())


def _assert_grew(seen: list[dict[str, Any]]) -> None:
    """Progress rose step by step, and the first clip was there before the second."""
    progress = [int(task["progress"].removesuffix("%")) for task in seen]
    assert progress == sorted(progress)
    assert len(set(progress)) >= 3
    assert progress[-1] == 100
    clips = [tuple(clip["status"] for clip in task["data"]) for task in seen if task["data"]]
    assert list(dict.fromkeys(clips)) == [("streaming",) * 2, ("complete", "streaming"), ("complete",) * 2]
    half = next(task for task in seen if task["data"] and task["data"][0]["status"] == "complete")
    assert half["data"][0]["audio_url"]
    assert half["data"][1]["audio_url"] == ""


def _files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]
