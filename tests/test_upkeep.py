"""The hourly round over a real store."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.billing.calls import Payer, call
from tests.databases import database, empty_database
from tests.factories import OPENING_UNITS, seed_account
from tutti.accounts.ephemeral import EphemeralSecret
from tutti.accounts.response import KeptResponse
from tutti.billing.wallet import Wallet
from tutti.blobs.local import LocalBlobStore
from tutti.database.check import check
from tutti.kit.clock import ManualClock
from tutti.settings import Settings
from tutti.tasks.sqlite import SqliteTaskStore
from tutti.upkeep import Upkeep

__all__ = ["database", "empty_database"]

pytestmark = pytest.mark.anyio

DAY_MS = 86_400_000


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
async def store(database: Path, clock: ManualClock) -> AsyncIterator[SqliteTaskStore]:
    store = SqliteTaskStore(database, clock=clock, render_event=lambda _task, _parts: b"{}")
    await store.open()
    await seed_account(store)
    yield store
    await store.close()


def upkeep(store: SqliteTaskStore, clock: ManualClock, tmp_path: Path, **chosen: float) -> Upkeep:
    settings = Settings(data=tmp_path, **chosen)
    return Upkeep(LocalBlobStore(tmp_path / "blobs"), store, settings, clock=clock, known_tasks=store.known)


async def use(store: SqliteTaskStore, clock: ManualClock, *, days: int, calls: int = 10) -> None:
    """Calls of one unit, so many on each day, each in a flush of its own."""
    wallet = Wallet(store, owner="test")
    for _ in range(days):
        for _ in range(calls):
            (await wallet.hold(Payer(), 1)).settle(1, call(at_ms=clock.now_ms()))
            await wallet.flush()
        clock.advance(DAY_MS)
    await wallet.close()


async def test_calls_are_forgotten_by_age_and_their_charges_stay(
    store: SqliteTaskStore, clock: ManualClock, database: Path, tmp_path: Path
) -> None:
    await use(store, clock, days=4)
    await upkeep(store, clock, tmp_path, usage_keep_days=2.5).round()
    assert len(await store.list_calls(limit=99)) == 20
    [flushes] = await store._read(
        lambda connection: connection.execute("SELECT count(*) FROM ledger WHERE kind = 'flush'").fetchall()
    )
    assert flushes == (21,)
    [user] = await store.list_users()
    assert (user.quota, user.used_quota) == (OPENING_UNITS - 40, 40)
    assert check(database) == []


async def test_calls_are_forgotten_by_number(
    store: SqliteTaskStore, clock: ManualClock, database: Path, tmp_path: Path
) -> None:
    await use(store, clock, days=2)
    await upkeep(store, clock, tmp_path, usage_keep_rows=5).round()
    assert len(await store.list_calls(limit=99)) == 5
    assert check(database) == []


async def test_responses_are_forgotten_when_their_time_is_over(
    store: SqliteTaskStore, clock: ManualClock, tmp_path: Path
) -> None:
    kept = KeptResponse(
        id="resp_1",
        user_id=1,
        status="completed",
        response=b"{}",
        input=b"[]",
        previous_id=None,
        is_background=False,
        created_at_ms=clock.now_ms(),
        expires_at_ms=clock.now_ms() + DAY_MS,
    )
    await store.keep_response(kept)
    clock.advance(DAY_MS)
    await upkeep(store, clock, tmp_path).round()
    clock.advance(-1)
    assert await store.find_response("resp_1", user_id=1) is None


async def test_client_secrets_are_forgotten_when_their_time_is_over(
    store: SqliteTaskStore, clock: ManualClock, tmp_path: Path
) -> None:
    secret = EphemeralSecret(
        secret_hash="ab" * 32, key_id=1, model=None, opening=None, is_beta=False, expires_at_ms=clock.now_ms()
    )
    await store.keep_secret(secret)
    await upkeep(store, clock, tmp_path).round()
    assert await store.find_secret(secret.secret_hash) is None
