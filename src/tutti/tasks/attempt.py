"""One attempt at one task: from the claim to a settled end, or to giving the lease up.

Its stages: input files fetched -> run -> result files stored as blobs -> ONE fenced write that names them. The store
and the blobs may be away for a while; the attempt then holds its lease and tries again, since what an engine has
computed is worth more than the wait.
"""

import asyncio
import random
import shutil
from collections.abc import Awaitable, Callable
from contextlib import aclosing
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

import msgspec
import structlog

from tutti.blobs.growing import GrowingFiles
from tutti.blobs.store import BlobStore
from tutti.errors import EngineError, StoreError, TuttiError, UnavailableError
from tutti.kit import failpoint
from tutti.tasks.model import Pulse, Task, TaskFailure
from tutti.tasks.retry import attempt_delay_s
from tutti.tasks.runner import Done, Part, Progress, Runner
from tutti.tasks.store import WorkStore
from tutti.tasks.storing import blob_key, is_growing, named_files, named_keys, with_files

P = ParamSpec("P")
T = TypeVar("T")

_log = structlog.get_logger("tutti.worker")

_MOST_STORE_WAIT_S = 10.0
# 100 is for tasks that have succeeded.
_MOST_PERCENT = 99


class Stop(StrEnum):
    """Why an attempt is ended from outside."""

    CANCELLED = "cancelled"  # its user wants it no more
    LOST = "lost"  # the lease is another's by now, or the task has ended
    HANDED_BACK = "handed_back"  # this worker shuts down


class Attempt:
    """Carries out one claimed task."""

    def __init__(
        self,
        task: Task,
        runner: Runner,
        *,
        store: WorkStore,
        blobs: BlobStore,
        growing: GrowingFiles,
        scratch: Path,
    ) -> None:
        """Work in the folder `scratch`, which is made at the start and removed at the end."""
        self.task = task
        self._runner = runner
        self._store = store
        self._blobs = blobs
        self._growing = growing
        self._scratch = scratch
        self._percent = 0
        self._note = ""
        # File in scratch -> blob key, so that a part's files are not stored again with the whole.
        self._stored: dict[str, str] = {}
        # The keys of those that may be read while they are written.
        self._announced: set[str] = set()
        self._stop: Stop | None = None
        # A timeout that never runs out by itself: moving it to the past is how work is stopped from outside.
        self._scope = asyncio.timeout(None)
        self._is_working = False
        self._log = _log.bind(task_id=task.id, kind=task.kind, attempt=task.attempt)

    def pulse(self) -> Pulse:
        """The sign of life to send for it."""
        return Pulse(lease=self.task.lease, progress=self._percent, note=self._note)

    def stop(self, reason: Stop) -> None:
        """End it soon; `carry_out` returns when nothing of it runs any more."""
        if self._stop is None:
            self._stop = reason
            if self._is_working:
                self._scope.reschedule(0)

    async def carry_out(self) -> None:
        """Do it all; gives no result, for the store has it."""
        try:
            if self._stop is None:
                await self._work_until_stopped()
        finally:
            for key in self._announced:
                self._growing.finish(key)
            await asyncio.to_thread(shutil.rmtree, self._scratch, ignore_errors=True)
        if self._stop is Stop.CANCELLED:
            await self._store.finish_cancel(self.task.lease)
        if self._stop is not None:
            self._log.info("attempt_stopped", reason=self._stop.value)

    async def _work_until_stopped(self) -> None:
        try:
            async with self._scope:
                self._is_working = True
                try:
                    await self._work()
                finally:
                    self._is_working = False
        except TimeoutError:
            assert self._stop is not None

    async def _work(self) -> None:
        try:
            output = await self._result()
        except TuttiError as error:
            await self._fail(error)
        except Exception:  # noqa: BLE001 - a bug of ours or a runner's: the task has other attempts, someone must look
            self._log.exception("attempt_crashed")
            await self._fail(EngineError("The work failed unexpectedly; the server's log says more."))
        else:
            failpoint.hit("worker-stored")
            is_settled = await self._insist(partial(self._store.complete, self.task.lease, output=output))
            self._log.info("task_succeeded" if is_settled else "stale_result_dropped")

    async def _result(self) -> bytes:
        """Run to the end; gives the output with its files stored."""
        inputs = await self._fetch_inputs()
        run = self._runner.run(self.task, scratch=self._scratch / "work", inputs=inputs)
        async with aclosing(run) as events:
            async for event in events:
                match event:
                    case Progress(fraction=fraction, note=note):
                        self._percent = max(self._percent, min(int(fraction * 100), _MOST_PERCENT))
                        self._note = note
                    case Part(index=index, result=result):
                        await self._publish(index, result)
                    case Done(result=result):
                        return await self._store_files(result)
        raise EngineError("The work ended without a result.")

    async def _fetch_inputs(self) -> dict[str, Path]:
        """A local copy of every blob that the intent names, beside the empty folder to work in."""
        folder = self._scratch / "inputs"
        await asyncio.to_thread(_make_folders, self._scratch)
        inputs = {}
        for number, key in enumerate(named_keys(msgspec.json.decode(self.task.intent))):
            target = folder / f"{number}{Path(key).suffix}"
            content = await self._insist(partial(_reach, self._blobs.get, key))
            await asyncio.to_thread(target.write_bytes, content)
            inputs[key] = target
        return inputs

    async def _publish(self, index: int, result: Any) -> None:
        content = self._announce_files(result) if is_growing(result) else await self._store_files(result)
        failpoint.hit("worker-part-stored")
        publish = partial(self._store.publish_part, self.task.lease, index=index, result=content)
        if not await self._insist(publish):
            self.stop(Stop.LOST)

    async def _store_files(self, result: Any) -> bytes:
        """The result as JSON, every file that it names stored first."""
        root = (self._scratch / "work").resolve()
        for name in named_files(result):
            if name not in self._stored:
                key, path = self._place(root, name)
                await self._insist(partial(_reach, self._blobs.put, key, path))
                self._stored[name] = key
                self._growing.finish(key)
        return msgspec.json.encode(with_files(result, self._stored))

    def _announce_files(self, result: Any) -> bytes:
        """The result as JSON, its files readable from now on under the keys that they will have."""
        root = (self._scratch / "work").resolve()
        places = {name: self._place(root, name) for name in named_files(result)}
        for key, path in places.values():
            self._growing.begin(key, path)
            self._announced.add(key)
        return msgspec.json.encode(with_files(result, {name: key for name, (key, _) in places.items()}))

    def _place(self, root: Path, name: str) -> tuple[str, Path]:
        """The key of a file that a result names, and where it lies. Raises `EngineError`."""
        path = _file_within(root, Path(name))
        return blob_key(self.task.id, self.task.attempt, path.relative_to(root).as_posix()), path

    async def _insist(self, action: Callable[[], Awaitable[T]]) -> T:
        """Do it until it works or this attempt is stopped: by the deadline at the latest, when the task expires."""
        wait_s = 0.2
        while True:
            try:
                return await action()
            except (UnavailableError, StoreError) as error:
                self._log.warning("storage_away", reason=error.message)
            await asyncio.sleep(wait_s)
            wait_s = min(wait_s * 2, _MOST_STORE_WAIT_S)

    async def _fail(self, error: TuttiError) -> None:
        backoff_ms = int(attempt_delay_s(self.task.attempt, spread=random.Random()) * 1000)
        failure = TaskFailure(code=error.code, message=error.message)
        fail = partial(self._store.fail, self.task.lease, failure, may_retry=error.is_retryable, backoff_ms=backoff_ms)
        now = await self._insist(fail)
        self._log.warning("attempt_failed", reason=error.message, now=now)


async def _reach(verb: Callable[P, Awaitable[T]], *arguments: P.args, **named: P.kwargs) -> T:
    """A verb of the blobs, whose clients of foreign stores fail in ways of their own. Raises `UnavailableError`."""
    try:
        return await verb(*arguments, **named)
    except TuttiError:
        raise
    except Exception as error:
        raise UnavailableError(f"The result store does not answer: {error}") from error


def _make_folders(scratch: Path) -> None:
    shutil.rmtree(scratch, ignore_errors=True)
    (scratch / "inputs").mkdir(parents=True)
    (scratch / "work").mkdir()


def _file_within(root: Path, path: Path) -> Path:
    """The real path of a result file. Raises `EngineError` when it is no file in the attempt's own folder."""
    real = path.resolve()
    if not real.is_relative_to(root) or not real.is_file():
        raise EngineError(f"The result names {path.name!r}, which is no file in the job's folder.")
    return real
