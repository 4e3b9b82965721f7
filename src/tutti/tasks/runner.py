"""The seam between a worker and whatever carries out the tasks of one lane; `engines/runner.py` fulfils it."""

from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from tutti.tasks.model import Task


@dataclass(frozen=True, kw_only=True, slots=True)
class Progress:
    """So much is done, 0..1."""

    fraction: float
    note: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Part:
    """One part is finished: plain JSON values whose `files` are paths in the scratch folder."""

    index: int
    result: Any


@dataclass(frozen=True, kw_only=True, slots=True)
class Done:
    """The whole is finished, in the form of `Part.result`; the last event."""

    result: Any


Event = Progress | Part | Done


class Runner(Protocol):
    """Carries out tasks of one lane."""

    # Tasks it can be at at once; 0 takes none.
    capacity: int

    def run(self, task: Task, *, scratch: Path, inputs: Mapping[str, Path]) -> AsyncGenerator[Event, None]:
        """The task's course up to `Done`; `inputs` holds a local file for every blob key that the intent names.

        The lease is prolonged for as long as this neither ends nor raises, so a runner must itself notice work that
        hangs and raise. Raises `TuttiError`; its `is_retryable` says whether another attempt may help. Closing the
        iterator stops the work; nothing writes to `scratch` once that has returned.
        """
        ...
