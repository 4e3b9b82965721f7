"""What a server does for itself every hour: forget what is old, and files that are orphaned or half written."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Protocol

import structlog

from tutti.accounts.ephemeral import EphemeralStore
from tutti.accounts.response import ResponseStore
from tutti.billing.store import UsageStore
from tutti.blobs.local import LocalBlobStore
from tutti.blobs.retention import sweep, sweep_orphans
from tutti.kit.clock import Clock
from tutti.settings import Settings

EVERY_S = 3600.0
# For so long an attempt may be storing files that its task does not name yet, or an upload wait to be finished.
ORPHAN_AGE_S = 86_400.0
# Rows that one transaction forgets: the writer is not held for longer than a few calls would hold it.
_ROWS = 1000
_DAY_MS = 86_400_000

_log = structlog.get_logger("tutti.upkeep")


class Rows(UsageStore, ResponseStore, EphemeralStore, Protocol):
    """What is forgotten row by row."""


class Upkeep:
    """The hourly round."""

    def __init__(
        self,
        blobs: LocalBlobStore,
        rows: Rows,
        settings: Settings,
        *,
        clock: Clock,
        known_tasks: Callable[[set[str]], Awaitable[set[str]]],
    ) -> None:
        """Keep `blobs` and `rows` within the settings; `known_tasks` gives those of some task ids that exist."""
        self._blobs = blobs
        self._rows = rows
        self._settings = settings
        self._clock = clock
        self._known_tasks = known_tasks

    async def run(self) -> None:
        """Make the round until cancelled; one that fails is logged and the next one comes."""
        while True:
            try:
                await self.round()
            except Exception:  # noqa: BLE001 - a disk that fails now may work in an hour
                _log.exception("upkeep_failed")
            await asyncio.sleep(EVERY_S)

    async def round(self) -> None:
        """Sweep once."""
        await self._blobs.sweep_partial(older_than_s=ORPHAN_AGE_S)
        for prefix in ("results", "uploads"):
            await sweep_orphans(self._blobs, self._clock, self._known_tasks, prefix=prefix, min_age_s=ORPHAN_AGE_S)
        await sweep(
            self._blobs,
            self._clock,
            keep_days=self._settings.results_keep_days,
            keep_bytes=self._settings.results_keep_bytes,
        )
        await self._forget_calls()
        while await self._rows.prune_responses(limit=_ROWS) == _ROWS:
            pass
        while await self._rows.prune_secrets(limit=_ROWS) == _ROWS:
            pass

    async def _forget_calls(self) -> None:
        """Keep the log of calls short, and with it the rows of the ledger that each flush wrote."""
        before_ms = self._clock.now_ms() - round(self._settings.usage_keep_days * _DAY_MS)
        keep_rows = self._settings.usage_keep_rows
        while await self._rows.prune_calls(before_ms=before_ms, keep_rows=keep_rows, limit=_ROWS) == _ROWS:
            pass
        while await self._rows.fold_flushes(before_ms=self._clock.now_ms(), limit=_ROWS) == _ROWS:
            pass
