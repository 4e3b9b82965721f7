"""Every input rule of the neutral task routes, checked by someone who breaks it."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.families.hostile import assert_untouched, told_as_openai
from tests.gateway import make_gateway

pytestmark = pytest.mark.anyio

QUERIES = (
    ("limit=0", "limit"),
    ("limit=-1", "limit"),
    ("limit=101", "limit"),
    ("limit=1.5", "limit"),
    ("limit=NaN", "limit"),
    ("limit=", "limit"),
    ("limit=" + "9" * 5000, "limit"),
    ("limit=%00", "limit"),
    ("limit=1&limit=x", "limit"),
    ("status=done", "status"),
    ("status=", "status"),
    ("status=QUEUED", "status"),
    ("status=%FF", "status"),
)
IDS = ("x" * 60_000, "%00", "%FF%FE", "..%2F..", "%F0%9F%8E%B5", "' OR 1=1 --", "%25")


@pytest.mark.parametrize(("query", "field"), QUERIES)
async def test_wrong_query_is_refused_by_name(query, field):
    gateway = await make_gateway()
    async with gateway.client() as client:
        reply = await client.get(f"/v1/tasks?{query}")
    assert reply.status_code == 400, reply.text
    message, param = told_as_openai(reply)
    assert param == field
    assert message.startswith(f"{field}: ")


@pytest.mark.parametrize("task_id", IDS)
@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/v1/tasks?after={}"),
        ("GET", "/v1/tasks/{}"),
        ("GET", "/v1/tasks/{}/events"),
        ("DELETE", "/v1/tasks/{}"),
        ("GET", "/task/{}"),
        ("GET", "/files/{}?exp=1&sig=x"),
    ],
)
async def test_impossible_id_is_nobody_s(method, path, task_id):
    gateway = await make_gateway()
    async with gateway.client() as client:
        reply = await client.request(method, path.format(task_id))
    assert 400 <= reply.status_code < 500, reply.text
    assert told_as_openai(reply)[0]
    await assert_untouched(gateway)


@pytest.mark.parametrize("credential", ["", "Bearer", "Bearer ", "Basic bWlyYTp4", "sk-", "sk-\xff", "x" * 60_000])
@pytest.mark.parametrize("path", ["/v1/tasks", "/v1/tasks/x", "/task/x", "/suno/fetch/x"])
async def test_credential_that_is_no_key_is_refused(path, credential):
    gateway = await make_gateway()
    async with gateway.client("") as client:
        reply = await client.get(path, headers={"Authorization": credential.encode("latin-1")})
    assert reply.status_code == 401
    assert told_as_openai(reply)[0]


@pytest.mark.parametrize("query", ["exp=%FF&sig=%FF", "exp=x&sig=", "exp=" + "9" * 5000 + "&sig=x", "sig=🎵", ""])
async def test_link_that_was_not_signed_here_is_refused(query):
    gateway = await make_gateway()
    async with gateway.client("") as client:
        reply = await client.get(f"/files/results/x/0/audio.mp3?{query}")
    assert reply.status_code == 403


@settings(max_examples=100, deadline=None)
@given(query=st.dictionaries(st.sampled_from(["limit", "after", "status", "x"]), st.text(max_size=30)))
async def test_no_query_breaks_the_list(query):
    gateway = await make_gateway()
    async with gateway.client() as client:
        reply = await client.get("/v1/tasks", params=query)
    assert reply.status_code < 500, reply.text
