"""Responses that are kept, by way of OpenAI's own SDK."""

import json

import openai
import pytest

from tests.families.responses.desk import Desk, make_desk
from tutti.families.gate import Gate
from tutti.families.responses.background import Background

pytestmark = pytest.mark.anyio


@pytest.fixture
async def desk() -> Desk:
    return await make_desk()


async def test_response_is_told_again_as_it_was(desk: Desk) -> None:
    client = desk.client()
    made = await client.responses.create(model="m", input="hi", metadata={"a": "b"})
    assert (await client.responses.retrieve(made.id)).model_dump() == made.model_dump()


async def test_response_goes_on_from_the_one_before(desk: Desk) -> None:
    client = desk.client()
    first = await client.responses.create(model="m", input="one", instructions="Be brief.")
    second = await client.responses.create(model="m", input="two", previous_response_id=first.id)
    third = await client.responses.create(model="m", input="three", previous_response_id=second.id)
    # Instructions are not carried over; an answer is one turn.
    assert [made.output_text for made in (first, second, third)] == ["2 turns", "3 turns", "5 turns"]
    assert third.previous_response_id == second.id


async def test_response_of_another_user_does_not_exist(desk: Desk) -> None:
    made = await desk.client().responses.create(model="m", input="hi")
    other = desk.client(await desk.gateway.new_secret("noah"))
    for call in (other.responses.retrieve, other.responses.delete, other.responses.cancel):
        with pytest.raises(openai.NotFoundError, match=made.id):
            await call(made.id)
    with pytest.raises(openai.NotFoundError, match=made.id):
        await other.responses.input_items.list(made.id)
    with pytest.raises(openai.NotFoundError) as refused:
        await other.responses.create(model="m", input="hi", previous_response_id=made.id)
    assert refused.value.param == "previous_response_id"


async def test_response_that_is_not_to_be_kept_is_not(desk: Desk) -> None:
    client = desk.client()
    made = await client.responses.create(model="m", input="hi", store=False)
    with pytest.raises(openai.NotFoundError):
        await client.responses.retrieve(made.id)


async def test_deleted_response_is_gone_and_its_followers_say_so(desk: Desk) -> None:
    client = desk.client()
    first = await client.responses.create(model="m", input="one")
    second = await client.responses.create(model="m", input="two", previous_response_id=first.id)
    await client.responses.delete(first.id)
    with pytest.raises(openai.NotFoundError):
        await client.responses.retrieve(first.id)
    with pytest.raises(openai.NotFoundError, match=f"'{first.id}', which '{second.id}' goes on from"):
        await client.responses.create(model="m", input="three", previous_response_id=second.id)
    assert (await client.responses.retrieve(second.id)).id == second.id


async def test_response_too_long_to_keep_is_answered_all_the_same() -> None:
    desk = await make_desk(most_bytes=100)
    made = await desk.client().responses.create(model="m", input="hi")
    with pytest.raises(openai.NotFoundError):
        await desk.client().responses.retrieve(made.id)


async def test_input_items_are_the_whole_conversation(desk: Desk) -> None:
    client = desk.client()
    first = await client.responses.create(model="m", input="one")
    second = await client.responses.create(
        model="m", input=[{"role": "user", "content": "two"}], previous_response_id=first.id
    )
    newest = [item.type for item in (await client.responses.input_items.list(second.id)).data]
    page = await client.responses.input_items.list(second.id, order="asc", limit=3)
    assert newest == ["message", "message", "reasoning", "message"]
    assert [item.type for item in page.data] == ["message", "reasoning", "message"]
    assert page.has_more
    rest = await client.responses.input_items.list(second.id, order="asc", after=page.data[-1].id)
    assert (len(rest.data), rest.has_more) == (1, False)


async def test_item_may_be_named_instead_of_sent(desk: Desk) -> None:
    client = desk.client()
    first = await client.responses.create(model="m", input="one")
    named = {"type": "item_reference", "id": first.output[-1].id}
    await client.responses.create(model="m", input=[named], previous_response_id=first.id)
    sent = json.loads(desk.prepared[-1].body)["input"]
    assert sent[-1] == sent[-2]
    with pytest.raises(openai.NotFoundError, match="msg_elsewhere"):
        await client.responses.create(model="m", input=[{"type": "item_reference", "id": "msg_elsewhere"}])


async def test_tokens_are_counted_with_the_conversation(desk: Desk) -> None:
    client = desk.client()
    first = await client.responses.create(model="m", input="one")
    alone = await client.responses.input_tokens.count(input="two")
    counted = await client.responses.input_tokens.count(input="two", previous_response_id=first.id)
    assert (counted.object, alone.object) == ("response.input_tokens", "response.input_tokens")
    assert 0 < alone.input_tokens < counted.input_tokens


async def test_background_response_is_queued_and_then_told(desk: Desk) -> None:
    client = desk.client()
    made = await client.responses.create(model="m", input="hi", background=True)
    assert (made.status, made.output) == ("queued", [])
    assert (await client.responses.retrieve(made.id)).status == "queued"
    desk.may_answer.set()
    await desk.background.wait(made.id, timeout_s=10)
    done = await client.responses.retrieve(made.id)
    assert (done.id, done.status, done.background, done.output_text) == (made.id, "completed", True, "1 turns")


async def test_background_response_is_cancelled_once(desk: Desk) -> None:
    client = desk.client()
    made = await client.responses.create(model="m", input="hi", background=True)
    assert (await client.responses.cancel(made.id)).status == "cancelled"
    assert not desk.background.is_running(made.id)
    assert (await client.responses.cancel(made.id)).status == "cancelled"


async def test_only_background_responses_can_be_cancelled(desk: Desk) -> None:
    client = desk.client()
    made = await client.responses.create(model="m", input="hi")
    with pytest.raises(openai.BadRequestError):
        await client.responses.cancel(made.id)


async def test_background_response_of_a_former_process_has_failed(desk: Desk) -> None:
    client = desk.client()
    made = await client.responses.create(model="m", input="hi", background=True)
    await desk.background.close()
    found = await client.responses.retrieve(made.id)
    assert (found.status, found.error and found.error.code) == ("failed", "server_error")
    assert (await client.responses.retrieve(made.id)).status == "failed"


@pytest.mark.parametrize(("fields", "field"), [({"store": False}, "background"), ({"stream": True}, "stream")])
async def test_background_has_conditions(desk: Desk, fields: dict[str, bool], field: str) -> None:
    with pytest.raises(openai.BadRequestError) as refused:
        await desk.client().responses.create(model="m", input="hi", background=True, **fields)  # type: ignore[call-overload]
    assert refused.value.param == field


async def test_conversation_goes_on_only_from_an_answer_that_has_ended(desk: Desk) -> None:
    client = desk.client()
    made = await client.responses.create(model="m", input="hi", background=True)
    with pytest.raises(openai.BadRequestError, match="has not ended"):
        await client.responses.create(model="m", input="hi", previous_response_id=made.id)


async def test_events_are_told_again(desk: Desk) -> None:
    client = desk.client()
    made = await client.responses.create(model="m", input="hi")
    events = [event async for event in await client.responses.retrieve(made.id, stream=True)]
    assert [event.sequence_number for event in events] == [*range(len(events))]
    assert events[0].type == "response.created"
    assert events[-1].type == "response.completed"
    assert events[-1].response.model_dump() == made.model_dump()
    rest = [event async for event in await client.responses.retrieve(made.id, stream=True, starting_after=4)]
    assert [event.sequence_number for event in rest] == [event.sequence_number for event in events[5:]]


async def test_events_of_a_running_answer_come_when_it_is_there(desk: Desk) -> None:
    client = desk.client()
    made = await client.responses.create(model="m", input="hi", background=True)
    desk.may_answer.set()
    events = [event async for event in await client.responses.retrieve(made.id, stream=True)]
    assert events[-1].type == "response.completed"


@pytest.mark.parametrize("query", ["limit=many", "stream=true&starting_after=x"])
async def test_wrong_query_is_the_caller_s_fault(desk: Desk, query: str) -> None:
    made = await desk.client().responses.create(model="m", input="hi")
    async with desk.gateway.client() as http:
        path = "/input_items" if "limit" in query else ""
        reply = await http.get(f"/v1/responses/{made.id}{path}?{query}")
    assert reply.status_code == 400


async def test_upstream_is_sent_all_and_told_to_keep_nothing(desk: Desk) -> None:
    client = desk.client()
    first = await client.responses.create(model="m", input="one")
    await client.responses.create(model="m", input="two", previous_response_id=first.id)
    sent = json.loads(desk.prepared[-1].same_wire_body)
    assert sent["store"] is False
    assert "previous_response_id" not in sent
    assert [(item["type"], "id" in item) for item in sent["input"]] == [
        ("message", False),
        ("message", False),
        ("message", False),
    ]


async def test_reply_that_passes_through_says_what_was_asked(desk: Desk) -> None:
    first = await desk.client().responses.create(model="m", input="one")
    await desk.client().responses.create(model="m", input="two", previous_response_id=first.id)
    prepared = desk.prepared[-1]
    reply = b'{"id":"resp_9","store":false,"previous_response_id":null}'
    told = {"id": "resp_9", "store": True, "previous_response_id": first.id}
    assert json.loads(prepared.told(reply)) == told


async def test_request_that_is_not_kept_passes_as_it_is(desk: Desk) -> None:
    caller = desk.gateway.services.keyring.read(desk.gateway.secret)
    body = b'{"model":"m", "input":"hi","store":false}'
    prepared = await desk.keeping.prepare(body, caller)
    assert prepared.same_wire_body is body
    assert not prepared.is_changed


async def test_upstream_is_spared_the_seals_of_other_vendors(desk: Desk) -> None:
    caller = desk.gateway.services.keyring.read(desk.gateway.secret)
    items = [
        {"type": "reasoning", "id": "rs_1", "summary": [], "encrypted_content": seal} for seal in ("gAAA", "claude:x")
    ]
    body = json.dumps({"model": "m", "input": items, "store": False}).encode()
    prepared = await desk.keeping.prepare(body, caller)
    sent = json.loads(prepared.same_wire_body)["input"]
    assert [item["encrypted_content"] for item in sent] == ["gAAA"]
    assert len(json.loads(prepared.body)["input"]) == 2


async def test_failing_background_work_is_let_go() -> None:
    async def fail() -> None:
        raise ValueError

    background = Background(Gate())
    background.start("resp_1", fail())
    await background.wait("resp_1", timeout_s=10)
    assert not background.is_running("resp_1")
