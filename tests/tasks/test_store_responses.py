"""`ResponseStore` in every implementation."""

from dataclasses import replace
from typing import Any

import pytest

from tutti.accounts.response import KeptResponse
from tutti.kit.clock import ManualClock

pytestmark = pytest.mark.anyio

DAY_MS = 86_400_000
TITAN = KeptResponse(
    id="resp_1",
    user_id=1,
    status="completed",
    response=b'{"id":"resp_1"}',
    input=b"[]",
    previous_id=None,
    is_background=False,
    created_at_ms=5,
    expires_at_ms=10 * DAY_MS,
)


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(0)


async def test_response_is_read_as_it_was_kept(store: Any) -> None:
    assert await store.keep_response(TITAN)
    assert await store.find_response("resp_1", user_id=1) == TITAN


async def test_response_is_its_user_s_alone(store: Any) -> None:
    await store.keep_response(TITAN)
    assert await store.find_response("resp_1", user_id=2) is None
    assert await store.find_response("resp_2", user_id=1) is None
    assert not await store.delete_response("resp_1", user_id=2)
    assert await store.chain_of_responses("resp_1", user_id=2) == []


async def test_id_of_another_user_s_response_is_not_taken_over(store: Any) -> None:
    await store.keep_response(replace(TITAN, status="queued"))
    assert not await store.keep_response(replace(TITAN, user_id=2, response=b"{}"))
    assert (await store.find_response("resp_1", user_id=1)).response == TITAN.response


async def test_response_ends_once(store: Any) -> None:
    await store.keep_response(replace(TITAN, status="queued", is_background=True))
    cancelled = replace(TITAN, status="cancelled", response=b"cancelled", is_background=True)
    assert await store.keep_response(cancelled)
    assert not await store.keep_response(replace(TITAN, response=b"late"))
    assert await store.find_response("resp_1", user_id=1) == cancelled


async def test_response_is_forgotten_in_time(store: Any, clock: ManualClock) -> None:
    await store.keep_response(TITAN)
    await store.keep_response(replace(TITAN, id="resp_2", expires_at_ms=20 * DAY_MS))
    clock.advance(TITAN.expires_at_ms)
    assert await store.find_response("resp_1", user_id=1) is None
    assert not await store.delete_response("resp_1", user_id=1)
    assert [await store.prune_responses(limit=9), await store.prune_responses(limit=9)] == [1, 0]
    assert await store.find_response("resp_2", user_id=1)


async def test_deleted_response_is_gone(store: Any) -> None:
    await store.keep_response(TITAN)
    assert await store.delete_response("resp_1", user_id=1)
    assert await store.find_response("resp_1", user_id=1) is None


async def test_chain_begins_with_the_oldest_and_lives_as_long_as_its_end(store: Any) -> None:
    await store.keep_response(TITAN)
    await store.keep_response(replace(TITAN, id="resp_2", previous_id="resp_1", expires_at_ms=20 * DAY_MS))
    await store.keep_response(replace(TITAN, id="resp_3", previous_id="resp_2", expires_at_ms=30 * DAY_MS))
    chain = await store.chain_of_responses("resp_3", user_id=1)
    assert [kept.id for kept in chain] == ["resp_1", "resp_2", "resp_3"]
    assert {kept.expires_at_ms for kept in chain} == {30 * DAY_MS}


async def test_chain_with_a_missing_link_begins_after_it(store: Any) -> None:
    await store.keep_response(TITAN)
    await store.keep_response(replace(TITAN, id="resp_2", previous_id="resp_1"))
    await store.delete_response("resp_1", user_id=1)
    (kept,) = await store.chain_of_responses("resp_2", user_id=1)
    assert (kept.id, kept.previous_id) == ("resp_2", "resp_1")


async def test_chain_that_bites_its_tail_ends(store: Any) -> None:
    await store.keep_response(replace(TITAN, previous_id="resp_2"))
    await store.keep_response(replace(TITAN, id="resp_2", previous_id="resp_1"))
    assert len(await store.chain_of_responses("resp_2", user_id=1)) == 2
