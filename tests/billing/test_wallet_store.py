"""`WalletStore` and `UsageStore` in every implementation."""

from typing import Any

import pytest

from tests.billing.calls import call
from tests.factories import OPENING_UNITS
from tutti.accounts.model import NewKey
from tutti.billing.records import FIELDS
from tutti.billing.store import Drawn, Flush, SliceAsk, SliceChange
from tutti.errors import KeyQuotaError, NotFoundError, UserQuotaError

pytestmark = pytest.mark.anyio

DAY_MS = 86_400_000


def ask(units: int, **changes: Any) -> SliceAsk:
    fields = {"slice_id": "s", "owner": "life 1", "user_id": 1, "key_id": 1, "units": units}
    return SliceAsk(**(fields | changes))


def change(**changes: Any) -> SliceChange:
    return SliceChange(**({"slice_id": "s", "user_id": 1, "key_id": 1} | changes))


async def balance(store: Any) -> tuple[int, int]:
    """What is told of user 1: what is left, slices included, and what was used."""
    [user] = await store.list_users()
    return user.quota, user.used_quota


async def free(store: Any) -> int:
    """What user 1 has outside of slices, seen by what can be taken."""
    before = (await balance(store))[0]
    for units in (OPENING_UNITS, 0):
        try:
            await store.top_up(1, -units - 1, ref=f"look {units}")
        except UserQuotaError as refusal:
            return int(refusal.message.split()[1])
    return before


@pytest.mark.parametrize(
    ("units", "held", "drawn"),
    [
        (10, 0, Drawn(10_000, is_tight=False)),  # 1 % of what is left
        (5000, 0, Drawn(40_000, is_tight=False)),  # eight calls
        (10, 60_000, Drawn(60_000, is_tight=False)),  # as much as is held already
        (40_000, 0, Drawn(40_000, is_tight=True)),  # eight would be more than a quarter of what is left
        (OPENING_UNITS, 0, Drawn(OPENING_UNITS, is_tight=True)),
    ],
)
async def test_a_slice_is_sized_by_what_is_left(store: Any, units: int, held: int, drawn: Drawn) -> None:
    assert await store.draw(ask(units, held=held)) == drawn
    assert await balance(store) == (OPENING_UNITS, 0)
    assert await free(store) == OPENING_UNITS - drawn.units


async def test_a_slice_is_sized_by_the_keys_quota_too_and_taken_from_it(store: Any) -> None:
    await store.create_key(NewKey(user_id=1, name="k", secret_hash="k", tail="k", quota=8000))
    assert await store.draw(ask(100, key_id=2)) == Drawn(800, is_tight=False)
    with pytest.raises(KeyQuotaError):
        await store.draw(ask(7201, key_id=2))
    assert await store.draw(ask(7200, key_id=2)) == Drawn(7200, is_tight=True)
    assert [key.quota for key in await store.list_keys()] == [None, 8000]


async def test_what_is_not_there_is_not_drawn(store: Any) -> None:
    with pytest.raises(UserQuotaError):
        await store.draw(ask(OPENING_UNITS + 1))
    with pytest.raises(NotFoundError):
        await store.draw(ask(1, key_id=9))
    with pytest.raises(NotFoundError):
        await store.draw(ask(1, user_id=9))
    assert await store.slice_owners() == []


async def test_a_flush_charges_logs_and_sends_home_once(store: Any) -> None:
    await store.draw(ask(10))
    flush = Flush("0190-a", [change(spent=300, home=9000)], [call(units=100), call(units=200, request_id="q")])
    for _ in range(2):
        await store.flush(flush)
    assert await balance(store) == (OPENING_UNITS - 300, 300)
    assert await free(store) == OPENING_UNITS - 300 - 700
    calls = await store.list_calls(limit=9)
    assert [(one.call.request_id, one.call.units, one.flush_id) for one in calls] == [
        ("q", 200, "0190-a"),
        ("r", 100, "0190-a"),
    ]
    assert await store.return_slices("life 1") == 700
    assert await free(store) == OPENING_UNITS - 300


async def test_what_a_slice_does_not_cover_comes_from_the_balance_and_is_written_off_at_zero(store: Any) -> None:
    await store.draw(ask(OPENING_UNITS - 50))
    await store.flush(Flush("0190-a", [change(spent=OPENING_UNITS - 50, owed=30)], [call(units=OPENING_UNITS - 20)]))
    assert await balance(store) == (20, OPENING_UNITS - 20)
    await store.flush(Flush("0190-b", [change(owed=70)], [call(units=70)]))
    assert await balance(store) == (0, OPENING_UNITS)


async def test_an_over_run_stops_at_the_keys_quota_too(store: Any) -> None:
    await store.create_key(NewKey(user_id=1, name="k", secret_hash="k", tail="k", quota=100))
    await store.flush(Flush("0190-a", [change(key_id=2, owed=130)], [call(key_id=2, units=130)]))
    assert await balance(store) == (OPENING_UNITS - 100, 100)
    assert [(key.quota, key.used_quota) for key in await store.list_keys()] == [(None, 0), (0, 100)]


async def test_a_flush_for_a_slice_that_was_taken_away_is_charged_to_the_balance(store: Any) -> None:
    await store.draw(ask(10))
    await store.return_slices("life 1")
    await store.flush(Flush("0190-a", [change(spent=300, home=9700)], [call(units=300)]))
    assert await balance(store) == (OPENING_UNITS - 300, 300)
    assert await free(store) == OPENING_UNITS - 300


async def test_a_flush_for_a_slice_that_was_taken_away_and_spent_is_written_off(store: Any) -> None:
    await store.draw(ask(10))
    await store.return_slices("life 1")
    await store.top_up(1, 100 - OPENING_UNITS, ref="leave little")
    await store.flush(Flush("0190-a", [change(spent=300, home=9700)], [call(units=300)]))
    assert await balance(store) == (0, 100)


async def test_slices_go_home_by_owner(store: Any) -> None:
    await store.draw(ask(10))
    await store.draw(ask(10, slice_id="t", owner="life 2"))
    assert await store.slice_owners() == ["life 1", "life 2"]
    assert await store.return_slices("life 1") == 10_000
    assert await store.slice_owners() == ["life 2"]
    assert await store.return_slices("nobody") == 0


async def test_a_call_is_kept_as_it_was(store: Any) -> None:
    whole = call(
        request_id="whole",
        at_ms=77,
        user_id=3,
        key_id=4,
        operation="messages",
        model="claude",
        upstream_model="claude-2",
        channel_id=5,
        engine="language",
        is_stream=True,
        input_tokens=6,
        cached_tokens=7,
        output_tokens=8,
        reasoning_tokens=9,
        units=10,
        status=502,
        error_code="upstream_error",
        duration_ms=11,
        first_byte_ms=12,
        attempts='["busy"]',
        is_estimated=True,
        client_ip="10.0.0.1",
        group_name="vip",
        cache_written_tokens=13,
        cache_written_1h_tokens=14,
        thing="second",
        thing_count=15.1,
    )
    assert all(getattr(whole, name) for name in FIELDS)
    await store.flush(Flush("0190-a", [], [whole]))
    [logged] = await store.list_calls(limit=9)
    assert logged.call == whole


async def test_calls_are_found_by_each_condition_newest_first(store: Any) -> None:
    rows = [
        call(request_id="a", at_ms=1),
        call(request_id="b", at_ms=3, user_id=2, key_id=2),
        call(request_id="c", at_ms=2, channel_id=7),
        call(request_id="d", at_ms=4, key_id=3),
    ]
    await store.flush(Flush("0190-a", [], rows))

    async def found(**conditions: Any) -> str:
        return "".join(one.call.request_id for one in await store.list_calls(**({"limit": 9} | conditions)))

    assert await found() == "dbca"
    assert await found(user_id=1) == "dca"
    assert await found(key_id=3) == "d"
    assert await found(channel_id=7) == "c"
    assert await found(request_id="b") == "b"
    assert await found(since_ms=3) == "db"
    assert await found(limit=2) == "db"
    [_, second, *_] = await store.list_calls(limit=9)
    assert await found(before_id=second.id) == "ca"
    assert await found(before_id=99) == ""


async def test_old_calls_are_forgotten_by_age_and_by_number(store: Any) -> None:
    for number in range(6):
        await store.flush(Flush(f"0190-{number}", [], [call(at_ms=number)]))
    assert await store.prune_calls(before_ms=2, keep_rows=0, limit=1) == 1
    assert await store.prune_calls(before_ms=2, keep_rows=9, limit=9) == 1
    assert await store.prune_calls(before_ms=0, keep_rows=3, limit=9) == 1
    assert [one.call.at_ms for one in await store.list_calls(limit=9)] == [5, 4, 3]


async def test_old_flushes_are_folded_when_their_calls_are_forgotten(store: Any, clock: Any) -> None:
    await store.draw(ask(10))
    for number in range(4):
        await store.flush(Flush(f"0190-{number}", [change(spent=10)], [call(units=10, at_ms=number)]))
    clock.advance(DAY_MS)
    assert await store.fold_flushes(before_ms=clock.now_ms(), limit=9) == 0
    await store.prune_calls(before_ms=3, keep_rows=0, limit=9)
    assert await store.fold_flushes(before_ms=clock.now_ms(), limit=2) == 2
    assert await store.fold_flushes(before_ms=clock.now_ms(), limit=9) == 1
    assert await store.fold_flushes(before_ms=clock.now_ms(), limit=9) == 0
    assert await balance(store) == (OPENING_UNITS - 40, 40)
