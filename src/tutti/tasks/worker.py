"""Takes queued tasks to their runners: claims as room frees up, keeps the leases alive, heeds cancels, drains.

Everything that must hold after a crash is in the store: a worker that dies loses nothing but the time of its attempts.
So its loops outlive any failure of the store; they log it and look again.
"""

import asyncio
import shutil
from collections import Counter
from collections.abc import AsyncIterator, Coroutine, Mapping
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Protocol

import structlog

from tutti.blobs.growing import GrowingFiles
from tutti.blobs.store import BlobStore
from tutti.kit import failpoint
from tutti.tasks.attempt import Attempt, Stop
from tutti.tasks.loops import for_ever
from tutti.tasks.model import Task
from tutti.tasks.runner import Runner
from tutti.tasks.states import TaskState
from tutti.tasks.store import Changes, WorkStore

_log = structlog.get_logger("tutti.worker")

# A lease survives two lost heartbeats.
_BEATS_PER_LEASE = 3


class WorkerStore(WorkStore, Changes, Protocol):
    """The ports that a worker uses."""


class Worker:
    """Works on the lanes of its runners between `run` and `drain`."""

    def __init__(
        self,
        store: WorkerStore,
        blobs: BlobStore,
        runners: Mapping[str, Runner],
        *,
        owner: str,
        scratch: Path,
        lease_s: float,
        look_s: float = 1.5,
        reap_s: float = 2.0,
        growing: GrowingFiles | None = None,
    ) -> None:
        """Serve the lanes of `runners`; `owner` names this incarnation, `scratch` is a folder that no one else uses.

        Lanes are looked at every `look_s` seconds too, since wake-ups may be lost and backoffs run out silently; lost
        leases and deadlines every `reap_s`. Result files that are still being written can be read out of `growing`.
        """
        self._store = store
        self._blobs = blobs
        self._runners = {lane: runner for lane, runner in runners.items() if runner.capacity > 0}
        self._owner = owner
        self._scratch = scratch
        self._lease_ms = int(lease_s * 1000)
        self._look_s = look_s
        self._reap_s = reap_s
        self._growing = growing or GrowingFiles()
        # The newest attempt at each task; an older one that has not noticed yet lives on in `_jobs` only.
        self._attempts: dict[str, Attempt] = {}
        self._jobs: set[asyncio.Task[None]] = set()
        self._busy: Counter[str] = Counter()
        self._freed = {lane: asyncio.Event() for lane in self._runners}
        self._is_draining = asyncio.Event()
        self._is_grace_over = asyncio.Event()

    @property
    def is_draining(self) -> bool:
        """Whether no more tasks are claimed."""
        return self._is_draining.is_set()

    @property
    def running(self) -> int:
        """Tasks being worked on."""
        return len(self._attempts)

    def busy(self) -> dict[str, int]:
        """Tasks being worked on in each lane."""
        return {lane: self._busy[lane] for lane in self._runners}

    async def run(self) -> None:
        """Work until `drain` is called, then end as it says; cancelled, hand everything back at once."""
        await asyncio.to_thread(shutil.rmtree, self._scratch, ignore_errors=True)
        try:
            async with _beside(for_ever("beat", self._beat), for_ever("reap", self._reap)):
                async with _beside(*(for_ever(lane, partial(self._fill, lane)) for lane in self._runners)):
                    await self._is_draining.wait()
                await self._finish_jobs()
        finally:
            await self._hand_back()

    def drain(self, *, grace_s: float) -> None:
        """Claim no more, give what runs `grace_s` seconds to finish, hand the rest back; `run` then returns.

        Asked twice, the shorter grace holds.
        """
        self._is_draining.set()
        asyncio.get_running_loop().call_later(grace_s, self._is_grace_over.set)

    async def _finish_jobs(self) -> None:
        """Wait for the jobs or the end of their grace, whichever comes first."""
        if not self._jobs:
            return
        waits = {asyncio.create_task(asyncio.wait(self._jobs)), asyncio.create_task(self._is_grace_over.wait())}
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()

    async def _fill(self, lane: str) -> None:
        """Claim as many tasks as there is room for; wait where there is no room or no task."""
        room = self._runners[lane].capacity - self._busy[lane]
        if room == 0:
            self._freed[lane].clear()
            await self._freed[lane].wait()
            return
        tasks = await self._store.claim(
            lane, owner=self._owner, limit=room, lease_ms=self._lease_ms, state=TaskState.RUNNING
        )
        for task in tasks:
            failpoint.hit("worker-claimed")
            self._begin(task)
        if not tasks:
            await self._store.wait_for_work([lane], timeout_s=self._look_s)

    def _begin(self, task: Task) -> None:
        attempt = Attempt(
            task,
            self._runners[task.lane],
            store=self._store,
            blobs=self._blobs,
            growing=self._growing,
            scratch=self._scratch / f"{task.id}-{task.attempt}",
        )
        former = self._attempts.get(task.id)
        if former is not None:
            former.stop(Stop.LOST)
        self._attempts[task.id] = attempt
        self._busy[task.lane] += 1
        job = asyncio.create_task(self._carry_out(attempt))
        self._jobs.add(job)
        job.add_done_callback(self._jobs.discard)

    async def _carry_out(self, attempt: Attempt) -> None:
        task = attempt.task
        try:
            await attempt.carry_out()
        except Exception:  # noqa: BLE001 - its lease runs out and it is taken up again; we have others to serve
            _log.exception("attempt_abandoned", **task.log_fields())
        finally:
            if self._attempts.get(task.id) is attempt:
                del self._attempts[task.id]
            self._busy[task.lane] -= 1
            self._freed[task.lane].set()

    async def _beat(self) -> None:
        """One heartbeat for all attempts; stop those whose lease is gone or whose user has cancelled."""
        await asyncio.sleep(self._lease_ms / 1000 / _BEATS_PER_LEASE)
        attempts = dict(self._attempts)
        if not attempts:
            return
        pulses = [attempt.pulse() for attempt in attempts.values()]
        verdicts = await self._store.heartbeat(pulses, lease_ms=self._lease_ms)
        for task_id in verdicts.lost:
            attempts[task_id].stop(Stop.LOST)
        for task_id in verdicts.cancelled:
            attempts[task_id].stop(Stop.CANCELLED)

    async def _reap(self) -> None:
        await asyncio.sleep(self._reap_s)
        await self._store.reap()

    async def _hand_back(self) -> None:
        """Stop what still runs and give its leases up; the attempts do not count."""
        for attempt in self._attempts.values():
            attempt.stop(Stop.HANDED_BACK)
        if self._jobs:
            await asyncio.wait(self._jobs)
        count = await self._store.release(self._owner)
        _log.info("worker_stopped", handed_back=count)


@asynccontextmanager
async def _beside(*loops: Coroutine[None, None, None]) -> AsyncIterator[None]:
    """Run loops beside the block and end them with it."""
    tasks = [asyncio.create_task(loop) for loop in loops]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
