"""The process an engine lives in: `python -m tutti.engines.child --fd N --engine NAME`, started by `host.py` only.

The main thread runs one job after another. A second thread listens to the host and ends the process when the pipe
closes, even in the midst of computing, so that no orphan keeps a core or writes anything. What the engine prints goes
to the host's log.
"""

import argparse
import contextlib
import ctypes
import importlib
import os
import queue
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TypeVar

import msgspec

from tutti.engines.engine import Engine, Job, JobCancelledError
from tutti.engines.pipe import (
    Answer,
    Ask,
    CancelJob,
    Cancelled,
    ChildPipe,
    Done,
    Failed,
    Load,
    PartDone,
    Progress,
    Ready,
    RunJob,
)
from tutti.errors import EngineError, TuttiError
from tutti.intents import AnyIntent

R = TypeVar("R", bound=msgspec.Struct)

# The gateway beside us answers people; songs may take a little longer.
_NICENESS = 10
_PR_SET_PDEATHSIG = 1
_CANCEL_LOOK_S = 0.1
# An engine may report in its innermost loop; what is less than a percent further is told ten times a second at most.
_NEWS_FRACTION = 0.01
_LEAST_REPORT_GAP_S = 0.1


class Inbox:
    """What the host says, sorted by a thread that ends the process when the host is gone."""

    def __init__(self, pipe: ChildPipe) -> None:
        self._pipe = pipe
        self._cancelled_number = 0
        self.orders: queue.SimpleQueue[Load | RunJob] = queue.SimpleQueue()
        self.answers: queue.SimpleQueue[Answer] = queue.SimpleQueue()

    def listen(self) -> None:
        """Start the thread."""
        threading.Thread(target=self._listen, name="host-watch", daemon=True).start()

    def is_cancelled(self, number: int) -> bool:
        """Whether the job of this number is to be given up."""
        return self._cancelled_number >= number

    def _listen(self) -> None:
        try:
            while (message := self._pipe.receive()) is not None:
                match message:
                    case Load() | RunJob():
                        self.orders.put(message)
                    case Answer():
                        self.answers.put(message)
                    case CancelJob(number=number):
                        self._cancelled_number = number
        except OSError:
            pass  # the pipe broke: the same end as a closed one
        except Exception:  # noqa: BLE001 - whatever it was, without ears this process must not go on
            traceback.print_exc()
        # Not sys.exit: the main thread may compute for minutes, and nobody waits for it any more.
        os._exit(0)


class PipeReporter:
    """Tells the host how one job goes."""

    def __init__(self, pipe: ChildPipe, inbox: Inbox, order: RunJob) -> None:
        self._pipe = pipe
        self._inbox = inbox
        self._order = order
        self._asked = 0
        self._fraction = 0.0
        self._note = ""
        self._reported_at_s = 0.0

    def progress(self, fraction: float, note: str = "") -> None:
        """Report how much is done; raises `JobCancelledError` when the task was cancelled."""
        self._stop_if_cancelled()
        now_s = time.monotonic()
        is_news = note != self._note or fraction - self._fraction >= _NEWS_FRACTION
        if is_news or now_s - self._reported_at_s >= _LEAST_REPORT_GAP_S:
            self._pipe.send(Progress(fraction=fraction, note=note))
            self._fraction, self._note, self._reported_at_s = fraction, note, now_s

    def part(self, index: int, result: msgspec.Struct) -> None:
        """Hand over one finished part."""
        self._stop_if_cancelled()
        self._pipe.send(PartDone(index=index, result=result))

    def ask(self, intent: AnyIntent, result_type: type[R], *, inputs: Mapping[str, Path] | None = None) -> R:
        """Have another engine carry out a sub-intent; raises what it raised."""
        self._asked += 1
        scratch = Path(self._order.scratch) / f"asked-{self._asked}"
        scratch.mkdir()
        named = {key: str(path) for key, path in (inputs or {}).items()}
        self._pipe.send(Ask(intent=intent, scratch=str(scratch), inputs=named))
        answer = self._await_answer()
        if answer.failure is not None:
            raise answer.failure.as_error()
        return msgspec.convert(answer.result, result_type)

    def _await_answer(self) -> Answer:
        while True:
            self._stop_if_cancelled()
            with contextlib.suppress(queue.Empty):
                return self._inbox.answers.get(timeout=_CANCEL_LOOK_S)

    def _stop_if_cancelled(self) -> None:
        if self._inbox.is_cancelled(self._order.number):
            raise JobCancelledError


def load_engine(factory: str, options: Mapping[str, str]) -> Engine:
    """The engine that "module:callable" makes of its options."""
    module_name, _, name = factory.partition(":")
    make: Callable[..., Engine] = getattr(importlib.import_module(module_name), name)
    return make(**options)


def serve(pipe: ChildPipe) -> None:
    """Load the engine as told, then do job after job; ends only with the process."""
    inbox = Inbox(pipe)
    inbox.listen()
    engine: Engine | None = None
    while True:
        match inbox.orders.get():
            case Load(factory=factory, options=options):
                engine = load_engine(factory, options)
                pipe.send(Ready())
            case RunJob() as order:
                assert engine is not None
                _run(engine, order, pipe, inbox)


def _run(engine: Engine, order: RunJob, pipe: ChildPipe, inbox: Inbox) -> None:
    job = Job(
        task_id=order.task_id,
        attempt=order.attempt,
        intent=order.intent,
        scratch=Path(order.scratch),
        inputs={key: Path(path) for key, path in order.inputs.items()},
    )
    try:
        pipe.send(Done(result=engine.run(job, PipeReporter(pipe, inbox, order))))
    except JobCancelledError:
        pipe.send(Cancelled())
    except TuttiError as error:
        pipe.send(Failed.of(error))
    except Exception as error:  # noqa: BLE001 - a bug in an engine fails its job, with the trace in the host's log
        traceback.print_exc()
        kind = type(error).__name__
        pipe.send(Failed.of(EngineError(f"The engine failed unexpectedly ({kind}); the server's log says more.")))


def _die_with_parent() -> None:
    """Ask the kernel to kill us with the thread that spawned us: it works where a long C call keeps the watcher out."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def main(arguments: Sequence[str] | None = None) -> None:
    """Enter the process."""
    parser = argparse.ArgumentParser(description="An engine's process; started by the server.")
    parser.add_argument("--fd", type=int, required=True, help="descriptor of the pipe to the host")
    parser.add_argument("--engine", required=True, help="name of the engine, for people who list processes")
    options = parser.parse_args(arguments)
    _die_with_parent()
    os.nice(_NICENESS)
    serve(ChildPipe(options.fd))


if __name__ == "__main__":
    main()
