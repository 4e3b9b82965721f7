"""Asks upstreams for work, so that none is asked for twice and none is lost.

The one hole no database closes is a crash between the upstream's yes and our note of it. So the key we ask with is
durable before the call; when the answer is unknown, the upstream is asked about that key, and only when it cannot say,
the channel's policy decides. Work that an upstream clearly did not take goes to another channel, or is offered again
until its deadline.
"""

import asyncio
import random
from collections.abc import Mapping
from functools import partial
from typing import Protocol

import structlog

from tutti.errors import VendorBusyError, VendorError, VendorRefusedError, VendorReplyLostError
from tutti.kit import failpoint
from tutti.kit.clock import Clock
from tutti.tasks.loops import for_ever
from tutti.tasks.model import Task, TaskFailure
from tutti.tasks.retry import attempt_delay_s, hand_on_delay_s, poll_delay_s
from tutti.tasks.states import TaskState
from tutti.tasks.store import Changes, VendorStore, WorkStore
from tutti.tasks.vendor import Elsewhere, LostReplyPolicy, Vendor

LEASE_MS = 120_000
MOST_AT_ONCE = 32

_log = structlog.get_logger("tutti.submitter")


class _StaleError(Exception):
    """The lease is another's by now: whoever holds it asks the upstream."""


class SubmitterStore(WorkStore, VendorStore, Changes, Protocol):
    """The ports that a submitter uses."""


class Submitter:
    """Takes queued tasks of the channels to their upstreams."""

    def __init__(
        self,
        store: SubmitterStore,
        vendors: Mapping[str, Vendor],
        *,
        clock: Clock,
        owner: str,
        elsewhere: Elsewhere = lambda _task: None,
    ) -> None:
        """Serve the lanes of `vendors`, keyed by lane; they may come and go. `elsewhere` finds work another channel."""
        self._store = store
        self._elsewhere = elsewhere
        self._vendors = vendors
        self._clock = clock
        self._owner = owner
        self._spread = random.Random()

    async def run(self, *, tick_s: float = 1.0) -> None:
        """Submit until cancelled."""
        await for_ever("submits", partial(self._tick, tick_s))

    async def _tick(self, tick_s: float) -> None:
        if not await self.submit_due():
            await self._store.wait_for_work(self._vendors, timeout_s=tick_s)

    async def submit_due(self) -> int:
        """Claim what is queued and ask for it; gives how many tasks were handled."""
        count = 0
        for lane, vendor in list(self._vendors.items()):
            tasks = await self._store.claim(
                lane, owner=self._owner, limit=MOST_AT_ONCE, lease_ms=LEASE_MS, state=TaskState.SUBMITTING
            )
            async with asyncio.TaskGroup() as group:
                for task in tasks:
                    group.create_task(self._take(vendor, task))
            count += len(tasks)
        return count

    async def _take(self, vendor: Vendor, task: Task) -> None:
        """One task, so that none that breaks keeps the others of its batch from their upstream."""
        try:
            await self._ask(vendor, task)
        except Exception:  # noqa: BLE001 - its lease runs out and it is taken up again; someone must look
            _log.exception("vendor_submit_crashed", **task.log_fields())

    async def _ask(self, vendor: Vendor, task: Task) -> None:
        """From claimed to waiting, queued again, or failed."""
        try:
            vendor_ref = await self._vendor_ref(vendor, task)
        except _StaleError:
            _log.info("stale_submission_dropped", **task.log_fields())
        except VendorBusyError as error:
            await self._hand_on(task, error)
        except VendorRefusedError as error:
            await self._fail(task, error, may_retry=False)
        except VendorReplyLostError as error:
            # The key is noted, so the next attempt looks the work up first; policy decides there.
            is_final = vendor.lost_reply is LostReplyPolicy.FAIL_AND_REFUND
            await self._fail(task, error, may_retry=not is_final)
        except VendorError as error:
            await self._fail(task, error, may_retry=error.is_retryable)
        else:
            failpoint.hit("vendor-accepted")
            delay_s = poll_delay_s(0.0, waiting=0, failures=0, spread=self._spread)
            next_poll_at_ms = self._clock.now_ms() + int(delay_s * 1000)
            is_ours = await self._store.accept(task.lease, vendor_ref=vendor_ref, next_poll_at_ms=next_poll_at_ms)
            failpoint.hit("vendor-saved")
            event = "vendor_accepted" if is_ours else "stale_acceptance_dropped"
            _log.info(event, vendor_ref=vendor_ref, **task.log_fields())

    async def _vendor_ref(self, vendor: Vendor, task: Task) -> str:
        """The upstream's id for this task, asked for at most once as far as anyone can tell."""
        # The task's own id: the same in every attempt, so that a key outlives any crash.
        key = task.vendor_idempotency_key or task.id
        if task.vendor_idempotency_key is not None:
            known = await vendor.look_up(key)
            if known is not None:
                return known
            if vendor.lost_reply is LostReplyPolicy.FAIL_AND_REFUND:
                raise VendorReplyLostError
        if not await self._store.note_submission(task.lease, vendor_idempotency_key=key):
            raise _StaleError
        failpoint.hit("vendor-before-call")
        try:
            return await vendor.submit(task, idempotency_key=key)
        except VendorReplyLostError:
            found = await vendor.look_up(key)
            if found is None:
                raise
            return found

    async def _hand_on(self, task: Task, error: VendorError) -> None:
        """A clear no: the work starts afresh, at another channel's at once, here after a while."""
        lane = self._elsewhere(task)
        waited_s = (self._clock.now_ms() - task.created_at_ms) / 1000
        delay_s = 0.0 if lane else hand_on_delay_s(waited_s, spread=self._spread)
        await self._store.hand_on(task.lease, lane=lane or task.lane, backoff_ms=int(delay_s * 1000))
        _log.warning("vendor_submit_put_off", reason=error.message, to=lane or task.lane, **task.log_fields())

    async def _fail(self, task: Task, error: VendorError, *, may_retry: bool) -> None:
        backoff_ms = int(attempt_delay_s(task.attempt, spread=self._spread) * 1000)
        failure = TaskFailure(code=error.code, message=error.message)
        state = await self._store.fail(task.lease, failure, may_retry=may_retry, backoff_ms=backoff_ms)
        _log.warning("vendor_submit_failed", reason=error.message, now=state, **task.log_fields())
