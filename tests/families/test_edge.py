import httpx
import pytest

from tests.gateway import BASE_URL, make_gateway
from tutti.families.edge import Edge

pytestmark = pytest.mark.anyio


async def test_preflight_needs_no_key():
    gateway = await make_gateway()
    async with gateway.client("") as client:
        reply = await client.options("/suno/submit/music", headers={"Origin": "https://app.example.org"})
    assert (reply.status_code, reply.content) == (204, b"")
    assert reply.headers["access-control-allow-origin"] == "*"
    assert "POST" in reply.headers["access-control-allow-methods"]
    assert "authorization" in reply.headers["access-control-allow-headers"]


@pytest.mark.parametrize("path", ["//suno//fetch", "/suno/fetch", "///suno/fetch"])
async def test_double_slashes_count_as_one(path):
    gateway = await make_gateway()
    async with gateway.client() as client:
        reply = await client.post(f"{BASE_URL}{path}", json={"ids": []})
    assert reply.json()["data"] == []


async def test_every_reply_has_an_id_of_its_own():
    gateway = await make_gateway()
    async with gateway.client() as client:
        replies = [await client.get(path) for path in ("/v1/tasks", "/nowhere", "/suno/fetch/x", "/v1/tasks/x")]
    ids = [reply.headers["x-request-id"] for reply in replies]
    assert len(set(ids)) == len(ids)
    assert f"(request id: {ids[3]})" in replies[3].json()["error"]["message"]


async def test_bug_of_ours_is_told_in_the_common_form(monkeypatch):
    gateway = await make_gateway()

    async def fail(*_args, **_kwargs):
        raise ZeroDivisionError

    monkeypatch.setattr(gateway.store, "list_tasks", fail)
    monkeypatch.setattr(gateway.store, "find", fail)
    async with gateway.client() as client:
        for path in ("/v1/tasks", "/suno/fetch/x", "/task/x"):
            reply = await client.get(path)
            assert reply.status_code == httpx.codes.INTERNAL_SERVER_ERROR
            assert reply.json()["error"]["code"] == "internal_error"
            assert reply.headers["x-request-id"] in reply.text


async def test_other_protocols_pass_untouched():
    seen = []

    async def app(scope, _receive, _send):
        seen.append(scope)

    await Edge(app)({"type": "lifespan"}, None, None)
    assert seen == [{"type": "lifespan"}]
