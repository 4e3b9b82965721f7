"""The wallet over every store: holds and settlements in memory, flushes, and what goes home when."""

import asyncio
import time
from typing import Any

import pytest

from tests.billing.calls import Payer, call, running, settle
from tests.factories import OPENING_UNITS
from tests.waiting import eventually
from tutti.accounts.model import NewKey
from tutti.billing.store import Drawn, Flush, SliceAsk
from tutti.billing.wallet import FLUSH_CALLS, IDLE_ROUNDS, Wallet
from tutti.errors import KeyQuotaError, StoreError, UserQuotaError

pytestmark = pytest.mark.anyio

PAYER = Payer()
# So much is left when a hold of 1,000 is near zero: eight of them are more than a quarter.
LITTLE = 10_000


@pytest.fixture
def wallet(store: Any) -> Wallet:
    return Wallet(store, owner="life 1")


async def told(store: Any) -> tuple[int, int]:
    """What is left, slices included, and what was used."""
    [user] = await store.list_users()
    return user.quota, user.used_quota


async def leave(store: Any, units: int) -> None:
    await store.top_up(1, units - OPENING_UNITS, ref=f"leave {units}")


async def sweep_until_idle(wallet: Wallet) -> None:
    for _ in range(IDLE_ROUNDS + 1):
        await wallet.sweep()


async def test_only_the_first_hold_of_a_slice_needs_the_database(wallet: Wallet) -> None:
    assert wallet.hold_now(PAYER, 100) is None
    hold = await wallet.hold(PAYER, 100)
    assert hold.units == 100
    assert wallet.hold_now(PAYER, 9900) is not None
    assert wallet.hold_now(PAYER, 1) is None


async def test_a_settled_call_is_charged_and_logged_in_the_next_flush(wallet: Wallet, store: Any) -> None:
    (await wallet.hold(PAYER, 100)).settle(60, call(units=7))
    assert await told(store) == (OPENING_UNITS, 0)
    await wallet.flush()
    assert await told(store) == (OPENING_UNITS - 60, 60)
    assert [one.call.units for one in await store.list_calls(limit=9)] == [60]


async def test_a_hold_is_settled_once_whatever_is_said_later(wallet: Wallet, store: Any) -> None:
    hold = await wallet.hold(PAYER, 100)
    hold.settle(60, call())
    hold.settle(90, call())
    hold.release(call())
    assert not await hold.extend(1)
    await wallet.flush()
    assert await told(store) == (OPENING_UNITS - 60, 60)
    assert len(await store.list_calls(limit=9)) == 1


async def test_a_released_hold_costs_nothing_and_is_logged_if_told(wallet: Wallet, store: Any) -> None:
    (await wallet.hold(PAYER, 100)).release()
    (await wallet.hold(PAYER, 100)).release(call(status=502))
    await wallet.flush()
    assert await told(store) == (OPENING_UNITS, 0)
    assert [one.call.status for one in await store.list_calls(limit=9)] == [502]


async def test_a_charge_without_its_record_is_refused(wallet: Wallet) -> None:
    hold = await wallet.hold(PAYER, 100)
    with pytest.raises(ValueError, match="no record"):
        hold.settle(1, None)


async def test_calls_of_one_flush_are_one_row_of_the_ledger_for_each_key(wallet: Wallet, store: Any) -> None:
    await store.create_key(NewKey(user_id=1, name="k", secret_hash="k", tail="k", quota=50_000))
    for payer in (PAYER, Payer(key_id=2), PAYER):
        settle(await wallet.hold(payer, 100), 60)
    flushes: list[Flush] = []
    store_flush = store.flush

    async def seen(flush: Flush) -> None:
        flushes.append(flush)
        await store_flush(flush)

    store.flush = seen
    await wallet.flush()
    await wallet.flush()
    assert [[(change.key_id, change.spent) for change in flush.changes] for flush in flushes] == [[(1, 120), (2, 60)]]
    assert [(key.quota, key.used_quota) for key in await store.list_keys()] == [(None, 120), (49_940, 60)]


async def test_flushes_of_one_moment_are_in_order_by_their_ids(
    wallet: Wallet, store: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(time, "time_ns", lambda: 1_750_000_000_000_000_000)
    for _ in range(20):
        (await wallet.hold(Payer(), 1)).settle(1, call())
        await wallet.flush()
    flushes = [one.flush_id for one in await store.list_calls(limit=99)]
    assert sorted(flushes, reverse=True) == flushes


async def test_extending_takes_from_the_slice_then_from_the_balance(wallet: Wallet, store: Any) -> None:
    hold = await wallet.hold(PAYER, 100)
    assert await hold.extend(9900)
    assert await hold.extend(400_000)
    assert hold.units == 410_000
    assert not await hold.extend(OPENING_UNITS)
    assert hold.units == 410_000
    hold.settle(410_000, call())
    await wallet.flush()
    assert await told(store) == (OPENING_UNITS - 410_000, 410_000)


async def test_an_over_run_is_taken_from_the_slice_then_the_balance_and_the_rest_written_off(
    wallet: Wallet, store: Any
) -> None:
    (await wallet.hold(PAYER, 100)).settle(5000, call())
    await wallet.flush()
    assert await told(store) == (OPENING_UNITS - 5000, 5000)
    (await wallet.hold(PAYER, 100)).settle(500_000, call())
    await wallet.flush()
    assert await told(store) == (OPENING_UNITS - 505_000, 505_000)
    (await wallet.hold(PAYER, 100)).settle(2 * OPENING_UNITS, call())
    await wallet.flush()
    assert await told(store) == (0, OPENING_UNITS)


async def test_near_zero_each_hold_is_its_own_and_goes_home_with_the_flush(wallet: Wallet, store: Any) -> None:
    await leave(store, LITTLE)
    first = await wallet.hold(PAYER, 1000)
    assert wallet.hold_now(PAYER, 1) is None
    first.settle(300, call())
    await wallet.flush()
    assert wallet.hold_now(PAYER, 1) is None
    assert await told(store) == (LITTLE - 300, 300)
    assert await store.slice_owners() == []


async def test_credit_for_some_of_many_is_given_to_as_many(wallet: Wallet, store: Any) -> None:
    await leave(store, LITTLE)
    outcomes = await asyncio.gather(*[wallet.hold(PAYER, 1000) for _ in range(15)], return_exceptions=True)
    assert [type(outcome) for outcome in outcomes[10:]] == [UserQuotaError] * 5
    for hold in outcomes[:10]:
        settle(hold, 1000)
    await wallet.flush()
    assert await told(store) == (0, LITTLE)


async def test_what_another_key_keeps_in_stock_is_brought_home_before_anyone_is_refused(
    wallet: Wallet, store: Any
) -> None:
    await store.create_key(NewKey(user_id=1, name="k", secret_hash="k", tail="k"))
    held = await wallet.hold(PAYER, 100)
    rest = OPENING_UNITS - 100
    (await wallet.hold(Payer(key_id=2), rest)).settle(rest, call(key_id=2))
    with pytest.raises(UserQuotaError):
        await wallet.hold(Payer(key_id=2), 1)
    held.release()
    assert (await wallet.hold(Payer(key_id=2), 100)).units == 100


async def test_stock_is_brought_home_for_what_is_paid_from_the_balance(wallet: Wallet, store: Any) -> None:
    (await wallet.hold(PAYER, 100)).release()
    assert await store.slice_owners() == ["life 1"]
    assert await wallet.recall(1)
    assert await store.slice_owners() == []
    assert not await wallet.recall(1)


async def test_what_a_slice_keeps_counts_for_a_larger_hold_of_its_own(wallet: Wallet) -> None:
    (await wallet.hold(PAYER, 100)).release()
    assert (await wallet.hold(PAYER, OPENING_UNITS)).units == OPENING_UNITS


async def test_a_keys_quota_bounds_its_holds(wallet: Wallet, store: Any) -> None:
    await store.create_key(NewKey(user_id=1, name="k", secret_hash="k", tail="k", quota=150))
    payer = Payer(key_id=2)
    hold = await wallet.hold(payer, 100)
    with pytest.raises(KeyQuotaError):
        await wallet.hold(payer, 51)
    assert not await hold.extend(51)
    assert await hold.extend(50)


async def test_a_slice_nobody_holds_of_goes_home_and_what_is_held_stays(wallet: Wallet, store: Any) -> None:
    hold = await wallet.hold(PAYER, 100)
    await sweep_until_idle(wallet)
    assert wallet.hold_now(PAYER, 1) is None
    assert await store.slice_owners() == ["life 1"]
    hold.settle(100, call())
    await wallet.flush()
    await wallet.sweep()
    assert await store.slice_owners() == []
    assert await told(store) == (OPENING_UNITS - 100, 100)
    assert wallet._slices == {}


async def test_a_slice_in_use_stays(wallet: Wallet) -> None:
    for _ in range(2 * IDLE_ROUNDS):
        (await wallet.hold(PAYER, 100)).release()
        await wallet.sweep()
    assert wallet.hold_now(PAYER, 100) is not None


async def test_a_running_wallet_flushes_by_itself_soon_or_when_there_is_enough(wallet: Wallet, store: Any) -> None:
    async def is_logged(count: int) -> bool:
        return len(await store.list_calls(limit=2 * FLUSH_CALLS)) == count

    async with running(wallet):
        settle(await wallet.hold(PAYER, 1), 1)
        await eventually(lambda: is_logged(1))
        for _ in range(FLUSH_CALLS):
            settle(await wallet.hold(PAYER, 1), 1)
        await eventually(lambda: is_logged(1 + FLUSH_CALLS))
        await eventually(lambda: wallet._slices == {})


async def test_closing_flushes_and_sends_all_home(wallet: Wallet, store: Any) -> None:
    await wallet.hold(PAYER, 100)
    settle(await wallet.hold(PAYER, 100), 60)
    await wallet.close()
    assert await store.slice_owners() == []
    assert await told(store) == (OPENING_UNITS - 60, 60)


async def test_what_a_former_life_had_out_is_brought_home(wallet: Wallet, store: Any) -> None:
    await wallet.hold(PAYER, OPENING_UNITS)
    for former in await store.slice_owners():
        await store.return_slices(former)
    later = Wallet(store, owner="life 2")
    assert (await later.hold(PAYER, OPENING_UNITS)).units == OPENING_UNITS


async def test_what_the_database_refuses_is_written_once_it_takes_it(wallet: Wallet, store: Any) -> None:
    store_flush, flushes = store.flush, []

    async def refuse(flush: Flush) -> None:
        flushes.append(flush)
        raise StoreError("The disk is full.")

    store.flush = refuse
    settle(await wallet.hold(PAYER, 100), 60)
    with pytest.raises(StoreError):
        await wallet.flush()
    settle(await wallet.hold(PAYER, 100), 60)
    with pytest.raises(StoreError):
        await wallet.flush()
    assert flushes[0] is flushes[1]
    store.flush = store_flush
    await wallet.flush()
    assert await told(store) == (OPENING_UNITS - 120, 120)
    assert len(await store.list_calls(limit=9)) == 2


async def test_new_calls_are_refused_when_too_many_wait_for_the_database(
    wallet: Wallet, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tutti.billing.wallet._MOST_WAITING", 2)
    for _ in range(3):
        settle(await wallet.hold(PAYER, 1), 1)
    assert wallet.hold_now(PAYER, 1) is None
    with pytest.raises(StoreError, match="cannot be charged"):
        await wallet.hold(PAYER, 1)
    await wallet.flush()
    assert wallet.hold_now(PAYER, 1) is not None


async def test_a_caller_who_goes_away_while_a_slice_is_drawn_loses_nothing(wallet: Wallet, store: Any) -> None:
    store_draw, gate = store.draw, asyncio.Event()

    async def slow(ask: SliceAsk) -> Drawn:
        drawn = await store_draw(ask)
        await gate.wait()
        return drawn

    store.draw = slow
    waiting = asyncio.create_task(wallet.hold(PAYER, 100))
    await eventually(store.slice_owners)
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    await sweep_until_idle(wallet)
    gate.set()
    await eventually(lambda: wallet.hold_now(PAYER, 10_000) is not None)
