"""What a server does for itself every hour: throw away old results, files that no task knows, and half-written ones."""

import asyncio
from collections.abc import Awaitable, Callable

import structlog

from tutti.blobs.local import LocalBlobStore
from tutti.blobs.retention import sweep, sweep_orphans
from tutti.kit.clock import Clock
from tutti.settings import Settings

EVERY_S = 3600.0
# For so long an attempt may be storing files that its task does not name yet, or an upload wait to be finished.
ORPHAN_AGE_S = 86_400.0

_log = structlog.get_logger("tutti.upkeep")


class Upkeep:
    """The hourly round."""

    def __init__(
        self,
        blobs: LocalBlobStore,
        settings: Settings,
        *,
        clock: Clock,
        known_tasks: Callable[[set[str]], Awaitable[set[str]]],
    ) -> None:
        """Keep `blobs` within the settings; `known_tasks` gives those of some task ids that exist."""
        self._blobs = blobs
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
