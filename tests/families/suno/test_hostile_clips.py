"""Every JSON route around clips, sent what nobody should send."""

import json

import pytest
from hypothesis import given, settings

from tests.families.hostile import BODIES, JSON, assert_untouched, json_objects, told_in_envelope
from tests.families.suno.sung import post
from tests.gateway import OPENING_QUOTA, make_gateway

pytestmark = pytest.mark.anyio

PATHS = (
    "/suno/submit/concat",
    "/suno/submit/music/concat",
    "/suno/submit/stems",
    "/suno/submit/UPSAMPLE_TAGS",
    "/suno/act/tags",
    "/suno/uploads/audio",
    "/suno/uploads/audio-url",
    "/suno/persona/create/",
    "/suno/generate",
    "/suno/generate/concat",
    "/suno/generate/lyrics/",
)
FIELDS = (
    "task",
    "prompt",
    "clip_id",
    "url",
    "extension",
    "name",
    "original_tags",
    "tags",
    "root_clip_id",
    "clips",
    "metadata",
    "metadata_params",
    "continue_clip_id",
    "cover_clip_id",
    "infill_start_s",
    "stem_task",
    "persona_id",
    "seed",
    "bpm",
    "key",
    "duration",
    "vocal_gender",
    "style_weight",
    "notify_hook",
)


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("name", BODIES)
async def test_body_that_is_no_request_is_refused(path, name):
    content, status = BODIES[name]
    gateway = await make_gateway()
    reply = await post(gateway, path, content=content)
    assert reply.status_code == status, reply.text
    assert told_in_envelope(reply)
    await assert_untouched(gateway)


@pytest.mark.parametrize("number", ["1e999", "9" * 400, "NaN", "-1", "1.5e300"])
@pytest.mark.parametrize("field", ["seed", "bpm", "duration", "style_weight"])
async def test_number_that_no_song_has_is_refused(field, number):
    gateway = await make_gateway()
    reply = await post(gateway, "/suno/submit/music", content=f'{{"prompt": "la", "{field}": {number}}}'.encode())
    assert reply.status_code == 400, reply.text
    await assert_untouched(gateway)


@settings(max_examples=60, deadline=None)
@given(form=JSON | json_objects(*FIELDS))
async def test_no_json_breaks_a_route(form):
    gateway = await make_gateway()
    for path in (*PATHS, "/suno/submit/music"):
        reply = await post(gateway, path, content=json.dumps(form, ensure_ascii=False).encode())
        assert reply.status_code < 500, (path, reply.text)


@pytest.mark.parametrize("path", PATHS)
async def test_route_asks_for_a_key(path):
    gateway = await make_gateway()
    reply = await post(gateway, path, secret="", json={"prompt": "la"})
    assert reply.status_code == 401
    assert await gateway.balance() == OPENING_QUOTA
