"""Secrets for browsers: made and used by the published client library, at the test upstream."""

from typing import Any

import openai
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from tests.families.realtime.talking import COST, MODEL, calls, client_of, served, settled, spent, until
from tests.gateway import Gateway
from tests.upstream.handle import RunningUpstream
from tutti.accounts.model import KeyRules
from tutti.kit.clock import ManualClock

pytestmark = pytest.mark.anyio

SESSION = {"type": "realtime", "model": MODEL, "instructions": "Sing.", "audio": {"output": {"voice": "marin"}}}


async def minted(gateway: Gateway, path: str = "client_secrets", **body: Any) -> Any:
    async with gateway.client() as client:
        reply = await client.post(f"/v1/realtime/{path}", json=body)
    assert reply.status_code == 200, reply.text
    return reply.json()


async def refusal(host: str, secret: str, *, query: str = "", protocols: tuple[str, ...] = ()) -> tuple[int, str]:
    """Status and text with which a session is refused."""
    offered = ["realtime", f"openai-insecure-api-key.{secret}", *protocols]
    with pytest.raises(InvalidStatus) as refused:
        async with connect(f"ws://{host}/v1/realtime{query}", subprotocols=offered):
            pass
    return refused.value.response.status_code, refused.value.response.body.decode()


async def test_sdk_makes_a_secret_and_talks_with_it(gateway: Gateway, upstream: RunningUpstream) -> None:
    async with served(gateway) as host, client_of(host, gateway.secret) as client:
        made = await client.realtime.client_secrets.create(session=SESSION)
        assert made.value.startswith("ek_")
        assert (made.session.type, made.session.model, made.session.instructions) == ("realtime", MODEL, "Sing.")
        assert await spent(gateway) == 0
        async with client_of(host, made.value).realtime.connect(model=MODEL) as session:
            events = await until(session, "session.updated")
            await session.response.create()
            await until(session, "response.done")
    assert [event.type for event in events] == ["session.created", "session.updated"]
    assert events[-1].session.instructions == "Sing."
    [call] = await settled(gateway, 1)
    assert (call.key_id, call.model, call.units) == (1, MODEL, COST)
    [seen] = upstream.seen(path="/v1/realtime")
    assert (seen["key"], made.value in str(seen)) == ("sk-up-1", False)


async def test_a_browser_names_no_model(gateway: Gateway, upstream: RunningUpstream) -> None:
    secret = (await minted(gateway, session={"model": MODEL}))["value"]
    async with served(gateway) as host:
        offered = ["realtime", f"openai-insecure-api-key.{secret}"]
        for _ in range(2):
            async with connect(f"ws://{host}/v1/realtime", subprotocols=offered) as one:
                assert "session.created" in await one.recv()
    assert [seen["query"] for seen in upstream.seen(path="/v1/realtime")] == [{"model": MODEL}] * 2


@pytest.mark.parametrize("session", [{"audio": 7}, {"tools": "x", "audio": {"input": []}}])
async def test_settings_that_make_no_sense_are_the_upstreams_to_refuse(
    gateway: Gateway, session: dict[str, Any]
) -> None:
    secret = (await minted(gateway, session=session))["value"]
    async with served(gateway) as host, client_of(host, secret).realtime.connect(model=MODEL) as one:
        await until(one, "session.updated")


async def test_a_secret_without_a_session_is_for_any_model(gateway: Gateway) -> None:
    secret = (await minted(gateway))["value"]
    async with served(gateway) as host:
        async with client_of(host, secret).realtime.connect(model=MODEL) as session:
            await until(session, "session.created")
        assert (await refusal(host, secret))[0] == 400


async def test_beta_sessions_are_settled_by_their_own_words(gateway: Gateway, upstream: RunningUpstream) -> None:
    made = await minted(gateway, "sessions", model=MODEL, instructions="Sing.", modalities=["text"])
    assert (made["object"], made["instructions"], made["modalities"]) == ("realtime.session", "Sing.", ["text"])
    secret = made["client_secret"]["value"]
    async with served(gateway) as host:
        offered = ["realtime", f"openai-insecure-api-key.{secret}", "openai-beta.realtime-v1"]
        async with connect(f"ws://{host}/v1/realtime?model={MODEL}", subprotocols=offered) as one:
            frames = [await one.recv(), await one.recv()]
        assert (await refusal(host, secret))[0] == 400
    assert '"session": {"instructions": "Sing.", "modalities": ["text"]}' in frames[1]
    assert upstream.seen(path="/v1/realtime")[0]["headers"]["openai-beta"] == "realtime=v1"


@pytest.mark.parametrize(
    ("path", "body", "seconds"),
    [
        ("client_secrets", {}, 600),
        ("client_secrets", {"expires_after": {"anchor": "created_at", "seconds": 10}}, 10),
        ("client_secrets", {"expires_after": {"seconds": 7200}}, 7200),
        ("sessions", {}, 60),
        ("sessions", {"client_secret": {"expires_after": {"anchor": "created_at", "seconds": 30}}}, 30),
    ],
)
async def test_a_secret_ends_in_time(gateway: Gateway, path: str, body: dict[str, Any], seconds: int) -> None:
    made = await minted(gateway, path, **body)
    made = made.get("client_secret", made)
    kept = await gateway.store.find_secret(next(iter(gateway.store.tables.ephemeral)))
    assert kept.expires_at_ms == made["expires_at"] * 1000
    assert 0 <= gateway.services.clock.now_ms() // 1000 + seconds - made["expires_at"] <= 60


async def test_a_secret_that_is_over_or_made_up_opens_nothing(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = await minted(gateway, session=SESSION)
    async with served(gateway) as host:
        status, told = await refusal(host, "ek_" + "a" * 48)
        assert (status, "invalid_api_key" in told) == (401, True)
        later = ManualClock(made["expires_at"] * 1000)
        monkeypatch.setattr(gateway.services.clock, "now_ms", later.now_ms)
        assert (await refusal(host, made["value"]))[0] == 401
    assert await calls(gateway) == []


async def test_a_secret_ends_with_its_key(gateway: Gateway) -> None:
    secret = (await minted(gateway, session=SESSION))["value"]
    await gateway.accounts.revoke_key(1)
    async with served(gateway) as host:
        assert (await refusal(host, secret))[0] == 401


async def test_a_secret_is_for_its_model_and_its_dialect(gateway: Gateway) -> None:
    secret = (await minted(gateway, session=SESSION))["value"]
    async with served(gateway) as host:
        status, told = await refusal(host, secret, query="?model=gpt-realtime-dear")
        assert (status, "model_not_allowed" in told) == (403, True)
        assert (await refusal(host, secret, protocols=("openai-beta.realtime-v1",)))[0] == 400


async def test_a_secret_is_used_from_where_its_key_is(gateway: Gateway) -> None:
    issued = await gateway.accounts.create_key(gateway.user, "office", rules=KeyRules(places=("127.0.0.2/32",)))
    async with gateway.client(issued.secret) as client:
        assert (await client.post("/v1/realtime/client_secrets", json={})).status_code == 403


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/v1/chat/completions"),
        ("POST", "/v1/realtime/client_secrets"),
        ("POST", "/v1/messages"),
        ("GET", "/v1/models"),
        ("POST", "/suno/submit/music"),
    ],
)
async def test_a_secret_opens_nothing_else(gateway: Gateway, method: str, path: str) -> None:
    secret = (await minted(gateway, session=SESSION))["value"]
    async with gateway.client(secret) as client:
        reply = await client.request(method, path, json={"model": "gpt-4o", "prompt": "la"})
    assert reply.status_code == 401


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"expires_after": {"seconds": 9}}, "expires_after.seconds"),
        ({"expires_after": {"seconds": 7201}}, "expires_after.seconds"),
        ({"expires_after": {"anchor": "now"}}, "expires_after.anchor"),
        ({"session": "gpt-realtime"}, "session"),
        ({"session": {"model": 7}}, "session.model"),
        ({"session": {"type": "translation"}}, "session.type"),
        ({"session": {"type": ["realtime"]}}, "session.type"),
        ({"session": {"type": "transcription"}}, "session.audio.input.transcription.model"),
        ({"session": {"type": "transcription", "audio": 7}}, "session.audio.input.transcription.model"),
    ],
)
async def test_sdk_is_told_what_is_wrong(gateway: Gateway, body: dict[str, Any], field: str) -> None:
    async with served(gateway) as host, client_of(host, gateway.secret) as client:
        with pytest.raises(openai.BadRequestError) as refused:
            await client.realtime.client_secrets.create(**body)
    assert refused.value.param == field


@pytest.mark.parametrize(("model", "status"), [("nobody-knows-it", 404), ("gpt-5", 503)])
async def test_a_model_that_nobody_serves_is_refused_at_once(gateway: Gateway, model: str, status: int) -> None:
    async with gateway.client() as client:
        reply = await client.post("/v1/realtime/client_secrets", json={"session": {"model": model}})
    assert (reply.status_code, reply.json()["error"]["code"]) == (status, "model_not_found")


async def test_a_key_makes_secrets_for_its_own_models_alone(gateway: Gateway) -> None:
    issued = await gateway.accounts.create_key(gateway.user, "words", models=frozenset({"gpt-4o"}))
    async with gateway.client(issued.secret) as client:
        reply = await client.post("/v1/realtime/client_secrets", json={"session": {"model": MODEL}})
        # Without a model the key decides when a session is opened.
        secret = (await client.post("/v1/realtime/client_secrets", json={})).json()["value"]
    assert reply.status_code == 403
    async with served(gateway) as host:
        assert (await refusal(host, secret, query=f"?model={MODEL}"))[0] == 403


async def test_settings_beyond_all_bounds_are_refused(gateway: Gateway) -> None:
    async with gateway.client() as client:
        reply = await client.post("/v1/realtime/client_secrets", json={"session": {"instructions": "la " * 50_000}})
    assert reply.status_code == 413
