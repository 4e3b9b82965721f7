"""Carries out the tasks of one engine's lane by the engine host."""

from collections.abc import AsyncGenerator, Mapping
from pathlib import Path

import msgspec

from tutti.engines.engine import Job
from tutti.engines.host import EngineHost
from tutti.engines.registry import EngineRow
from tutti.errors import InvalidRequestError
from tutti.intents import AnyIntent
from tutti.tasks.model import Task
from tutti.tasks.runner import Event

_decoder: msgspec.json.Decoder[AnyIntent] = msgspec.json.Decoder(AnyIntent)


class EngineRunner:
    """Fulfils `Runner` for one engine."""

    def __init__(self, host: EngineHost, row: EngineRow) -> None:
        self._host = host
        self._engine = row.name
        self.capacity = row.count

    def run(self, task: Task, *, scratch: Path, inputs: Mapping[str, Path]) -> AsyncGenerator[Event, None]:
        """The task's course up to `Done`. Raises `InvalidRequestError` when its stored intent is none that we know."""
        try:
            intent = _decoder.decode(task.intent)
        except msgspec.DecodeError as error:
            raise InvalidRequestError(f"The task's stored intent cannot be read: {error}") from error
        job = Job(task_id=task.id, attempt=task.attempt, intent=intent, scratch=scratch, inputs=dict(inputs))
        return self._host.run(self._engine, job)


def engine_runners(host: EngineHost) -> dict[str, EngineRunner]:
    """A runner for the lane of every engine that can run on this machine."""
    return {row.lane: EngineRunner(host, row) for row in host.rows if row.name not in host.absent}
