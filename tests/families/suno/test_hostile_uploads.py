"""Sounds that nobody should bring, and forms that nobody should post."""

import anyio
import pytest

from tests.families.hostile import assert_untouched, told_in_envelope
from tests.families.suno.sung import get, post
from tests.gateway import SOUND, make_gateway

pytestmark = pytest.mark.anyio

AUDIO = "/suno/uploads/audio"
URL = "https://files.example.org/riffs/my%20riff.mp3?token=1"
PRICE = 5_000

NO_SOUNDS = {
    "a page": b"<html>" + b" " * 600,
    "a picture": b"\x89PNG\r\n\x1a\n" + bytes(600),
    "an archive": b"PK\x03\x04" + bytes(600),
    "nothing": b"",
}


@pytest.mark.parametrize("content", NO_SOUNDS.values(), ids=NO_SOUNDS)
async def test_what_is_no_sound_is_refused_at_no_cost(content):
    gateway = await make_gateway()
    reply = await post(gateway, AUDIO, files={"file": ("riff.mp3", content, "audio/mpeg")})
    assert reply.status_code == 400
    assert "mp3, wav, m4a, flac, ogg" in told_in_envelope(reply)
    await assert_untouched(gateway)
    assert [info async for info in gateway.blobs.list_all("uploads")] == []


async def test_sound_over_the_limit_is_refused_while_it_comes():
    gateway = await make_gateway(upload_max_bytes=2048)

    async def endless():
        yield b'--edge\r\nContent-Disposition: form-data; name="file"; filename="a.mp3"\r\n\r\nID3'
        while True:
            yield bytes(600)
            await anyio.lowlevel.checkpoint()

    with anyio.fail_after(5):
        headers = {"content-type": "multipart/form-data; boundary=edge"}
        reply = await post(gateway, AUDIO, content=endless(), headers=headers)
    assert reply.status_code == 413
    assert "2048 bytes" in told_in_envelope(reply)
    await assert_untouched(gateway)


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"extension": "exe"},
        {"extension": "../mp3"},
        {"extension": 3},
        {"url": "http://169.254.169.254/latest"},
        {"url": "file:///etc/passwd"},
        {"url": "https://files.example.org/" + "x" * 3000},
        {"url": URL, "notify_hook": "ftp://x"},
        {"url": URL, "name": "x" * 1001},
        {"url": ["a"]},
    ],
)
@pytest.mark.parametrize("path", [AUDIO, "/suno/uploads/audio-url"])
async def test_ask_that_makes_no_sense_is_refused_at_no_cost(path, body):
    gateway = await make_gateway()
    reply = await post(gateway, path, json=body)
    assert reply.status_code == 400, reply.text
    assert told_in_envelope(reply)
    await assert_untouched(gateway)
    assert [info async for info in gateway.blobs.list_all("uploads")] == []


FORMS = {
    "no boundary": (b"x", "multipart/form-data"),
    "no form": (b"hello", "multipart/form-data; boundary=edge"),
    "no file": (
        b'--edge\r\nContent-Disposition: form-data; name="a"\r\n\r\nx\r\n--edge--',
        "multipart/form-data; boundary=edge",
    ),
    "two files": (
        b'--edge\r\nContent-Disposition: form-data; name="a"; filename="a"\r\n\r\nID3\r\n' * 2 + b"--edge--",
        "multipart/form-data; boundary=edge",
    ),
    "a nameless field": (b"--edge\r\nA: b\r\n\r\nx\r\n--edge--", "multipart/form-data; boundary=edge"),
}


@pytest.mark.parametrize("name", FORMS)
async def test_broken_form_is_refused_at_no_cost(name):
    gateway = await make_gateway()
    content, content_type = FORMS[name]
    reply = await post(gateway, AUDIO, content=content, headers={"content-type": content_type})
    assert reply.status_code == 400, reply.text
    await assert_untouched(gateway)


@pytest.mark.parametrize(
    ("begins", "status"),
    [
        (b"", 400),
        (b'--edge\r\nContent-Disposition: form-data; name="file"; filename="a.mp3"\r\n\r\nID3\r\n--edge--\r\n', 413),
    ],
)
async def test_what_goes_on_for_ever_is_refused(begins, status):
    gateway = await make_gateway(upload_max_bytes=2048)

    async def endless():
        yield begins
        while True:
            yield b"x" * 100_000
            await anyio.lowlevel.checkpoint()

    with anyio.fail_after(5):
        headers = {"content-type": "multipart/form-data; boundary=edge"}
        reply = await post(gateway, AUDIO, content=endless(), headers=headers)
    assert reply.status_code == status
    await assert_untouched(gateway)


async def test_fields_longer_than_any_form_s_are_refused():
    gateway = await make_gateway()
    files = {"file": ("riff.mp3", SOUND)}
    reply = await post(gateway, AUDIO, data={"name": "x" * 70_000}, files=files)
    assert reply.status_code == 413


@pytest.mark.parametrize("upload_id", ["x", "..%2F..%2Fx", "%00", "A" * 36, "0" * 10_000, "🎵"])
async def test_impossible_upload_is_unknown(upload_id):
    gateway = await make_gateway()
    for reply in (
        await get(gateway, f"{AUDIO}/{upload_id}"),
        await post(gateway, f"{AUDIO}/{upload_id}/upload-finish", json={}),
        await post(gateway, f"{AUDIO}/{upload_id}/initialize-clip", json={}),
    ):
        assert 400 <= reply.status_code < 500


async def test_refused_upload_leaves_no_file_behind():
    gateway = await make_gateway()
    poor = await gateway.new_secret("poor", quota=PRICE - 1)
    for what in ({"json": {"url": URL}}, {"files": {"file": ("riff.mp3", SOUND)}}):
        assert (await post(gateway, AUDIO, secret=poor, **what)).status_code == 403
    assert [info async for info in gateway.blobs.list_all("uploads")] == []


async def test_key_without_the_model_may_not_upload():
    gateway = await make_gateway()
    secret = await gateway.new_secret("words", models=frozenset({"suno_lyrics"}))
    reply = await post(gateway, AUDIO, secret=secret, json={"extension": "mp3"})
    assert reply.status_code == 403
