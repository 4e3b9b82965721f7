"""Sounds that callers bring, by all three ways; and those that nobody should bring."""

import asyncio
from typing import Any

import httpx
import pytest

from tests.families.hostile import told_in_envelope
from tests.families.suno.sung import brought, clips_told, get, post, queued
from tests.gateway import BASE_URL, OPENING_QUOTA, SOUND, Gateway, make_gateway
from tutti.intents import SoundImport

pytestmark = pytest.mark.anyio

AUDIO = "/suno/uploads/audio"
URL = "https://files.example.org/riffs/my%20riff.mp3?token=1"
PRICE = 5_000

SOUNDS = {
    "riff.mp3": b"ID3" + bytes(600),
    "raw.mp3": b"\xff\xfb\x90\x00" + bytes(600),
    "riff.wav": b"RIFF\0\0\0\0WAVEfmt " + bytes(600),
    "riff.m4a": b"\0\0\0\x20ftypM4A " + bytes(600),
    "riff.flac": b"fLaC" + bytes(600),
    "riff.ogg": b"OggS" + bytes(600),
    # Short enough to be known only when it is whole.
    "tiny.mp3": b"ID3",
}


async def wanted(gateway: Gateway, secret: str | None = None) -> dict[str, Any]:
    """A fresh form."""
    return (await post(gateway, AUDIO, secret=secret, json={"extension": "mp3"})).json()


async def post_to(gateway: Gateway, form: dict[str, Any], **changes: Any) -> httpx.Response:
    """The answer to a file posted to a form, as browsers do: no key, the fields first."""
    fields = {**form["fields"], **changes.pop("fields", {})}
    files = {"file": ("riff.mp3", changes.pop("content", SOUND))}
    return await post(gateway, changes.pop("url", form["url"]), secret="", data=fields, files=files)


async def test_sound_at_an_address_becomes_a_clip_under_one_id():
    gateway = await make_gateway()
    reply = await post(gateway, "/suno/uploads/audio-url", json={"url": URL})
    upload_id = reply.json()["data"]
    task, intent = await queued(gateway)
    assert isinstance(intent, SoundImport)
    assert (intent.seat.clip_id, intent.title, task.public_id) == (upload_id, "my riff", upload_id)
    assert await gateway.blobs.get(intent.sound_key) == SOUND
    assert (task.price, task.lane) == (PRICE, "engine:sounds")
    await gateway.finish(task)
    (clip,) = await clips_told(gateway, upload_id)
    assert (clip["id"], clip["status"], clip["metadata"]["type"]) == (upload_id, "complete", "upload")


async def test_address_may_be_sent_to_the_form_route_too():
    gateway = await make_gateway()
    reply = await post(gateway, AUDIO, json={"url": URL, "name": "Riff", "timeout": 30})
    assert reply.json()["code"] == "success"
    _, intent = await queued(gateway)
    assert intent.title == "Riff"


@pytest.mark.parametrize("name", SOUNDS)
async def test_sound_in_one_post_is_known_by_its_bytes(name):
    gateway = await make_gateway()
    files = {"file": (f"C:\\music\\{name}", SOUNDS[name], "text/html")}
    reply = await post(gateway, AUDIO, files=files)
    assert reply.status_code == 200, reply.text
    _, intent = await queued(gateway)
    assert intent.title == name.partition(".")[0]
    assert await gateway.blobs.get(intent.sound_key) == SOUNDS[name]


async def test_four_steps_of_a_form_make_a_clip():
    gateway = await make_gateway()
    form = await wanted(gateway)
    assert form["url"] == f"{BASE_URL}/suno/uploads/form/{form['id']}"
    assert form["data"] == {name: form[name] for name in ("id", "url", "fields")}
    assert form["fields"]["Content-Type"] == "audio/mpeg"
    one = f"{AUDIO}/{form['id']}"
    assert (await get(gateway, one)).json()["code"] == "task_not_exist"
    assert (await post_to(gateway, form)).status_code == 204
    assert (await get(gateway, one)).json()["status"] == "uploaded"
    body = {"upload_type": "file_upload", "upload_filename": "riff.mp3"}
    for _ in range(2):
        assert (await post(gateway, f"{one}/upload-finish", json=body)).json()["status"] == "processing"
    assert (await post(gateway, f"{one}/initialize-clip", json={})).json()["code"] == "clip_not_complete"
    await gateway.finish_all()
    state = (await get(gateway, one)).json()
    assert (state["status"], state["title"], state["s3_id"]) == ("complete", "riff", form["id"])
    assert (await post(gateway, f"{one}/initialize-clip", json={})).json() == {"clip_id": form["id"]}
    assert await gateway.balance() == OPENING_QUOTA - PRICE


async def test_upload_that_fails_says_why_and_costs_nothing():
    gateway = await make_gateway()
    form = await wanted(gateway)
    await post_to(gateway, form)
    await post(gateway, f"{AUDIO}/{form['id']}/upload-finish")
    (task,) = await gateway.claim()
    await gateway.fail(task, "longer than 10 minutes")
    told = (await get(gateway, f"{AUDIO}/{form['id']}")).json()
    assert (told["status"], told["error_message"]) == ("error", "longer than 10 minutes")
    refused = await post(gateway, f"{AUDIO}/{form['id']}/initialize-clip", json={})
    assert "longer than 10 minutes" in told_in_envelope(refused)
    assert await gateway.balance() == OPENING_QUOTA


@pytest.mark.parametrize(
    "fields",
    [
        {"signature": "0" * 64},
        {"signature": "ü"},
        {"expires": "99999999999"},
        {"expires": "soon"},
        {"key": "uploads/00000000-0000-7000-8000-000000000000/1"},
        {"key": "../../etc/passwd"},
    ],
)
async def test_form_that_was_tampered_with_is_refused_before_its_file(fields):
    gateway = await make_gateway()
    form = await wanted(gateway)
    reply = await post_to(gateway, form, fields=fields)
    assert (reply.status_code, reply.json()["code"]) == (400, "invalid_request")
    assert [info async for info in gateway.blobs.list_all("uploads")] == []


async def test_form_of_one_upload_is_no_form_of_another():
    gateway = await make_gateway()
    form, other = await wanted(gateway), await wanted(gateway)
    assert (await post_to(gateway, form, url=other["url"])).status_code == 400


async def test_form_expires(monkeypatch):
    gateway = await make_gateway()
    form = await wanted(gateway)
    now_ms = gateway.services.clock.now_ms()
    monkeypatch.setattr(type(gateway.services.clock), "now_ms", lambda _clock: now_ms + 3_600_000)
    assert "expired" in told_in_envelope(await post_to(gateway, form))


async def test_form_takes_no_file_once_its_upload_is_finished():
    gateway = await make_gateway()
    form = await wanted(gateway)
    await post_to(gateway, form)
    await post(gateway, f"{AUDIO}/{form['id']}/upload-finish")
    assert (await post_to(gateway, form, content=b"ID3 other")).status_code == 409


async def test_upload_of_another_user_is_unknown():
    gateway = await make_gateway()
    theirs = await gateway.new_secret("someone else")
    form = await wanted(gateway, theirs)
    await post_to(gateway, form)
    one = f"{AUDIO}/{form['id']}"
    replies = [
        await get(gateway, one),
        await post(gateway, f"{one}/upload-finish", json={}),
        await post(gateway, f"{one}/initialize-clip", json={}),
    ]
    assert {reply.json()["code"] for reply in replies} == {"task_not_exist"}
    await post(gateway, f"{one}/upload-finish", secret=theirs)
    assert (await get(gateway, one)).json()["code"] == "task_not_exist"


async def test_no_file_lies_about_after_the_call():
    gateway = await make_gateway()
    await brought(gateway)
    assert list(gateway.services.scratch.glob("incoming-*")) == []


async def test_finishing_twice_at_once_makes_one_clip():
    gateway = await make_gateway()
    form = await wanted(gateway)
    await post_to(gateway, form)
    path, names = f"{AUDIO}/{form['id']}/upload-finish", ("a.mp3", "b.mp3", "c.mp3")
    replies = await asyncio.gather(*(post(gateway, path, json={"upload_filename": name}) for name in names))
    assert {reply.status_code for reply in replies} == {200}
    assert len(gateway.store.tables.tasks) == 1
    assert await gateway.balance() == OPENING_QUOTA - PRICE


async def test_upload_with_a_seen_idempotency_key_is_the_first_one():
    gateway = await make_gateway()
    headers = {"Idempotency-Key": "once"}
    files = {"file": ("riff.mp3", SOUND)}
    first, again = [(await post(gateway, AUDIO, files=files, headers=headers)).json()["data"] for _ in range(2)]
    assert first == again
    assert len([info async for info in gateway.blobs.list_all("uploads")]) == 1
    assert await gateway.balance() == OPENING_QUOTA - PRICE
    other = await post(gateway, AUDIO, files={"file": ("riff.mp3", SOUND + b"x")}, headers=headers)
    assert other.status_code == 409
