"""Every input rule of the Suno routes, checked by someone who breaks it."""

import json
from typing import Any

import pytest
from hypothesis import given, settings

from tests.families.hostile import BODIES, JSON, assert_untouched, json_objects, told_as_openai, told_in_envelope
from tests.gateway import OPENING_QUOTA, SONG_PRICE, make_gateway

pytestmark = pytest.mark.anyio

PATHS = ("/suno/submit/music", "/suno/submit/lyrics", "/suno/fetch", "/suno/submit/fetch")
# Field -> values of a wrong type.
WRONG_TYPES: dict[str, tuple[Any, ...]] = {
    "gpt_description_prompt": (1, True, [], {}, ["a"]),
    "make_instrumental": ("true", 1, 0.0, [], {}),
    "mv": (3.5, False, [], {"v": 3}),
    "prompt": (1, True, ["la"], {"text": "la"}),
    "title": (1, True, [], {}),
    "tags": (1, True, ["rock"], {}),
    "task_id": (1, True, [], {}),
    "continue_clip_id": (1, True, [], {}),
    "continue_at": ("61", True, [], {}),
    "notify_hook": (1, True, ["https://hooks.example.org"], {}),
}
HOOKS = (
    "hooks.example.org",
    "//hooks.example.org",
    "ftp://hooks.example.org/",
    "file:///etc/passwd",
    "javascript:alert(1)",
    "data:text/plain,x",
    "gopher://hooks.example.org",
    "http://",
    "https://:443/",
    "http://[::1",
    "http://hooks.example.org:0/",
    "http://hooks.example.org:99999/",
    "http://hooks.example.org:port/",
    "http://hooks.example.org/\r\nX-Injected: 1",
    "http://hooks.example.org/\u0000",
    "http://hooks.example.org/ x",
    "https://hooks.example.org/" + "x" * 2048,
)
# Texts that are too long, and the limit that the answer must name.
LONG = (
    ({"prompt": "x" * 3001, "mv": "chirp-v3-5"}, "prompt", "3000"),
    ({"prompt": "词" * 3001}, "prompt", "3000"),
    ({"prompt": "x" * 5001, "mv": "chirp-v5"}, "prompt", "5000"),
    ({"prompt": "x" * 5001, "mv": "whatever"}, "prompt", "5000"),
    ({"prompt": "la", "tags": "x" * 201}, "tags", "200"),
    ({"prompt": "la", "tags": "x" * 1001, "mv": "chirp-auk"}, "tags", "1000"),
    ({"prompt": "", "tags": "x" * 201}, "tags", "200"),
    ({"prompt": "la", "title": "x" * 1001}, "title", "1000"),
    ({"prompt": "la", "mv": "x" * 101}, "mv", "100"),
    ({"gpt_description_prompt": "x" * 3001}, "gpt_description_prompt", "3000"),
)


async def refused(path: str, content: bytes, *, status: int = 400) -> str:
    """The message that a call is refused with, at no cost."""
    gateway = await make_gateway()
    async with gateway.client() as client:
        reply = await client.post(path, content=content)
    assert reply.status_code == status, reply.text
    await assert_untouched(gateway)
    return told_in_envelope(reply)


async def refused_form(form: dict[str, Any], *, action: str = "music") -> str:
    return await refused(f"/suno/submit/{action}", json.dumps(form).encode())


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("name", BODIES)
async def test_body_that_is_no_request_is_refused(path, name):
    content, status = BODIES[name]
    assert await refused(path, content, status=status)


@pytest.mark.parametrize(("field", "value"), [(field, value) for field in WRONG_TYPES for value in WRONG_TYPES[field]])
async def test_wrong_type_is_refused_by_the_field_s_name(field, value):
    message = await refused_form({"prompt": "la"} | {field: value})
    assert message.startswith(f"{field}: ")


@pytest.mark.parametrize("number", ["1e999", "-1e999", "9" * 400, "NaN", "Infinity", "-Infinity", "0x10", "01", "1."])
async def test_number_that_json_or_a_float_cannot_hold_is_refused(number):
    assert await refused(PATHS[0], f'{{"prompt": "la", "continue_at": {number}}}'.encode())


@pytest.mark.parametrize("at_s", [-1, -1e-9, -1e308, 96.51, 1e308])
async def test_continue_at_outside_of_the_clip_is_refused(at_s):
    gateway = await make_gateway()
    async with gateway.client() as client:
        task_id = (await client.post(PATHS[0], json={"prompt": "la"})).json()["data"]
        await gateway.finish_all()
        (clip, _) = (await client.get(f"/v1/tasks/{task_id}")).json()["parts"]
        form = {"prompt": "la", "task_id": task_id, "continue_clip_id": clip["id"], "continue_at": at_s}
        reply = await client.post(PATHS[0], json=form)
    assert reply.status_code == 400
    assert told_in_envelope(reply).startswith("continue_at ")
    assert await gateway.balance() == OPENING_QUOTA - SONG_PRICE


@pytest.mark.parametrize("hook", HOOKS)
@pytest.mark.parametrize("action", ["music", "lyrics"])
async def test_notify_hook_that_is_no_http_address_is_refused(hook, action):
    assert "notify_hook" in await refused_form({"prompt": "la", "notify_hook": hook}, action=action)


@pytest.mark.parametrize(("form", "field", "limit"), LONG)
async def test_long_text_is_refused_by_name_and_limit(form, field, limit):
    message = await refused_form(form)
    assert message.startswith(f"{field} has ")
    assert f"at most {limit}" in message


async def test_long_wish_for_words_is_refused():
    assert "at most 5000" in await refused_form({"prompt": "x" * 5001}, action="lyrics")


@pytest.mark.parametrize("field", ["prompt", "title", "tags", "gpt_description_prompt", "mv"])
async def test_nul_in_a_text_is_refused(field):
    assert (await refused_form({"prompt": "la"} | {field: "a\0b"})).startswith(f"{field} holds a NUL")


@pytest.mark.parametrize("form", [{}, {"prompt": None}, {"gpt_description_prompt": " \n"}, {"title": "x", "tags": "y"}])
async def test_submit_without_words_or_wish_is_refused(form):
    assert "prompt_empty" in await refused_form(form)


@pytest.mark.parametrize("task_id", ["x" * 100_000, "a\0b", "../../etc/passwd", "' OR 1=1 --", "🎵", "%"])
async def test_continuing_an_impossible_id_is_refused(task_id):
    form = {"prompt": "la", "task_id": task_id, "continue_clip_id": task_id}
    assert "task_origin_not_exist" in await refused_form(form)


async def test_ten_thousand_ids_are_refused():
    message = await refused("/suno/fetch", json.dumps({"ids": [str(number) for number in range(10_000)]}).encode())
    assert message.startswith("ids holds 10000")


@pytest.mark.parametrize("ids", [1, True, {}, "abc", [1], [None], [["a"]]])
async def test_ids_of_a_wrong_type_are_refused(ids):
    assert (await refused("/suno/fetch", json.dumps({"ids": ids}).encode())).startswith("ids")


async def test_impossible_ids_are_nobody_s():
    gateway = await make_gateway()
    async with gateway.client() as client:
        reply = await client.post("/suno/fetch", json={"ids": ["x" * 100_000, "a\0b", "", "' OR 1=1 --", "🎵"]})
    assert reply.json() == {"code": "success", "message": "", "data": []}


@pytest.mark.parametrize("task_id", ["x" * 60_000, "%00", "%FF%FE", "..%2F..%2Fetc", "%F0%9F%8E%B5", "%25"])
async def test_impossible_id_in_a_path_is_refused(task_id):
    gateway = await make_gateway()
    async with gateway.client() as client:
        reply = await client.get(f"/suno/fetch/{task_id}")
    assert 400 <= reply.status_code < 500
    await assert_untouched(gateway)


@pytest.mark.parametrize("action", ["dance", "%00", "%FF", "x" * 10_000, "🎵"])
async def test_unknown_action_is_a_model_without_a_channel(action):
    gateway = await make_gateway()
    async with gateway.client() as client:
        reply = await client.post(f"/suno/submit/{action}", json={"prompt": "la"})
    assert reply.status_code == 503
    assert "无可用渠道" in told_as_openai(reply)[0]
    await assert_untouched(gateway)


async def test_repeated_key_counts_by_its_last_value():
    gateway = await make_gateway()
    async with gateway.client() as client:
        reply = await client.post(PATHS[0], content=b'{"prompt": 7, "prompt": "la", "prompt": "la la"}')
        assert "prompt" in told_in_envelope(reply)
        await client.post(PATHS[0], content=b'{"prompt": "la", "prompt": "la la"}')
    (task,) = await gateway.claim()
    assert json.loads(task.intent)["lyrics"] == "la la"


async def test_unknown_fields_are_kept_whatever_they_hold():
    body = {"prompt": "la", "": None, "x": [{"y": [1e300, "\0", "🎵"]}], "__proto__": {"a": 1}, "kind": "lyrics"}
    gateway = await make_gateway()
    async with gateway.client() as client:
        assert (await client.post(PATHS[0], json=body)).status_code == 200
    (task,) = await gateway.claim()
    assert json.loads(task.request) == body
    assert task.kind == "song"


@settings(max_examples=150, deadline=None)
@given(form=JSON | json_objects(*WRONG_TYPES, "ids", "action"))
async def test_no_json_breaks_a_route(form):
    gateway = await make_gateway()
    async with gateway.client() as client:
        for path in PATHS:
            reply = await client.post(path, content=json.dumps(form, ensure_ascii=False).encode())
            assert reply.status_code < 500, (path, reply.text)
            assert reply.json().keys() == {"code", "message", "data"}
