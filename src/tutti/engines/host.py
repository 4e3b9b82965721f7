"""Runs engine jobs in child processes: `EngineHost.run` is the door to everything that is computed here.

Children are bounded in number, memory and cores (`crew.py`, `slots.py`). A child that dies or falls silent costs its
job an `EngineError` and is replaced; the gateway goes on.
"""

from collections.abc import AsyncGenerator, Iterable, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from tutti.engines import pipe
from tutti.engines.crew import Crew
from tutti.engines.engine import Job
from tutti.engines.handle import ChildHandle
from tutti.engines.machine import core_count, memory_limit_bytes
from tutti.engines.pipe import Answer, Ask, Cancelled, Failed, PartDone, Ready
from tutti.engines.registry import EngineRow, embedded_engines, missing_packages
from tutti.engines.slots import CoreSlots
from tutti.errors import EngineError, TuttiError, UnavailableError
from tutti.settings import Settings
from tutti.tasks.runner import Done, Event, Part, Progress

# Sub-intents of sub-intents, and no further: a video may ask for an avatar, which asks for speech.
MOST_LEVELS_DOWN = 2


@dataclass(frozen=True, kw_only=True, slots=True)
class _Stage:
    """A job with what it holds while it runs."""

    row: EngineRow
    job: Job
    child: ChildHandle
    # How many jobs wait for this one.
    level: int


class EngineHost:
    """All engines of this machine."""

    def __init__(
        self, rows: Iterable[EngineRow], *, cores: int, memory_bytes: int, cancel_grace_s: float = 5.0
    ) -> None:
        """Plan with so many cores and so much memory; a cancelled job is killed when it goes on for the grace."""
        self._rows = {row.name: row for row in rows}
        self._by_kind = {kind: row.name for row in self._rows.values() for kind in row.kinds}
        self._memory_mb = memory_bytes // 1_000_000
        self._cores = CoreSlots(cores)
        self._crew = Crew(memory_mb=self._memory_mb)
        self._cancel_grace_s = cancel_grace_s

    @property
    def rows(self) -> tuple[EngineRow, ...]:
        """The engines there are, able to run or not."""
        return tuple(self._rows.values())

    def why_not(self, engine: str) -> UnavailableError | None:
        """Why an engine cannot run on this machine, None when it can."""
        row = self._rows.get(engine)
        if row is None:
            return UnavailableError(f"There is no engine called {engine!r}.")
        if row.peak_memory_mb > self._memory_mb:
            return UnavailableError(
                f"The {engine} engine needs {row.peak_memory_mb} MB of memory and engines may use {self._memory_mb} MB"
                " here: raise the memory limit or engine_memory_share."
            )
        return missing_packages(row)

    @cached_property
    def absent(self) -> dict[str, UnavailableError]:
        """The engines that cannot run on this machine, and why."""
        return {row.name: reason for row in self.rows if (reason := self.why_not(row.name)) is not None}

    def engine_for(self, kind: str) -> str:
        """The engine that serves intents of this kind. Raises `UnavailableError`."""
        try:
            return self._by_kind[kind]
        except KeyError:
            raise UnavailableError(f"No engine here serves {kind!r}.") from None

    async def run(self, engine: str, job: Job, *, level: int = 0) -> AsyncGenerator[Event, None]:
        """The job's course up to `Done`; close the iterator to cancel it.

        Raises `UnavailableError` when the engine cannot run here, what the engine raised, and `EngineError` when its
        process died or fell silent. `level` counts the jobs that wait for this one.
        """
        if (reason := self.why_not(engine)) is not None:
            raise reason
        row = self._rows[engine]
        # Jobs that another waits for give up in time, so that no ring of waiters lasts.
        patience_s = row.silence_s if level else None
        lent = self._crew.lend(row, is_extra=level > 0, patience_s=patience_s)
        async with lent as child, self._cores.hold(row.cores):
            await child.begin(job)
            try:
                async with aclosing(self._follow(_Stage(row=row, job=job, child=child, level=level))) as events:
                    async for event in events:
                        yield event
            finally:
                if child.is_at_work:
                    await child.cancel_job(grace_s=self._cancel_grace_s)

    def peak_rss_bytes(self, engine: str) -> int | None:
        """The most resident memory any living child of the engine ever had; None when there is none."""
        return max((peak for child in self._crew.children(engine) if (peak := child.peak_rss_bytes())), default=None)

    async def close(self) -> None:
        """Let all children go; call it when no job is running."""
        await self._crew.close()

    async def _follow(self, stage: _Stage) -> AsyncGenerator[Event, None]:
        while True:
            match await stage.child.receive(silence_s=stage.row.silence_s):
                case pipe.Progress(fraction=fraction, note=note):
                    yield Progress(fraction=fraction, note=note)
                case PartDone(index=index, result=result):
                    yield Part(index=index, result=result)
                case Ask() as ask:
                    await stage.child.send(await self._answer(ask, stage))
                case pipe.Done(result=result):
                    yield Done(result=result)
                    return
                case Failed() as failure:
                    raise failure.as_error()
                case Cancelled() | Ready():
                    raise EngineError(f"The {stage.row.name} engine broke off a job that nobody cancelled.")

    async def _answer(self, ask: Ask, stage: _Stage) -> Answer:
        """Carry out a sub-intent while the asking job waits without its cores."""
        async with self._cores.lend(stage.row.cores):
            try:
                return Answer(result=await self._sub_result(ask, stage))
            except TuttiError as error:
                return Answer(failure=Failed.of(error))

    async def _sub_result(self, ask: Ask, stage: _Stage) -> object:
        if stage.level >= MOST_LEVELS_DOWN:
            raise EngineError(f"An engine may ask for {ask.intent.kind!r} from {MOST_LEVELS_DOWN} levels down at most.")
        job = Job(
            task_id=stage.job.task_id,
            attempt=stage.job.attempt,
            intent=ask.intent,
            scratch=Path(ask.scratch),
            inputs={key: Path(path) for key, path in ask.inputs.items()},
        )
        async with aclosing(self.run(self.engine_for(ask.intent.kind), job, level=stage.level + 1)) as events:
            async for event in events:
                if isinstance(event, Done):
                    return event.result
        raise EngineError(f"The sub-intent {ask.intent.kind!r} ended without a result.")


def host_for(settings: Settings, engines: Sequence[EngineRow] | None = None) -> EngineHost:
    """The host of these engines, or of those that come with Tutti, planning with this machine's cores and memory."""
    return EngineHost(
        embedded_engines(settings) if engines is None else engines,
        cores=settings.engine_cores or core_count(),
        memory_bytes=int(memory_limit_bytes() * settings.engine_memory_share),
    )
