import asyncio
import json
import time
from typing import Any

import httpx
import pytest

from tests.gateway import OPENING_QUOTA, SONG_PRICE, Gateway, make_gateway
from tutti.tasks.states import TaskState

pytestmark = pytest.mark.anyio

PATH = "/v1/chat/completions"


def ask(text: Any = "a lighthouse", **fields: Any) -> dict:
    return {"model": "suno-v3.5", "messages": [{"role": "user", "content": text}], **fields}


async def chunks(gateway: Gateway, body: dict, **kwargs: Any) -> list[dict]:
    """The events of a stream; the last one must be [DONE]."""
    async with gateway.client() as client:
        reply = await client.post(PATH, json=body, **kwargs)
    lines = [line.removeprefix("data: ") for line in reply.text.split("\n\n") if line]
    assert lines.pop() == "[DONE]"
    return [json.loads(line) for line in lines]


def words(events: list[dict]) -> list[str]:
    return [event["choices"][0]["delta"].get("content", "") for event in events if event["choices"]]


async def test_stream_keeps_the_order_that_sdks_want():
    gateway = await make_gateway()
    async with gateway.working():
        events = await chunks(gateway, ask(stream=True))
    deltas = [event["choices"][0]["delta"] for event in events]
    assert deltas[0] == {"role": "assistant", "content": ""}
    assert [delta for delta in deltas[1:] if "role" in delta] == []
    assert deltas[-1] == {}
    assert [event["choices"][0]["finish_reason"] for event in events] == [None] * (len(events) - 1) + ["stop"]
    assert len({(event["id"], event["created"], event["model"]) for event in events}) == 1
    assert all("usage" not in event for event in events)


async def test_stream_tells_usage_when_asked():
    gateway = await make_gateway()
    async with gateway.working():
        events = await chunks(gateway, ask(stream=True, stream_options={"include_usage": True}))
    assert [event["usage"] for event in events[:-1]] == [None] * (len(events) - 1)
    assert events[-1]["choices"] == []
    usage = events[-1]["usage"]
    assert usage["total_tokens"] == usage["prompt_tokens"] + usage["completion_tokens"]


async def test_stream_beats_while_the_song_is_made():
    gateway = await make_gateway(beat_s=0.01)
    caller = Leaver(gateway, ask(stream=True))
    await until(lambda: caller.told().count("🎵") >= 3)
    await gateway.finish_all()
    await until(caller.call.done)
    told = caller.told()
    assert told[:3] == ["", "Your request was accepted and the song is being made.\n\n", "🎵"]
    assert "### Lanterns" in told[-2]
    assert set(told[2:-2]) == {"🎵"}


@pytest.mark.parametrize(
    ("text", "language", "sentence"), [("a lighthouse", "Version", "accepted"), ("灯塔之歌", "版本", "请求已提交")]
)
async def test_result_tells_all_of_both_clips(text, language, sentence):
    gateway = await make_gateway()
    async with gateway.working():
        told = "".join(words(await chunks(gateway, ask(text, stream=True))))
    (task,) = gateway.store.tables.tasks.values()
    seats = json.loads(task.task.intent)["seats"]
    assert sentence in told
    assert f"{language}: v3.5" in told
    assert told.index("### Lanterns") < told.index("Words of the engine") < told.index(seats[0]["clip_id"])
    for number, seat in enumerate(seats):
        assert f"`{seat['clip_id']}`" in told
        for file in ("audio.mp3", "video.mp4", "image_large.jpeg"):
            assert f"/{number}/{file}" in told
    assert "96.5" in told
    assert told.endswith(f"`{task.task.public_id}`")


async def test_whole_reply_carries_the_same_text():
    gateway = await make_gateway()
    async with gateway.working(), gateway.client() as client:
        reply = (await client.post(PATH, json=ask())).json()
    (choice,) = reply["choices"]
    assert choice["message"]["role"] == "assistant"
    assert "### Lanterns" in choice["message"]["content"]
    assert reply["usage"]["completion_tokens"] > 0
    assert await gateway.balance() == OPENING_QUOTA - SONG_PRICE


@pytest.mark.parametrize(
    ("content", "lyrics", "description"),
    [
        ("a waltz", None, "a waltz"),
        ([{"type": "text", "text": "a"}, {"type": "image_url"}, {"type": "text", "text": "waltz"}], None, "a\nwaltz"),
        ("[Verse]\nla la", "[Verse]\nla la", ""),
        ("【副歌】\n啦啦", "【副歌】\n啦啦", ""),
        ("a song about [brackets]", None, "a song about [brackets]"),
    ],
)
async def test_words_become_wish_or_lyrics(content, lyrics, description):
    gateway = await make_gateway()
    messages = [{"role": "user", "content": content}, {"role": "assistant", "content": "?"}]
    async with gateway.working(), gateway.client() as client:
        await client.post(PATH, json=ask() | {"messages": messages})
    (row,) = gateway.store.tables.tasks.values()
    song = json.loads(row.task.intent)
    assert (song.get("lyrics"), song["description"], song["model"]) == (lyrics, description, "chirp-v3-5")


async def test_failed_song_is_told_in_the_stream():
    gateway = await make_gateway()

    gateway.finish = gateway.fail
    async with gateway.working(), gateway.client() as client:
        reply = await client.post(PATH, json=ask(stream=True))
    last = json.loads(reply.text.strip().split("\n\n")[-1].removeprefix("data: "))
    assert last["error"]["code"] == "work_failed"
    assert "the engine gave up" in last["error"]["message"]
    assert await gateway.balance() == OPENING_QUOTA


class Leaver:
    """A caller who hangs up when told to, as a server shows it to the app."""

    def __init__(self, gateway: Gateway, body: dict, headers: dict[str, str] | None = None) -> None:
        self.sent: list[dict] = []
        self._body = json.dumps(body).encode()
        self._has_left = asyncio.Event()
        self._asked = 0
        fields = {"authorization": f"Bearer {gateway.secret}", **(headers or {})}
        scope = {
            "type": "http",
            "method": "POST",
            "path": PATH,
            "headers": [(key.encode(), value.encode()) for key, value in fields.items()],
            "query_string": b"",
        }
        self.call = asyncio.create_task(gateway.app(scope, self._receive, self._send))

    async def _receive(self) -> dict:
        self._asked += 1
        if self._asked == 1:
            return {"type": "http.request", "body": self._body}
        await self._has_left.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message: dict) -> None:
        self.sent.append(message)

    def told(self) -> list[str]:
        """The words of every chunk so far."""
        bodies = [message.get("body", b"") for message in self.sent]
        return words([json.loads(body[6:]) for body in bodies if body.startswith(b"data: {")])

    async def leave(self) -> None:
        self._has_left.set()
        await asyncio.wait_for(self.call, 5)


async def until(condition: Any) -> None:
    deadline = time.monotonic() + 5
    while not condition():
        assert time.monotonic() < deadline
        await asyncio.sleep(0.005)


@pytest.mark.parametrize("stream", [True, False])
async def test_leaving_early_cancels_and_refunds(stream):
    gateway = await make_gateway()
    leaver = Leaver(gateway, ask(stream=stream))
    await until(lambda: gateway.store.tables.tasks)
    await leaver.leave()
    (row,) = gateway.store.tables.tasks.values()
    assert row.task.state is TaskState.CANCELLED
    assert await gateway.balance() == OPENING_QUOTA


async def test_leaving_while_it_is_made_asks_the_worker_to_stop():
    gateway = await make_gateway()
    leaver = Leaver(gateway, ask(stream=True))
    await until(lambda: gateway.store.tables.tasks)
    (task,) = await gateway.claim()
    await leaver.leave()
    (row,) = gateway.store.tables.tasks.values()
    assert row.task.is_cancel_requested
    await gateway.store.finish_cancel(task.lease)
    assert await gateway.balance() == OPENING_QUOTA


async def test_cancelled_request_cancels_too():
    gateway = await make_gateway()
    leaver = Leaver(gateway, ask(stream=True))
    await until(lambda: gateway.store.tables.tasks)
    leaver.call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await leaver.call
    (row,) = gateway.store.tables.tasks.values()
    assert row.task.state is TaskState.CANCELLED


async def test_idempotency_key_lets_a_caller_come_back():
    gateway = await make_gateway()
    headers = {"idempotency-key": "k"}
    body = ask(stream=True)
    leaver = Leaver(gateway, body, headers)
    await until(lambda: gateway.store.tables.tasks)
    await leaver.leave()
    async with gateway.working(), gateway.client() as client:
        reply = await client.post(PATH, content=json.dumps(body).encode(), headers=headers)
    assert "### Lanterns" in reply.text
    assert len(gateway.store.tables.tasks) == 1
    assert await gateway.balance() == OPENING_QUOTA - SONG_PRICE


async def test_answered_call_is_not_cancelled_afterwards():
    gateway = await make_gateway()
    async with gateway.working():
        leaver = Leaver(gateway, ask())
        await until(leaver.call.done)
    assert leaver.sent[0]["status"] == httpx.codes.OK
    (row,) = gateway.store.tables.tasks.values()
    assert row.task.state is TaskState.SUCCEEDED


async def test_lyrics_model_is_no_chat_model():
    gateway = await make_gateway()
    async with gateway.client() as client:
        reply = await client.post(PATH, json=ask() | {"model": "suno_lyrics"})
    assert reply.status_code == httpx.codes.SERVICE_UNAVAILABLE


@pytest.mark.parametrize("embedded_aliases", [True, False])
async def test_failures_that_cost_anew_are_not_repeated_by_sdks(embedded_aliases):
    gateway = await make_gateway(embedded_aliases=embedded_aliases)
    secret = await gateway.new_secret("poor", quota=1)
    async with gateway.client(secret) as client:
        reply = await client.post(PATH, json=ask())
    if embedded_aliases:
        assert (reply.status_code, reply.headers["x-should-retry"]) == (403, "false")
    else:
        assert reply.status_code == httpx.codes.SERVICE_UNAVAILABLE
