"""Asks upstreams how far their work is.

Polling is rows, not workflows: due rows are taken in one statement, asked about in batches per channel, and only what
changed is written. A callback merely makes a row due at once, so a forged, repeated or early one does no harm. A
channel that hangs keeps nobody else from being asked. What was made is fetched by `keeper.py`.
"""

import asyncio
import random
from collections import defaultdict
from collections.abc import Coroutine, Iterator, Mapping, Sequence
from functools import partial
from typing import Any, Protocol

import structlog

from tutti.blobs.store import BlobStore
from tutti.errors import TuttiError, VendorError
from tutti.kit.clock import Clock
from tutti.tasks.keeper import Keeper
from tutti.tasks.loops import for_ever
from tutti.tasks.model import Task
from tutti.tasks.retry import poll_delay_s
from tutti.tasks.store import VendorStore, WorkStore
from tutti.tasks.vendor import Vendor, VendorAnswer

# So many rows are decoded at once at most: more would hold the loop for too long.
MOST_DUE = 200
BATCH = 100
# How long a row taken for polling stays out of others' sight; a poll that takes longer is asked again.
HOLD_MS = 60_000
# Batches in flight to one channel: one that hangs is not given more. Twice what ten thousand tasks need.
MOST_ASKED_AT_ONCE = 12
# Polls are due at multiples of this, so that the tasks of a channel are asked about, and written, together.
GRID_MS = 500
_COUNT_EVERY_MS = 2_000

_log = structlog.get_logger("tutti.poller")


class PollerStore(WorkStore, VendorStore, Protocol):
    """The ports that a poller uses."""


class Poller:
    """Moves waiting tasks on."""

    def __init__(
        self, store: PollerStore, vendors: Mapping[str, Vendor], blobs: BlobStore, *, clock: Clock, owner: str
    ) -> None:
        """Poll the lanes of `vendors`, keyed by lane, which may come and go, and keep results in `blobs`."""
        self._store = store
        self._vendors = vendors
        self._keeper = Keeper(store, blobs, owner=owner)
        self._clock = clock
        self._spread = random.Random()
        # Failed polls in a row of each channel: one that is down is asked less and less.
        self._failures: defaultdict[str, int] = defaultdict(int)
        self._asked: defaultdict[str, int] = defaultdict(int)
        self._waiting = 0
        self._counted_at_ms = -_COUNT_EVERY_MS
        self._background: set[asyncio.Task[None]] = set()

    async def run(self, *, tick_s: float = 0.1) -> None:
        """Poll until cancelled; what is being fetched then is fetched again by the next process."""
        try:
            await for_ever("polls", partial(self._tick, tick_s))
        finally:
            for task in self._background:
                task.cancel()
            await asyncio.gather(*self._background, return_exceptions=True)

    async def _tick(self, tick_s: float) -> None:
        if not self._vendors:
            await asyncio.sleep(max(tick_s, 1.0))
            return
        polls = await self._take_due()
        for poll in polls:
            task = asyncio.create_task(poll)
            self._background.add(task)
            task.add_done_callback(self._background.discard)
        if not polls:
            # Nobody is polled sooner than that who is accepted meanwhile.
            await asyncio.sleep(tick_s if self._waiting else 5 * tick_s)

    async def poll_due(self) -> int:
        """Ask about what is due and see its results stored; gives how many batches were asked about."""
        polls = await self._take_due()
        await asyncio.gather(*polls)
        return len(polls)

    async def _take_due(self) -> list[Coroutine[Any, Any, None]]:
        due = await self._store.due_polls(limit=MOST_DUE, hold_ms=HOLD_MS)
        await self._count_waiting()
        return [self._poll(lane, tasks) for lane, tasks in _batches(due)]

    async def _count_waiting(self) -> None:
        now_ms = self._clock.now_ms()
        if now_ms - self._counted_at_ms >= _COUNT_EVERY_MS:
            self._counted_at_ms = now_ms
            self._waiting = await self._store.count_waiting()

    async def _poll(self, lane: str, tasks: Sequence[Task]) -> None:
        """One batch; whatever breaks in it, the polls of other channels go on."""
        if self._asked[lane] >= MOST_ASKED_AT_ONCE:
            await self._put_off(tasks, {})
            return
        self._asked[lane] += 1
        try:
            answers = await self._ask(lane, tasks)
            self._failures[lane] = 0
        except Exception as error:  # noqa: BLE001 - a reply that its converter cannot read may be any error
            self._failures[lane] += 1
            unexpected = None if isinstance(error, TuttiError | OSError) else error
            _log.warning("poll_failed", lane=lane, tasks=len(tasks), exc_info=unexpected, reason=str(error))
            answers = {}
        finally:
            self._asked[lane] -= 1
        await self._take_in(lane, tasks, answers)

    async def _ask(self, lane: str, tasks: Sequence[Task]) -> dict[str, VendorAnswer]:
        vendor = self._vendors.get(lane)
        if vendor is None:
            raise VendorError(f"The channel of {lane} is not configured any more.")
        return {answer.vendor_ref: answer for answer in await vendor.poll(tasks)}

    async def _take_in(self, lane: str, tasks: Sequence[Task], answers: Mapping[str, VendorAnswer]) -> None:
        still = [task for task in tasks if not _is_over(answers.get(task.vendor_ref or ""))]
        await self._put_off(still, answers)
        vendor = self._vendors.get(lane)
        async with asyncio.TaskGroup() as group:
            for task in tasks:
                answer = answers.get(task.vendor_ref or "")
                if answer is not None and answer.failure is not None:
                    await self._store.fail_waiting(task.id, answer.failure)
                    _log.info("vendor_failed", reason=answer.failure.code, **task.log_fields())
                elif answer is not None and answer.result is not None and vendor is not None:
                    group.create_task(self._keeper.keep(vendor, task, answer))

    async def _put_off(self, tasks: Sequence[Task], answers: Mapping[str, VendorAnswer]) -> None:
        now_ms = self._clock.now_ms()
        polls = {}
        for task in tasks:
            waited_s = (now_ms - (task.started_at_ms or now_ms)) / 1000
            failures = self._failures[task.lane]
            delay_s = poll_delay_s(waited_s, waiting=self._waiting, failures=failures, spread=self._spread)
            answer = answers.get(task.vendor_ref or "")
            at_ms = (now_ms + int(delay_s * 1000)) // GRID_MS * GRID_MS
            polls[task.id] = (at_ms, answer.progress if answer else 0)
        if polls:
            await self._store.reschedule(polls)


def _batches(due: Sequence[Task]) -> Iterator[tuple[str, Sequence[Task]]]:
    by_lane: defaultdict[str, list[Task]] = defaultdict(list)
    for task in due:
        by_lane[task.lane].append(task)
    for lane, tasks in by_lane.items():
        for start in range(0, len(tasks), BATCH):
            yield lane, tasks[start : start + BATCH]


def _is_over(answer: VendorAnswer | None) -> bool:
    return answer is not None and (answer.result is not None or answer.failure is not None)
