"""All ports in one object, as callers hold it."""

from collections.abc import Iterable
from pathlib import Path
from typing import Self

import structlog

from tutti.database.driver import Connection, sqlite
from tutti.database.schema import ensure_schema
from tutti.kit.clock import Clock
from tutti.tasks.render import Renderer
from tutti.tasks.sqlite.accounts import SqliteAccounts
from tutti.tasks.sqlite.census import SqliteCensus
from tutti.tasks.sqlite.channels import SqliteChannels
from tutti.tasks.sqlite.ephemeral import SqliteEphemeral
from tutti.tasks.sqlite.outbox import SqliteOutbox
from tutti.tasks.sqlite.personas import SqlitePersonas
from tutti.tasks.sqlite.prices import SqlitePrices
from tutti.tasks.sqlite.reaping import SqliteReaping
from tutti.tasks.sqlite.records import SqliteRecords
from tutti.tasks.sqlite.responses import SqliteResponses
from tutti.tasks.sqlite.submitting import SqliteSubmitting
from tutti.tasks.sqlite.usage import SqliteUsage
from tutti.tasks.sqlite.vendors import SqliteVendors
from tutti.tasks.sqlite.wallet import SqliteWallet
from tutti.tasks.sqlite.working import SqliteWorking

_log = structlog.get_logger("tutti.store")

_HAS_CHANGED = "SELECT 1 FROM tasks WHERE id = ? AND version > ?"
_HAS_WORK = "SELECT 1 FROM tasks WHERE state = 'queued' AND lane = ? AND run_at_ms <= ? LIMIT 1"


class SqliteTaskStore(
    SqliteSubmitting,
    SqliteWorking,
    SqliteReaping,
    SqliteVendors,
    SqliteOutbox,
    SqliteRecords,
    SqliteAccounts,
    SqlitePersonas,
    SqliteResponses,
    SqliteEphemeral,
    SqliteChannels,
    SqliteWallet,
    SqliteUsage,
    SqlitePrices,
    SqliteCensus,
):
    """Fulfils all ports of `tutti.tasks.store`, and the stores of what is beside tasks.

    Belongs to the event loop it was opened in. Who opens it holds the `DirectoryLock` of the file's directory.
    """

    @classmethod
    async def connect(cls, path: Path, *, clock: Clock, render_event: Renderer) -> Self:
        """Open the database, made or upgraded if need be. Raises `StoreError`; `close` it in the end.

        `render_event` tells a task in its family's wire; it is called inside transactions, so it is pure and quick.
        """
        ensure_schema(path)
        store = cls(path, clock=clock, render_event=render_event)
        await store.open()
        _log.info("database_opened", path=str(path), sqlite=sqlite.sqlite_version)
        return store

    async def wait_for_task(self, task_id: str, *, seen_version: int, timeout_s: float) -> None:
        """Return when the task has changed past `seen_version`, or at the timeout."""

        async def look() -> bool:
            return await self._read(lambda connection: _is_there(connection, _HAS_CHANGED, task_id, seen_version))

        await self._bus.wait_for_task(task_id, seen_version=seen_version, timeout_s=timeout_s, look=look)

    async def wait_for_work(self, lanes: Iterable[str], *, timeout_s: float) -> None:
        """Return when something is queued in one of the lanes, or at the timeout."""
        names = tuple(lanes)
        now_ms = self._clock.now_ms()

        async def look() -> bool:
            return await self._read(
                lambda connection: any(_is_there(connection, _HAS_WORK, lane, now_ms) for lane in names)
            )

        await self._bus.wait_for_work(names, timeout_s=timeout_s, look=look)


def _is_there(connection: Connection, query: str, *values: object) -> bool:
    return connection.execute(query, values).fetchone() is not None
