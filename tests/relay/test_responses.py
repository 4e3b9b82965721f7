"""Responses made by channels: kept, gone on from over any wire, made in the background, charged once."""

import asyncio
import json
from collections.abc import Callable
from typing import Any

import openai
import pytest
from openai import AsyncOpenAI
from openai.types.responses import Response

from tests.gateway import BASE_URL, OPENING_QUOTA, Gateway
from tests.relay.conftest import channel
from tests.upstream.handle import RunningUpstream
from tutti.accounts.response import KeptResponse
from tutti.billing.overrides import Override
from tutti.errors import StoreError

pytestmark = pytest.mark.anyio

WIRES = ["openai-compatible", "anthropic", "gemini"]
MODEL = "gpt-test"
COUNT = "count to 30"


def sdk(gateway: Gateway, secret: str | None = None) -> AsyncOpenAI:
    key = secret or gateway.secret
    return AsyncOpenAI(api_key=key, base_url=f"{BASE_URL}/v1", http_client=gateway.client(key), max_retries=0)


async def calls(gateway: Gateway) -> list[Any]:
    await gateway.services.wallet.flush()
    return [one.call for one in await gateway.store.list_calls(limit=99)]


async def charged(gateway: Gateway) -> int:
    """Units that the user has paid; 0 while nothing is held either."""
    await gateway.services.wallet.close()
    return OPENING_QUOTA - await gateway.balance()


async def until(holds: Callable[[], object]) -> None:
    """Wait for something that happens in another process."""
    async with asyncio.timeout(20):
        while not holds():  # noqa: ASYNC110 - no event tells it
            await asyncio.sleep(0.02)


async def ended(gateway: Gateway, made: Response) -> Response:
    """A background response when it has ended."""
    client = sdk(gateway)
    # Its events come when it has ended.
    async with asyncio.timeout(20):
        return [event async for event in await client.responses.retrieve(made.id, stream=True)][-1].response  # type: ignore[union-attr]


@pytest.mark.parametrize("type_", WIRES)
async def test_a_response_is_told_kept_and_charged_once(
    gateway: Gateway, upstream: RunningUpstream, type_: str
) -> None:
    gateway.channels.load([channel(upstream, type=type_)])
    made = await sdk(gateway).responses.create(model=MODEL, input="hello", metadata={"a": "b"})
    assert "hello" in made.output_text
    assert (made.status, made.metadata, made.model_dump()["store"]) == ("completed", {"a": "b"}, True)
    again = await sdk(gateway).responses.retrieve(made.id)
    assert again.model_dump() == made.model_dump()
    [call] = await calls(gateway)
    assert made.usage is not None
    assert (call.operation, call.status, call.units) == ("responses", 200, made.usage.total_tokens)
    assert await charged(gateway) == call.units


@pytest.mark.parametrize("type_", WIRES)
async def test_a_stream_is_told_kept_and_charged_once(gateway: Gateway, upstream: RunningUpstream, type_: str) -> None:
    gateway.channels.load([channel(upstream, type=type_)])
    events = [event async for event in await sdk(gateway).responses.create(model=MODEL, input=COUNT, stream=True)]
    assert [event.sequence_number for event in events] == [*range(len(events))]
    first, last = events[0], events[-1]
    assert (first.type, last.type) == ("response.created", "response.completed")
    told = last.response  # type: ignore[union-attr]
    assert first.response.id == told.id  # type: ignore[union-attr]
    assert first.response.model_dump()["store"] is True  # type: ignore[union-attr]
    assert "29 30" in told.output_text
    # It was kept before its end was told.
    assert (await sdk(gateway).responses.retrieve(told.id)).model_dump() == told.model_dump()
    [call] = await calls(gateway)
    assert call.units == told.usage.total_tokens
    assert await charged(gateway) == call.units


async def test_a_conversation_goes_on_over_channels_of_other_wires(gateway: Gateway, upstream: RunningUpstream) -> None:
    previous: str | None = None
    for number, type_ in enumerate(["anthropic", "gateway", "gemini", "openai-compatible", "anthropic"]):
        gateway.channels.load([channel(upstream, type=type_)])
        made = await sdk(gateway).responses.create(
            model=MODEL,
            input=f"turn {number}",
            previous_response_id=previous,
            reasoning={"effort": "low"},
            max_output_tokens=4096,
        )
        assert made.previous_response_id == previous
        previous = made.id
    seen = [row["json"] for row in upstream.seen() if "json" in row]
    assert [len(body.get("messages") or body.get("contents") or body["input"]) for body in seen][-1] == 9
    own = upstream.seen(path="/v1/responses")
    assert [(row["json"]["store"], "previous_response_id" in row["json"]) for row in own] == [(False, False)] * 2


async def test_a_response_of_another_user_can_neither_be_read_nor_gone_on_from(gateway: Gateway) -> None:
    made = await sdk(gateway).responses.create(model=MODEL, input="hello")
    other = sdk(gateway, await gateway.new_secret("noah"))
    with pytest.raises(openai.NotFoundError):
        await other.responses.retrieve(made.id)
    with pytest.raises(openai.NotFoundError) as refused:
        await other.responses.create(model=MODEL, input="hello", previous_response_id=made.id)
    assert refused.value.param == "previous_response_id"


async def test_what_is_not_to_be_kept_passes_as_it_came(gateway: Gateway, upstream: RunningUpstream) -> None:
    body = b'{"model":"gpt-test",  "input":"hi", "store": false, "temperature": 1.0e0}'
    async with gateway.client() as client:
        reply = await client.post("/v1/responses", content=body)
        found = await client.get(f"/v1/responses/{reply.json()['id']}")
    assert (reply.status_code, found.status_code) == (200, 404)
    assert upstream.seen(path="/v1/responses")[0]["body"] == body.decode()


@pytest.mark.parametrize(
    "field", [b'"\xff":1', b'"x":"\xff"', *(b'"x":' + b"[" * depth + b"]" * depth for depth in (940, 99_000))]
)
@pytest.mark.parametrize("path", ["/v1/responses", "/v1/responses/compact", "/v1/responses/input_tokens"])
async def test_what_no_wire_can_carry_is_refused(gateway: Gateway, path: str, field: bytes) -> None:
    gateway.channels.load([])
    body = b'{"model":"gpt-test","input":"hi",' + field + b"}"
    async with gateway.client() as client:
        reply = await client.post(path, content=body)
    assert reply.status_code in {400, 404}, reply.text


@pytest.mark.parametrize("field", ["conversation", "prompt"])
@pytest.mark.parametrize("is_kept", [True, False])
async def test_what_an_account_of_a_channel_keeps_is_nobodys(
    gateway: Gateway, upstream: RunningUpstream, field: str, *, is_kept: bool
) -> None:
    async with gateway.client() as client:
        body = {"model": MODEL, "input": "hi", "store": is_kept, field: {"id": "of_another"}}
        reply = await client.post("/v1/responses", json=body)
    assert (reply.status_code, reply.json()["error"]["param"]) == (400, field)
    assert upstream.seen() == []


@pytest.mark.parametrize("type_", WIRES)
async def test_a_background_response_is_made_while_nobody_waits(
    gateway: Gateway, upstream: RunningUpstream, type_: str
) -> None:
    gateway.channels.load([channel(upstream, type=type_)])
    upstream.set_fault(head_s=0.3)
    made = await sdk(gateway).responses.create(model=MODEL, input=COUNT, background=True)
    assert (made.status, made.background, made.output) == ("queued", True, [])
    done = await ended(gateway, made)
    assert (done.id, done.status, done.background) == (made.id, "completed", True)
    assert "29 30" in done.output_text
    [call] = await calls(gateway)
    assert done.usage is not None
    assert call.units == done.usage.total_tokens
    after = await sdk(gateway).responses.create(model=MODEL, input="and on", previous_response_id=made.id)
    assert after.status == "completed"


async def test_a_background_response_whose_upstream_fails_has_failed_and_costs_nothing(
    gateway: Gateway, upstream: RunningUpstream
) -> None:
    upstream.set_fault(status=500)
    made = await sdk(gateway).responses.create(model=MODEL, input=COUNT, background=True)
    done = await ended(gateway, made)
    assert done.error is not None
    assert (done.status, done.error.code, done.id) == ("failed", "server_error", made.id)
    [call] = await calls(gateway)
    assert (call.status, call.units) == (500, 0)
    assert await charged(gateway) == 0


async def test_a_cancelled_background_response_costs_nothing(gateway: Gateway, upstream: RunningUpstream) -> None:
    upstream.set_fault(hang=True)
    made = await sdk(gateway).responses.create(model=MODEL, input=COUNT, background=True)
    await until(lambda: upstream.seen(path="/v1/responses"))
    assert (await sdk(gateway).responses.cancel(made.id)).status == "cancelled"
    assert (await sdk(gateway).responses.retrieve(made.id)).status == "cancelled"
    [call] = await calls(gateway)
    assert (call.status, call.units) == (499, 0)
    assert await charged(gateway) == 0


async def test_a_background_response_that_nobody_can_make_is_refused_at_once(gateway: Gateway) -> None:
    with pytest.raises(openai.NotFoundError):
        await sdk(gateway).responses.create(model="nobody-knows-it", input=COUNT, background=True)
    assert not gateway.store.tables.responses


@pytest.mark.parametrize("type_", WIRES)
async def test_a_broken_stream_is_kept_as_failed_or_not_at_all(
    gateway: Gateway, upstream: RunningUpstream, type_: str
) -> None:
    gateway.channels.load([channel(upstream, type=type_)])
    upstream.set_fault(cut_after=9)
    async with gateway.client() as client:
        await client.post("/v1/responses", json={"model": MODEL, "input": COUNT, "stream": True})
    [call] = await calls(gateway)
    assert 0 < call.units < 90
    kept = [*gateway.store.tables.responses.values()]
    assert [one.status for one in kept] == ([] if type_ == "openai-compatible" else ["failed"])


@pytest.mark.parametrize("fault", [{"garbage": True}, {"half_json": True}])
async def test_a_spoilt_reply_is_not_kept_and_costs_nothing(
    gateway: Gateway, upstream: RunningUpstream, fault: dict[str, bool]
) -> None:
    upstream.set_fault(**fault)
    with pytest.raises(openai.InternalServerError):
        await sdk(gateway).responses.create(model=MODEL, input="hello")
    assert not gateway.store.tables.responses
    assert await charged(gateway) == 0


@pytest.mark.parametrize("type_", WIRES)
async def test_a_stream_that_outgrows_its_credit_ends_incomplete_under_its_own_id(
    gateway: Gateway, upstream: RunningUpstream, type_: str
) -> None:
    gateway.channels.load([channel(upstream, type=type_)])
    gateway.services.prices.override([Override("models", "gpt-*", '{"input": 2, "output": 2, "longest_answer": 20}')])
    secret = await gateway.new_secret("poor", quota=500)
    body = {"model": MODEL, "input": "count to 400", "stream": True}
    async with gateway.client(secret) as client:
        reply = await client.post("/v1/responses", json=body)
    events = [json.loads(line[6:]) for line in reply.text.splitlines() if line.startswith("data: ")]
    assert events[-1]["type"] == "response.incomplete"
    assert events[-1]["response"]["id"] == events[0]["response"]["id"]


async def test_a_database_that_refuses_does_not_take_the_answer_away(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def refuse(_: KeptResponse) -> bool:
        raise StoreError

    monkeypatch.setattr(gateway.store, "keep_response", refuse)
    assert "hello" in (await sdk(gateway).responses.create(model=MODEL, input="hello")).output_text


async def test_a_conversation_is_compacted_by_an_upstream_that_can(gateway: Gateway, upstream: RunningUpstream) -> None:
    first = await sdk(gateway).responses.create(model=MODEL, input="one")
    done = await sdk(gateway).responses.compact(model=MODEL, input="two", previous_response_id=first.id)
    assert [item.type for item in done.output] == ["compaction"]
    [sent] = upstream.seen(path="/v1/responses/compact")
    assert sent["json"].keys() == {"model", "input"}
    assert len(sent["json"]["input"]) == 3
    assert (await calls(gateway))[-1].operation in {"responses", "responses_compact"}


async def test_compaction_says_what_it_needs(gateway: Gateway, upstream: RunningUpstream) -> None:
    gateway.channels.load([channel(upstream, type="anthropic")])
    with pytest.raises(openai.InternalServerError, match="responses_compact"):
        await sdk(gateway).responses.compact(model=MODEL, input="two")
    assert await charged(gateway) == 0
