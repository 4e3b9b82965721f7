"""The proof that books are right finds what was made wrong."""

import sqlite3
from pathlib import Path

import pytest

from tests.billing.calls import call
from tests.factories import new_task, seed_account
from tutti.billing.store import Flush, SliceAsk, SliceChange
from tutti.database.check import check
from tutti.kit.clock import SystemClock
from tutti.kit.ids import new_id
from tutti.tasks.sqlite import SqliteTaskStore
from tutti.tasks.states import TaskState

pytestmark = pytest.mark.anyio

FLUSHES = (new_id(1), new_id(2))
LATER_EVENT = """
    INSERT INTO outbox (id, task_id, seq, user_id, endpoint, body, is_terminal, next_at_ms, created_at_ms)
    VALUES ('x', 'done', 9, 1, 'e', 'b', 0, 1, 1)
"""
LOSE_A_FLUSH = """
    DELETE FROM ledger WHERE kind = 'flush' AND ref = (SELECT max(ref) FROM ledger WHERE kind = 'flush')
"""


@pytest.fixture
async def books(database: Path) -> Path:
    """A database with one task done and one queued, both with a hook, a slice that is out, and two flushes of it."""
    store = await SqliteTaskStore.connect(database, clock=SystemClock(), render_event=lambda _task, _parts: b"{}")
    await seed_account(store, key_quota=10_000)
    await store.submit(new_task(id="done", notify_hook="https://receiver.example"))
    [task] = await store.claim("engine:song", owner="w", limit=1, lease_ms=60_000, state=TaskState.RUNNING)
    await store.complete(task.lease, output=b"{}", cost=100)
    await store.submit(new_task(id="live", notify_hook="https://receiver.example"))
    await store.draw(SliceAsk("slice", "w", 1, 1, 20))
    for flush_id in FLUSHES:
        await store.flush(Flush(flush_id, [SliceChange("slice", 1, 1, spent=30)], [call(units=10), call(units=20)]))
    await store.close()
    return database


async def test_sound_books_have_no_findings(books: Path) -> None:
    assert check(books) == []


@pytest.mark.parametrize(
    ("damage", "rule"),
    [
        ("UPDATE users SET quota = quota + 1", "balance equals ledger"),
        ("UPDATE users SET used_quota = used_quota + 1", "user's use equals what was charged"),
        ("UPDATE keys SET quota = quota + 1", "key's quota equals grant less holds"),
        ("UPDATE keys SET used_quota = used_quota + 1", "key's use equals what was charged"),
        ("UPDATE wallet_leases SET units = units - 1", "balance equals ledger"),
        ("UPDATE wallet_leases SET units = units - 1", "key's quota equals grant less holds"),
        ("UPDATE usage_log SET units = 5 WHERE id = 4", "a flush equals its calls"),
        ("DELETE FROM usage_log WHERE id = 4", "a flush equals its calls"),
        (LOSE_A_FLUSH, "a flush equals its calls"),
        ("DELETE FROM ledger WHERE kind = 'hold' AND ref = 'live'", "every task has its hold"),
        ("UPDATE ledger SET amount = amount + 1 WHERE kind = 'hold' AND ref = 'done'", "every task has its hold"),
        ("DELETE FROM ledger WHERE kind = 'settle'", "every ended task is settled"),
        ("UPDATE tasks SET final_cost = 7 WHERE id = 'done'", "every ended task is settled"),
        ("INSERT INTO ledger VALUES ('settle', 'live', 1, 1, 0, 1)", "no live task is settled"),
        ("INSERT INTO ledger VALUES ('hold', 'gone', 1, 1, 0, 1)", "a hold without a task was settled"),
        ("INSERT INTO ledger VALUES ('settle', 'gone', 1, 1, 0, 1)", "a settlement has its hold"),
        ("UPDATE tasks SET state = 'running' WHERE id = 'live'", "state, end and lease agree"),
        ("DELETE FROM outbox WHERE is_terminal", "an ended task with a hook has one last event"),
        (LATER_EVENT, "no event follows the last"),
        ("DELETE FROM keys", "references hold"),
    ],
)  # fmt: skip
async def test_every_damage_is_found(books: Path, damage: str, rule: str) -> None:
    connection = sqlite3.connect(books)
    connection.executescript(damage)
    connection.close()
    assert rule in {finding.rule for finding in check(books)}
