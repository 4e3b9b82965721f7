"""Fetches what an upstream has made, stores it and settles: waiting -> storing -> succeeded.

Whatever fails on the way, the task goes back to waiting and is polled again, so that addresses which have run out are
asked for anew; only the deadline ends that.
"""

import asyncio
import random
import tempfile
from pathlib import Path
from typing import Any, Protocol

import msgspec
import structlog

from tutti.blobs.store import BlobStore
from tutti.errors import TuttiError
from tutti.kit import failpoint
from tutti.tasks.model import Task, TaskFailure
from tutti.tasks.retry import attempt_delay_s
from tutti.tasks.store import VendorStore, WorkStore
from tutti.tasks.storing import blob_key, named_files, with_files
from tutti.tasks.vendor import Vendor, VendorAnswer

STORE_LEASE_MS = 600_000
# Results that are fetched at once; each has several files of some megabytes.
MOST_AT_ONCE = 8

_log = structlog.get_logger("tutti.keeper")


class KeeperStore(WorkStore, VendorStore, Protocol):
    """The ports that a keeper uses."""


class Keeper:
    """Keeps results."""

    def __init__(self, store: KeeperStore, blobs: BlobStore, *, owner: str) -> None:
        """Store files in `blobs`; leases are held under the name `owner`."""
        self._store = store
        self._blobs = blobs
        self._owner = owner
        self._room = asyncio.Semaphore(MOST_AT_ONCE)
        self._spread = random.Random()

    async def keep(self, vendor: Vendor, task: Task, answer: VendorAnswer) -> None:
        """Fetch, store, settle; or back to waiting when it did not work out."""
        async with self._room:
            held = await self._store.begin_storing(task.id, owner=self._owner, lease_ms=STORE_LEASE_MS)
            if held is None:
                return
            try:
                output = await self._store_all(vendor, held, answer)
            except Exception as error:  # noqa: BLE001 - blob stores and converters fail in ways of their own
                await self._put_off(held, error)
                return
            failpoint.hit("vendor-stored")
            is_settled = output is not None and await self._store.complete(held.lease, output=output)
            _log.info("vendor_result_stored" if is_settled else "stale_result_dropped", **held.log_fields())

    async def _store_all(self, vendor: Vendor, task: Task, answer: VendorAnswer) -> bytes | None:
        """Parts published and the result as JSON, every file stored before; None when the lease is another's."""
        result, *parts = (msgspec.json.decode(one) for one in (answer.result or b"null", *answer.parts))
        stored = await self._store_files(vendor, task, [result, *parts])
        for index, part in enumerate(parts):
            content = msgspec.json.encode(with_files(part, stored))
            if not await self._store.publish_part(task.lease, index=index, result=content):
                return None
        return msgspec.json.encode(with_files(result, stored))

    async def _store_files(self, vendor: Vendor, task: Task, results: list[Any]) -> dict[str, str]:
        """Address at the upstream -> blob key."""
        stored = {}
        with tempfile.TemporaryDirectory(prefix="tutti-") as folder:
            for number, address in enumerate(named_files(results)):
                target = Path(folder) / f"{number}{Path(address.split('?')[0]).suffix[:8]}"
                await vendor.fetch(address, target)
                key = blob_key(task.id, task.attempt, target.name)
                await self._blobs.put(key, target)
                stored[address] = key
        return stored

    async def _put_off(self, held: Task, error: Exception) -> None:
        backoff_ms = int(attempt_delay_s(held.attempt, spread=self._spread) * 1000)
        failure = TaskFailure(code="result_not_stored", message=str(error))
        await self._store.fail(held.lease, failure, may_retry=True, backoff_ms=backoff_ms)
        unexpected = None if isinstance(error, TuttiError | OSError) else error
        _log.warning("result_not_stored", exc_info=unexpected, reason=str(error), **held.log_fields())
