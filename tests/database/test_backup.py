"""Saving the database while it is written, and putting it back."""

import asyncio
from pathlib import Path

import pytest

from tests.factories import new_task, seed_account
from tutti.database.backup import backup, restore
from tutti.database.check import check
from tutti.errors import ConflictError, StoreError
from tutti.kit.clock import SystemClock
from tutti.tasks.sqlite import SqliteTaskStore

pytestmark = pytest.mark.anyio


async def _open(database: Path) -> SqliteTaskStore:
    return await SqliteTaskStore.connect(database, clock=SystemClock(), render_event=lambda _task, _parts: b"{}")


async def test_a_backup_under_load_is_one_exact_moment(database: Path, tmp_path: Path) -> None:
    store = await _open(database)
    await seed_account(store)
    submits = [asyncio.ensure_future(store.submit(new_task())) for _ in range(300)]
    await submits[0]
    await asyncio.to_thread(backup, database, tmp_path / "saved")
    await asyncio.gather(*submits)
    await store.close()
    assert check(tmp_path / "saved") == []


async def test_a_restored_database_is_as_it_was_saved(database: Path, tmp_path: Path) -> None:
    store = await _open(database)
    await seed_account(store)
    backup(database, tmp_path / "saved")
    await store.submit(new_task())
    await store.close()
    aside = restore(tmp_path / "saved", database)
    store = await _open(database)
    assert await store.list_tasks(user_id=1, limit=9) == []
    await store.close()
    assert check(database) == []
    assert aside is not None
    store = await _open(aside)
    assert len(await store.list_tasks(user_id=1, limit=9)) == 1
    await store.close()


async def test_a_backup_replaces_nothing(database: Path, tmp_path: Path) -> None:
    backup(database, tmp_path / "saved")
    with pytest.raises(ConflictError):
        backup(database, tmp_path / "saved")


@pytest.mark.parametrize("content", [b"", b"not a database at all" * 100])
async def test_what_is_no_database_is_not_restored(database: Path, tmp_path: Path, content: bytes) -> None:
    saved = tmp_path / "saved"
    saved.write_bytes(content)
    with pytest.raises(StoreError, match="not a Tutti database"):
        restore(saved, database)
    assert check(database) == []
