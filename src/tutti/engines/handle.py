"""One engine child as its host sees it: spawned, spoken with, killed; what it prints is logged."""

import asyncio
import contextlib
import os
import signal
import socket
import sys
from collections.abc import Mapping
from typing import Self

import structlog

from tutti.engines.engine import Job
from tutti.engines.machine import peak_rss_bytes
from tutti.engines.pipe import (
    CancelJob,
    Cancelled,
    Done,
    Failed,
    FromChild,
    Load,
    Ready,
    RunJob,
    ToChild,
    frame,
    read_from_child,
)
from tutti.engines.registry import EngineRow
from tutti.errors import EngineError

_log = structlog.get_logger("tutti.engines")

# Importing an engine's libraries from a cold disk takes seconds; a minute is a broken one.
START_S = 60.0
# How long a child whose pipe was closed may take to be gone before it is killed.
_LEAVE_S = 2.0
_LONGEST_LINE_BYTES = 4096
# The variables by which numerical libraries are told how many threads to start.
_THREAD_VARIABLES = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS")


class ChildHandle:
    """A running child of one engine; it does one job at a time. Make one with `spawn`."""

    def __init__(
        self,
        row: EngineRow,
        process: asyncio.subprocess.Process,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
    ) -> None:
        self._row = row
        self._process = process
        self._reader = reader
        self._writer = writer
        self._is_broken = False
        self._number = 0
        self._log = _log.bind(engine=row.name, pid=process.pid)
        # The task of the job it is at or was at last, for the log.
        self._task_id: str | None = None
        self.is_at_work = False
        self._printed = asyncio.create_task(self._log_output())

    @classmethod
    async def spawn(cls, row: EngineRow, *, start_s: float = START_S) -> Self:
        """A child whose engine is loaded. Raises `EngineError` when it does not come up."""
        process, pipe_end = await _start(row)
        reader, writer = await asyncio.open_unix_connection(sock=pipe_end)
        child = cls(row, process, reader, writer)
        try:
            await child.send(Load(factory=row.factory, options=row.options))
            message = await child.receive(silence_s=start_s)
        except BaseException:
            child.kill()
            await child.leave()
            raise
        assert isinstance(message, Ready)
        child._log.info("engine_started")
        return child

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    @property
    def is_usable(self) -> bool:
        """Whether it can take a job."""
        return not self._is_broken and self._process.returncode is None and not self._reader.at_eof()

    def peak_rss_bytes(self) -> int | None:
        """The most resident memory it ever had; None where the system does not tell."""
        return peak_rss_bytes(self.pid)

    async def begin(self, job: Job) -> None:
        """Give it a job; its messages follow from `receive` up to done, failed or cancelled."""
        self._number += 1
        self._task_id = job.task_id
        self.is_at_work = True
        await self.send(
            RunJob(
                number=self._number,
                task_id=job.task_id,
                attempt=job.attempt,
                intent=job.intent,
                scratch=str(job.scratch),
                inputs={key: str(path) for key, path in job.inputs.items()},
            )
        )

    async def send(self, message: ToChild) -> None:
        """Tell it something. Raises `EngineError` when it is gone or does not listen."""
        try:
            async with asyncio.timeout(self._row.silence_s):
                self._writer.write(frame(message))
                await self._writer.drain()
        except TimeoutError as error:
            raise await self._silence(self._row.silence_s) from error
        except ConnectionError as error:
            raise await self._death() from error

    async def receive(self, *, silence_s: float) -> FromChild:
        """Its next message. Kills it and raises `EngineError` when it dies, is silent for too long or talks rubbish."""
        try:
            async with asyncio.timeout(silence_s):
                message = await read_from_child(self._reader)
        except TimeoutError as error:
            raise await self._silence(silence_s) from error
        except ValueError as error:
            await self._put_down()
            raise EngineError(f"The {self._row.name} engine said something that is no message.") from error
        if message is None:
            raise await self._death()
        if isinstance(message, Done | Failed | Cancelled):
            self.is_at_work = False
        return message

    async def cancel_job(self, *, grace_s: float) -> None:
        """Stop the job it is at: by asking, and by killing it when it does not heed within the grace.

        When this returns the job writes nothing any more.
        """
        try:
            async with asyncio.timeout(grace_s):
                await self.send(CancelJob(number=self._number))
                while self.is_at_work:
                    await self.receive(silence_s=grace_s)
        except (TimeoutError, EngineError):
            await self._put_down()
        except BaseException:
            self.kill()
            raise

    def kill(self) -> None:
        """End it at once, whatever it is at."""
        self._is_broken = True
        self.is_at_work = False
        self._writer.close()
        if self._process.returncode is not None:
            return
        with contextlib.suppress(ProcessLookupError):
            # The whole group, which is its own since it leads a session: with the programs it has started.
            os.killpg(self.pid, signal.SIGKILL)

    async def _put_down(self) -> None:
        """Kill it and wait until it is gone."""
        self.kill()
        await self._process.wait()

    async def leave(self) -> None:
        """Close the pipe and wait until it is gone."""
        self._writer.close()
        try:
            await asyncio.wait_for(self._process.wait(), _LEAVE_S)
        except TimeoutError:
            await self._put_down()
        await self._printed

    async def _silence(self, silence_s: float) -> EngineError:
        """Kill it for being silent; gives what is to be said of it."""
        await self._put_down()
        self._log.warning("engine_killed", silent_s=silence_s, task_id=self._task_id)
        return EngineError(f"The {self._row.name} engine gave no sign of life for {silence_s:g} s.")

    async def _death(self) -> EngineError:
        """What is to be said of a child that is gone, or about to be since its pipe is."""
        self.kill()
        code = await self._process.wait()
        end = f"by {signal.Signals(-code).name}" if code < 0 else f"with exit code {code}"
        self._log.warning("engine_died", end=end, task_id=self._task_id)
        return EngineError(f"The {self._row.name} engine's process ended {end}.")

    async def _log_output(self) -> None:
        """Log what it prints line by line; printing is no sign of life."""
        stream = self._process.stdout
        assert stream is not None
        rest = b""
        while chunk := await stream.read(_LONGEST_LINE_BYTES):
            *lines, rest = (rest + chunk).split(b"\n")
            if len(rest) > _LONGEST_LINE_BYTES:
                lines, rest = [*lines, rest], b""
            for line in lines:
                self._log.info("engine_printed", line=line.decode(errors="replace").rstrip(), task_id=self._task_id)
        if rest:
            self._log.info("engine_printed", line=rest.decode(errors="replace"), task_id=self._task_id)


async def _start(row: EngineRow) -> tuple[asyncio.subprocess.Process, socket.socket]:
    """The process and our end of the pipe; the child's end is known to it alone, so that its closing tells."""
    ours, theirs = socket.socketpair()
    try:
        with theirs:
            arguments = ("--fd", str(theirs.fileno()), "--engine", row.name)
            process = await asyncio.create_subprocess_exec(
                # -P: modules come from where Tutti is installed, never from the directory the server was started in.
                *(sys.executable, "-P", "-m", "tutti.engines.child", *arguments),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.STDOUT,
                pass_fds=(theirs.fileno(),),
                env=_environment(row, os.environ),
                # A Ctrl-C at the terminal is for the server, which lets its children finish.
                start_new_session=True,
            )
    except BaseException:
        ours.close()
        raise
    return process, ours


def _environment(row: EngineRow, base: Mapping[str, str]) -> dict[str, str]:
    return {**base, **dict.fromkeys(_THREAD_VARIABLES, str(max(row.cores, 1))), "PYTHONUNBUFFERED": "1"}
