"""Songs in a gateway in memory, and what is asked about them: short words for the tests of what builds on a clip."""

from typing import Any

import httpx

from tests.gateway import PLAN_OVER_BROUGHT_SOUND, SOUND, Gateway
from tutti.intents import AnyIntent
from tutti.intents.stored import read_intent
from tutti.tasks.model import Task

MUSIC = "/suno/submit/music"


async def sung(gateway: Gateway, secret: str | None = None, **body: Any) -> str:
    """A clip id of a song that is finished."""
    await submitted(gateway, secret, **body)
    (task,) = await gateway.claim()
    clip = await gateway.publish(task, 0)
    await gateway.finish(task)
    return clip.clip_id


async def submitted(gateway: Gateway, secret: str | None = None, **body: Any) -> str:
    """The task id of a song submit that is taken."""
    reply = await post(gateway, MUSIC, secret=secret, json={"prompt": "[Verse]\nLanterns", **body})
    assert reply.status_code == httpx.codes.OK, reply.text
    return reply.json()["data"]


async def brought(gateway: Gateway, secret: str | None = None) -> str:
    """The clip id of a sound that a caller brought."""
    files = {"file": ("riff.mp3", SOUND)}
    reply = await post(gateway, "/suno/uploads/audio", secret=secret, files=files)
    assert reply.status_code == httpx.codes.OK, reply.text
    await gateway.finish_all()
    return reply.json()["data"]


async def sung_over_brought(gateway: Gateway) -> str:
    """A clip id of a song that was made over brought sound."""
    await submitted(gateway, task="overpainting", overpainting_clip_id=await brought(gateway))
    (task,) = await gateway.claim()
    clip = await gateway.publish(task, 0)
    await gateway.finish(task)
    await gateway.blobs.put(clip.files["plan"], PLAN_OVER_BROUGHT_SOUND)
    return clip.clip_id


async def post(gateway: Gateway, path: str, *, secret: str | None = None, **what: Any) -> httpx.Response:
    async with gateway.client(secret) as client:
        return await client.post(path, **what)


async def get(gateway: Gateway, path: str, *, secret: str | None = None) -> httpx.Response:
    async with gateway.client(secret) as client:
        return await client.get(path)


async def queued(gateway: Gateway) -> tuple[Task, AnyIntent]:
    """The one task that waits, and what it is to do."""
    (task,) = await gateway.claim()
    return task, read_intent(task.intent)


async def clips_told(gateway: Gateway, task_id: str) -> list[dict[str, Any]]:
    """The clips of a task as fetch tells them."""
    return (await get(gateway, f"/suno/fetch/{task_id}")).json()["data"]["data"]
