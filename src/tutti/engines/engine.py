"""The seam between durable work and whatever computes it here.

An engine runs in its own child process (`child.py`), started by `host.py` and fed one job at a time over a private
pipe. It is plain synchronous code: it reads the job, reports how far it is, hands over finished parts, and returns the
whole. To add one: a folder with an `engine.py` whose class fulfils `Engine`, and a row in `registry.py`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn, Protocol, TypeVar

import msgspec

from tutti.errors import UnavailableError
from tutti.intents import AnyIntent

R = TypeVar("R", bound=msgspec.Struct)


@dataclass(frozen=True, kw_only=True, slots=True)
class Job:
    """One piece of work for an engine."""

    task_id: str
    attempt: int
    intent: AnyIntent
    # An empty folder of this attempt; everything the engine writes goes here and is swept afterwards.
    scratch: Path
    # Blob key -> local file, for every stored file the intent names.
    inputs: dict[str, Path]


class Reporter(Protocol):
    """How an engine tells its host about itself; each call is also a sign of life."""

    def progress(self, fraction: float, note: str = "") -> None:
        """Say how much is done, 0..1; never goes back. Raises `JobCancelledError` when the task was cancelled."""
        ...

    def part(self, index: int, result: msgspec.Struct) -> None:
        """Hand over one finished part, whose files may be read at once."""
        ...

    def ask(self, intent: AnyIntent, result_type: type[R], *, inputs: Mapping[str, Path] | None = None) -> R:
        """Have another engine carry out a sub-intent and wait for its result, whose files lie in this job's scratch.

        It runs under this task and is not billed; the waiting job gives its cores back. `inputs` names local files as
        `Job.inputs` does. Raises what the other engine raised, `EngineError` too when it is asked for from more than
        two levels down, `UnavailableError` when no engine serves the intent.
        """
        ...


class LoneReporter:
    """A reporter for an engine that runs without a host: it says nothing, and there is no other engine to ask.

    Those who want to hear of progress or parts override that method.
    """

    def progress(self, fraction: float, note: str = "") -> None:
        """Say nothing."""

    def part(self, index: int, result: msgspec.Struct) -> None:
        """Say nothing: whoever runs the engine gets all parts at the end."""

    def ask(
        self,
        intent: AnyIntent,
        result_type: type[R],  # noqa: ARG002 - the names of the port
        *,
        inputs: Mapping[str, Path] | None = None,  # noqa: ARG002
    ) -> NoReturn:
        """Refuse with `UnavailableError`."""
        raise UnavailableError(f"A {intent.kind} can be asked for by a server only.")


class Engine(Protocol):
    """Computes intents of the kinds that its registry row names."""

    def run(self, job: Job, report: Reporter) -> msgspec.Struct:
        """The finished result, its files as paths in `job.scratch`.

        Raises `EngineError` when the work failed (it will be tried again) and `InvalidRequestError` when no attempt can
        succeed (the task fails at once and is refunded).
        """
        ...


class JobCancelledError(Exception):
    """The task was cancelled while the engine worked; engines let it pass."""
