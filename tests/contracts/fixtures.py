"""What a contract's example may ask to hold before it is sent: the names after `given`.

Each makes it so in a fresh gateway and gives what the example's ${names} stand for; "secret" is the key to send.
"""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

import httpx

from tests.families.suno.sung import sung_over_brought
from tests.gateway import BASE_URL, SONG_PRICE, SOUND, Gateway
from tutti.accounts.keyring import hash_secret
from tutti.billing.overrides import Override
from tutti.errors import DiskFullError
from tutti.intents import Origin
from tutti.routing.channels import Channel

Values = dict[str, Any]
Fixture = Callable[[Gateway], Awaitable[Values]]

HOOK = "https://hooks.example.org/suno"
FIXTURES: dict[str, Fixture] = {}


def fixture(make: Fixture) -> Fixture:
    FIXTURES[make.__name__] = make
    return make


async def _submit(gateway: Gateway, action: str = "music", secret: str | None = None, **body: Any) -> Values:
    async with gateway.client(secret) as client:
        reply = await client.post(f"/suno/submit/{action}", json={"prompt": "[Verse]\nLanterns", **body})
    assert reply.status_code == httpx.codes.OK, reply.text
    return {"task_id": reply.json()["data"]}


@fixture
async def working_gateway(gateway: Gateway) -> Values:
    """A worker finishes whatever comes; the test runs it beside the call."""
    return {"worker": gateway.working()}


@fixture
async def failing_gateway(gateway: Gateway) -> Values:
    async def fail(task: Any) -> None:
        await gateway.fail(task)

    gateway.finish = fail  # type: ignore[method-assign]
    return {"worker": gateway.working()}


@fixture
async def fresh_song(gateway: Gateway) -> Values:
    return await _submit(gateway)


@fixture
async def half_done_song(gateway: Gateway) -> Values:
    values = await _submit(gateway)
    (task,) = await gateway.claim()
    return values | {"clip_id": (await gateway.publish(task, 0)).clip_id}


@fixture
async def finished_song(gateway: Gateway, secret: str | None = None) -> Values:
    values = await _submit(gateway, secret=secret, notify_hook=HOOK)
    (task,) = await gateway.claim()
    clip = await gateway.publish(task, 0)
    await gateway.finish(task)
    return values | {"clip_id": clip.clip_id}


@fixture
async def stored_file(gateway: Gateway) -> Values:
    values = await half_done_song(gateway)
    async with gateway.client() as client:
        reply = await client.get(f"/suno/fetch/{values['task_id']}")
    link = reply.json()["data"]["data"][0]["audio_url"]
    return {"link": link.removeprefix(BASE_URL), "path": link.removeprefix(BASE_URL).partition("?")[0]}


@fixture
async def foreign_song(gateway: Gateway) -> Values:
    return await finished_song(gateway, secret=await gateway.new_secret("someone else"))


@fixture
async def song_of_a_channel(gateway: Gateway) -> Values:
    values = await _submit(gateway)
    (task,) = await gateway.claim()
    origin = Origin(lane="channel:1", vendor_ref="tag/task", clip_id="theirs")
    clip = await gateway.publish(task, 0, origin=origin)
    return values | {"clip_id": clip.clip_id}


@fixture
async def song_in_work(gateway: Gateway) -> Values:
    values = await _submit(gateway)
    await gateway.claim()
    async with gateway.client() as client:
        reply = await client.get(f"/suno/fetch/{values['task_id']}")
    return values | {"clip_id": reply.json()["data"]["data"][1]["id"]}


@fixture
async def extended_song(gateway: Gateway) -> Values:
    values = await finished_song(gateway)
    await _submit(gateway, task="extend", continue_clip_id=values["clip_id"], continue_at=40)
    (task,) = await gateway.claim()
    part = await gateway.publish(task, 0)
    await gateway.finish(task)
    return values | {"part_id": part.clip_id}


@fixture
async def song_with_wav(gateway: Gateway) -> Values:
    values = await finished_song(gateway)
    async with gateway.client() as client:
        await client.get(f"/suno/act/wav/{values['clip_id']}")
    await gateway.finish_all()
    return values


@fixture
async def persona(gateway: Gateway) -> Values:
    values = await finished_song(gateway)
    body = {"root_clip_id": values["clip_id"], "name": "Mira", "description": "soft alto"}
    async with gateway.client() as client:
        reply = await client.post("/suno/persona/create/", json=body)
    return values | {"persona_id": reply.json()["id"]}


@fixture
async def upload_form(gateway: Gateway) -> Values:
    async with gateway.client() as client:
        form = (await client.post("/suno/uploads/audio", json={"extension": "mp3"})).json()
    return {"upload_id": form["id"], **form["fields"]}


@fixture
async def posted_upload(gateway: Gateway) -> Values:
    values = await upload_form(gateway)
    fields = {name: values[name] for name in ("key", "expires", "signature")}
    async with gateway.client("") as client:
        reply = await client.post(
            f"/suno/uploads/form/{values['upload_id']}", data=fields, files={"file": ("riff.mp3", SOUND)}
        )
    assert reply.status_code == httpx.codes.NO_CONTENT, reply.text
    return values


@fixture
async def finished_upload(gateway: Gateway) -> Values:
    async with gateway.client() as client:
        reply = await client.post("/suno/uploads/audio", files={"file": ("riff.mp3", SOUND)})
    await gateway.finish_all()
    return {"clip_id": reply.json()["data"]}


@fixture
async def song_over_upload(gateway: Gateway) -> Values:
    return {"clip_id": await sung_over_brought(gateway)}


@fixture
async def many_ids(gateway: Gateway) -> Values:  # noqa: ARG001 - as its siblings
    return {"ids": ",".join(str(number) for number in range(101))}


@fixture
async def penniless_account(gateway: Gateway) -> Values:
    return {"secret": await gateway.new_secret("penniless", quota=0)}


@fixture
async def failed_song(gateway: Gateway) -> Values:
    values = await _submit(gateway)
    (task,) = await gateway.claim()
    await gateway.fail(task)
    return values


@fixture
async def finished_lyrics(gateway: Gateway) -> Values:
    values = await _submit(gateway, "lyrics")
    await gateway.finish_all()
    return values


@fixture
async def long_text(gateway: Gateway) -> Values:  # noqa: ARG001 - as its siblings
    return {"text": "la " * 1001}


@fixture
async def upstream_channel(gateway: Gateway) -> Values:
    """A channel that serves everything but songs, at a real upstream."""
    models = frozenset(
        {"gpt-*", "o3-*", "claude-*", "gemini-*", "text-embedding-*", "omni-*", "rerank-*", "tts-*", "whisper-*"}
    )
    channel = Channel(
        id=1, name="upstream", type="gateway", base_url=gateway.upstream_url(), keys=("sk-upstream",), models=models
    )
    gateway.channels.load([channel])
    gateway.services.prices.override([Override("models", name, '{"input": 1}') for name in sorted(models)])
    return {}


@fixture
async def claude_channel(gateway: Gateway) -> Values:
    """The same, at an upstream that speaks the Claude wire alone."""
    await upstream_channel(gateway)
    gateway.channels.load([replace(gateway.channels.all()[0], type="anthropic")])
    return {}


@fixture
async def kept_response(gateway: Gateway) -> Values:
    return await _response(gateway)


@fixture
async def background_response(gateway: Gateway) -> Values:
    """One whose upstream takes its time."""
    return await _response(gateway, model="gpt-4.1-mini!head_s=60", background=True)


async def _response(gateway: Gateway, **fields: Any) -> Values:
    await upstream_channel(gateway)
    async with gateway.client() as client:
        reply = await client.post("/v1/responses", json={"model": "gpt-4.1-mini", "input": "hello", **fields})
    assert reply.status_code == httpx.codes.OK, reply.text
    return {"response_id": reply.json()["id"]}


@fixture
async def huge_text(gateway: Gateway) -> Values:
    return {"text": "l" * gateway.services.settings.max_body_bytes}


@fixture
async def empty_account(gateway: Gateway) -> Values:
    return {"secret": await gateway.new_secret("poor", quota=SONG_PRICE - 1)}


@fixture
async def spent_key(gateway: Gateway) -> Values:
    user = await gateway.accounts.find_user("mira")
    return {"secret": (await gateway.accounts.create_key(user, "spent", quota=SONG_PRICE - 1)).secret}


@fixture
async def lyrics_only_key(gateway: Gateway) -> Values:
    user = await gateway.accounts.find_user("mira")
    return {"secret": (await gateway.accounts.create_key(user, "words", models=frozenset({"suno_lyrics"}))).secret}


@fixture
async def expired_key(gateway: Gateway) -> Values:
    user = await gateway.accounts.find_user("mira")
    return {"secret": (await gateway.accounts.create_key(user, "old", expires_at_ms=1)).secret}


@fixture
async def revoked_key(gateway: Gateway) -> Values:
    user = await gateway.accounts.find_user("mira")
    issued = await gateway.accounts.create_key(user, "gone")
    await gateway.accounts.revoke_key(issued.key.id)
    return {"secret": issued.secret}


@fixture
async def channel_key(gateway: Gateway) -> Values:
    return {"secret": f"{gateway.secret}-7"}


@fixture
async def used_idempotency_key(gateway: Gateway) -> Values:
    async with gateway.client() as client:
        await client.post("/suno/submit/music", json={"prompt": "la"}, headers={"Idempotency-Key": "once"})
    return {"idempotency_key": "once"}


@fixture
async def administrator(gateway: Gateway) -> Values:
    """Someone whose system access token is sent."""
    token = "t" * 32
    await gateway.accounts.create_user("root", quota=0, is_admin=True, access_token_hash=hash_secret(token))
    return {"secret": token}


@fixture
async def plain_token(gateway: Gateway) -> Values:
    """The system access token of one who is no administrator."""
    token = "u" * 32
    await gateway.accounts.create_user("plain", quota=0, access_token_hash=hash_secret(token))
    return {"secret": token}


@fixture
async def song_told_to_operators(gateway: Gateway) -> Values:
    return await finished_song(gateway) | await administrator(gateway)


@fixture
async def full_disk(gateway: Gateway) -> Values:
    gateway.refusal.append(DiskFullError())
    return {}
