"""Asks upstreams how far their work is and fetches what they made.

Polling is rows, not workflows: due rows are taken in one statement, asked about in batches per channel, and only what
changed is written. A callback merely makes a row due at once, so a forged, repeated or early one does no harm.
"""

import asyncio
import random
import tempfile
from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Protocol

import msgspec
import structlog

from tutti.blobs.store import BlobStore
from tutti.errors import TuttiError, VendorError
from tutti.kit import failpoint
from tutti.kit.clock import Clock
from tutti.tasks.loops import for_ever
from tutti.tasks.model import Task, TaskFailure
from tutti.tasks.retry import attempt_delay_s, poll_delay_s
from tutti.tasks.store import VendorStore, WorkStore
from tutti.tasks.storing import blob_key, named_files, with_files
from tutti.tasks.vendor import Vendor, VendorAnswer

MOST_DUE = 500
BATCH = 50
# How long a row taken for polling stays out of others' sight; a poll that takes longer is asked again.
HOLD_MS = 60_000
STORE_LEASE_MS = 600_000

_log = structlog.get_logger("tutti.poller")


class PollerStore(WorkStore, VendorStore, Protocol):
    """The ports that a poller uses."""


class Poller:
    """Moves waiting tasks on."""

    def __init__(
        self, store: PollerStore, vendors: Mapping[str, Vendor], blobs: BlobStore, *, clock: Clock, owner: str
    ) -> None:
        """Poll the lanes of `vendors`, keyed by lane, and keep results in `blobs`."""
        self._store = store
        self._vendors = vendors
        self._blobs = blobs
        self._clock = clock
        self._owner = owner
        self._spread = random.Random()
        # Failed polls in a row of each channel: one that is down is asked less and less.
        self._failures: defaultdict[str, int] = defaultdict(int)

    async def run(self, *, tick_s: float = 0.1) -> None:
        """Poll until cancelled."""
        await for_ever("polls", partial(self._tick, tick_s))

    async def _tick(self, tick_s: float) -> None:
        if not await self.poll_due():
            await asyncio.sleep(tick_s)

    async def poll_due(self) -> int:
        """Ask about what is due; gives how many tasks were asked about."""
        due = await self._store.due_polls(limit=MOST_DUE, hold_ms=HOLD_MS)
        by_lane: defaultdict[str, list[Task]] = defaultdict(list)
        for task in due:
            by_lane[task.lane].append(task)
        async with asyncio.TaskGroup() as group:
            for lane, tasks in by_lane.items():
                for start in range(0, len(tasks), BATCH):
                    group.create_task(self._poll(lane, tasks[start : start + BATCH]))
        return len(due)

    async def _poll(self, lane: str, tasks: Sequence[Task]) -> None:
        """One batch; whatever breaks in it, the polls of other channels go on."""
        vendor = self._vendors.get(lane)
        try:
            if vendor is None:
                raise VendorError(f"The channel of {lane} is not configured any more.")  # noqa: TRY301 - one place copes
            answers = {answer.vendor_ref: answer for answer in await vendor.poll([t.vendor_ref or "" for t in tasks])}
        except Exception as error:  # noqa: BLE001 - a reply that its converter cannot read may be any error
            self._failures[lane] += 1
            _log.warning("poll_failed", lane=lane, tasks=len(tasks), exc_info=_unexpected(error), reason=str(error))
            await self._put_off(tasks, {})
            return
        self._failures[lane] = 0
        still = [task for task in tasks if not _is_over(answers.get(task.vendor_ref or ""))]
        await self._put_off(still, answers)
        for task in tasks:
            answer = answers.get(task.vendor_ref or "")
            if answer is not None and answer.failure is not None:
                await self._store.fail_waiting(task.id, answer.failure)
                _log.info("vendor_failed", reason=answer.failure.code, **task.log_fields())
            elif answer is not None and answer.result is not None:
                await self._keep(vendor, task, answer.result)

    async def _put_off(self, tasks: Sequence[Task], answers: Mapping[str, VendorAnswer]) -> None:
        now_ms = self._clock.now_ms()
        polls = {}
        for task in tasks:
            waited_s = (now_ms - (task.started_at_ms or now_ms)) / 1000
            delay_s = poll_delay_s(waited_s, failures=self._failures[task.lane], spread=self._spread)
            answer = answers.get(task.vendor_ref or "")
            polls[task.id] = (now_ms + int(delay_s * 1000), answer.progress if answer else 0)
        await self._store.reschedule(polls)

    async def _keep(self, vendor: Vendor, task: Task, result: bytes) -> None:
        """Fetch, store, settle: waiting -> storing -> succeeded, or back to waiting when it did not work out."""
        held = await self._store.begin_storing(task.id, owner=self._owner, lease_ms=STORE_LEASE_MS)
        if held is None:
            return
        try:
            output = await self._store_files(vendor, held, msgspec.json.decode(result))
        except Exception as error:  # noqa: BLE001 - blob stores and converters fail in ways of their own
            backoff_ms = int(attempt_delay_s(held.attempt, spread=self._spread) * 1000)
            failure = TaskFailure(code="result_not_stored", message=str(error))
            await self._store.fail(held.lease, failure, may_retry=True, backoff_ms=backoff_ms)
            _log.warning("result_not_stored", exc_info=_unexpected(error), reason=str(error), **held.log_fields())
            return
        failpoint.hit("vendor-stored")
        is_settled = await self._store.complete(held.lease, output=msgspec.json.encode(output))
        _log.info("vendor_result_stored" if is_settled else "stale_result_dropped", **held.log_fields())

    async def _store_files(self, vendor: Vendor, task: Task, result: object) -> object:
        stored = {}
        with tempfile.TemporaryDirectory(prefix="tutti-") as folder:
            for number, address in enumerate(named_files(result)):
                target = Path(folder) / f"{number}{Path(address.split('?')[0]).suffix[:8]}"
                await vendor.fetch(address, target)
                key = blob_key(task.id, task.attempt, target.name)
                await self._blobs.put(key, target)
                stored[address] = key
        return with_files(result, stored)


def _unexpected(error: Exception) -> Exception | None:
    """The error to log with its traceback, unless it is of a kind that happens."""
    return None if isinstance(error, TuttiError | OSError) else error


def _is_over(answer: VendorAnswer | None) -> bool:
    return answer is not None and (answer.result is not None or answer.failure is not None)
