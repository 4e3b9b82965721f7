"""The published client library against a real server process of ours: a socket, uvicorn, a thread."""

import asyncio
import re
import threading
import time
from collections.abc import Iterator

import msgspec
import openai
import pytest
import uvicorn

from tests.gateway import Gateway, make_gateway

MESSAGES = [{"role": "user", "content": "a quiet ballad about the first snow"}]


class Served:
    """A gateway behind a socket of this machine."""

    def __init__(self) -> None:
        self.gateway: Gateway = asyncio.run(make_gateway(works=True, beat_s=0.05))
        config = uvicorn.Config(self.gateway.app, port=0, log_level="error", lifespan="on")
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, daemon=True)

    def start(self) -> None:
        self._thread.start()
        deadline = time.monotonic() + 10
        while not self._server.started:
            assert time.monotonic() < deadline
            time.sleep(0.01)

    def stop(self) -> None:
        self._server.should_exit = True
        self._thread.join(10)

    def client(self, api_key: str | None = None, *, base: str = "/v1") -> openai.OpenAI:
        port = self._server.servers[0].sockets[0].getsockname()[1]
        return openai.OpenAI(
            api_key=api_key or self.gateway.secret, base_url=f"http://127.0.0.1:{port}{base}", max_retries=0
        )


@pytest.fixture(scope="module")
def served() -> Iterator[Served]:
    served = Served()
    served.start()
    yield served
    served.stop()


@pytest.mark.parametrize("base", ["/v1", "/v1/", ""])
def test_openai_client_gets_a_song(served, base):
    with served.client(base=base) as client:
        reply = client.chat.completions.create(model="suno-v3.5", messages=MESSAGES)
    assert "### Lanterns" in reply.choices[0].message.content
    assert reply.choices[0].finish_reason == "stop"
    assert reply._request_id
    assert (reply.object, reply.model, reply.created > 0) == ("chat.completion", "tutti-song", True)
    assert (reply.choices[0].index, reply.choices[0].logprobs) == (0, None)
    assert (reply.choices[0].message.role, reply.choices[0].message.refusal) == ("assistant", None)
    assert reply.usage.prompt_tokens > 0
    assert reply.usage.total_tokens == reply.usage.prompt_tokens + reply.usage.completion_tokens


def test_openai_client_gets_everything_of_both_clips(served):
    with served.client() as client:
        reply = client.chat.completions.create(model="suno-v3.5", messages=MESSAGES)
    answer = reply.choices[0].message.content
    row = max(served.gateway.store.tables.tasks.values(), key=lambda row: row.task.id)
    clips = [msgspec.json.decode(part.result) for part in row.parts.values()]
    assert len(clips) == 2
    assert "Version: v3.5" in answer
    assert "[Verse]  \nWords of the engine" in answer
    assert f"`{row.task.public_id}`" in answer
    for clip in clips:
        for told in (f"`{clip['clip_id']}`", f"{clip['duration_s']:.1f} s", f"Style: {clip['tags']}"):
            assert told in answer
    for kind in (".jpeg", ".mp3", ".mp4"):
        assert len(re.findall(rf"\(http://[^)]+{re.escape(kind)}[^)]*\)", answer)) == 2


def test_openai_client_streams_a_song(served):
    with (
        served.client() as client,
        client.chat.completions.stream(
            model="suno-v3", messages=MESSAGES, stream_options={"include_usage": True}
        ) as stream,
    ):
        for _ in stream:
            pass
        final = stream.get_final_completion()
    assert final.choices[0].message.role == "assistant"
    assert "### Lanterns" in final.choices[0].message.content
    assert final.usage.total_tokens > 0


@pytest.mark.parametrize(
    ("secret", "model", "error"),
    [
        ("sk-nobody", "suno-v3", openai.AuthenticationError),
        (None, "no-such-model", openai.NotFoundError),
        (None, "gpt-4o", openai.InternalServerError),
    ],
)
def test_openai_client_raises_its_own_errors(served, secret, model, error):
    with served.client(secret) as client, pytest.raises(error) as caught:
        client.chat.completions.create(model=model, messages=MESSAGES)
    assert caught.value.request_id in caught.value.message


def test_openai_client_that_leaves_is_refunded(served):
    gateway = served.gateway
    before = set(gateway.store.tables.tasks)
    gateway.finish, finish = hold, gateway.finish
    try:
        with served.client() as client:
            client.chat.completions.create(model="suno-v3", messages=MESSAGES, stream=True).close()
        (task_id,) = set(gateway.store.tables.tasks) - before
        row = gateway.store.tables.tasks[task_id]
        deadline = time.monotonic() + 10
        while not row.task.is_cancel_requested:
            assert time.monotonic() < deadline
            time.sleep(0.01)
    finally:
        gateway.finish = finish


async def hold(_task: object) -> None:
    """A worker that never comes to an end with it."""
