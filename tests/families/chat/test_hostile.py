"""Every input rule of the chat route, checked by someone who breaks it."""

import json
from typing import Any

import anyio
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.families.hostile import BODIES, JSON, assert_untouched, json_objects, told_as_openai
from tests.gateway import make_gateway

pytestmark = pytest.mark.anyio

PATH = "/v1/chat/completions"
HELLO = [{"role": "user", "content": "hello"}]
FIELDS = ("model", "messages", "stream", "stream_options", "max_tokens", "temperature", "n", "tools")

# A body's fields beside a good model and good messages, and the field that the answer must name.
FORMS: tuple[tuple[dict[str, Any], str], ...] = (
    ({"model": 1}, "model"),
    ({"model": None}, "model"),
    ({"model": ""}, "model"),
    ({"model": ["suno-v3"]}, "model"),
    ({"model": "chirp-" + "x" * 200}, "model"),
    ({"messages": None}, "messages"),
    ({"messages": "hello"}, "messages"),
    ({"messages": {}}, "messages"),
    ({"messages": []}, "messages"),
    ({"messages": ["hello"]}, "messages[0]"),
    ({"messages": [{"content": "hello"}]}, "messages[0]"),
    ({"messages": [{"role": 1, "content": "hello"}]}, "messages[0].role"),
    ({"messages": [{"role": "user", "content": 1}]}, "messages[0].content"),
    ({"messages": [{"role": "user", "content": {"text": "hello"}}]}, "messages[0].content"),
    ({"messages": [{"role": "user", "content": [1]}]}, "messages[0].content[0]"),
    ({"messages": [{"role": "user", "content": [{"type": "text", "text": 1}]}]}, "messages[0].content[0].text"),
    ({"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "x"}}]}]}, "messages"),
    ({"messages": [{"role": "user"}]}, "messages"),
    ({"messages": [{"role": "user", "content": " \n"}]}, "messages"),
    ({"messages": [{"role": "assistant", "content": "hello"}]}, "messages"),
    ({"messages": [{"role": "user", "content": "a\0b"}]}, "messages"),
    ({"messages": [{"role": "user", "content": "x" * 3001}]}, "messages"),
    ({"messages": [{"role": "user", "content": "[Verse]\n" + "x" * 3001}]}, "messages"),
    ({"stream": "true"}, "stream"),
    ({"stream": 1}, "stream"),
    ({"stream_options": True}, "stream_options"),
    ({"stream_options": {"include_usage": "yes"}}, "stream_options.include_usage"),
)


@pytest.mark.parametrize("name", BODIES)
async def test_body_that_is_no_request_is_refused(name):
    content, status = BODIES[name]
    gateway = await make_gateway(max_media_body_bytes=1_048_576)
    async with gateway.client() as client:
        reply = await client.post(PATH, content=content)
    assert reply.status_code == status, reply.text
    assert told_as_openai(reply)[0]
    await assert_untouched(gateway)


@pytest.mark.parametrize(("fields", "named"), FORMS)
async def test_wrong_field_is_refused_by_name(fields, named):
    gateway = await make_gateway(max_media_body_bytes=1_048_576)
    with anyio.fail_after(10):
        async with gateway.client() as client:
            reply = await client.post(PATH, json={"model": "suno-v3", "messages": HELLO} | fields)
    assert reply.status_code == 400, reply.text
    message, field = told_as_openai(reply)
    assert field == named
    assert message.startswith(named.partition("[")[0])
    await assert_untouched(gateway)


@pytest.mark.parametrize("model", ["*", "chirp", "no-such-model", "x" * 100_000, "a\0b", "🎵", "../chirp-v4"])
async def test_unknown_model_is_not_found(model):
    gateway = await make_gateway(max_media_body_bytes=1_048_576)
    async with gateway.client() as client:
        reply = await client.post(PATH, json={"model": model, "messages": HELLO})
    assert reply.status_code == 404
    assert told_as_openai(reply)[1] == "model"
    await assert_untouched(gateway)


MODELS = st.sampled_from(["suno-v3", "chirp-x", "suno_lyrics", "gpt-4o", "nobody"])


@settings(max_examples=150, deadline=None)
@given(form=JSON | json_objects(*FIELDS), model=MODELS | st.none(), says_hello=st.booleans())
async def test_no_json_breaks_the_route(form, model, says_hello):
    if isinstance(form, dict):
        form |= ({"model": model} if model else {}) | ({"messages": HELLO} if says_hello else {})
    gateway = await make_gateway(max_media_body_bytes=1_048_576)
    async with gateway.working(), gateway.client() as client:
        reply = await client.post(PATH, content=json.dumps(form, ensure_ascii=False).encode())
    # A model that is known and has no channel is the one known 503.
    assert reply.status_code < 500 or "无可用渠道" in reply.text, reply.text
