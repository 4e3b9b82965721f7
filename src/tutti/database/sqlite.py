"""How one SQLite file is used by many coroutines: one writer that commits in groups, a few readers beside it.

All writes of the process go through one thread with one connection, so nobody ever meets a locked database, and the
operations that arrive while a commit is being flushed travel together in the next one: a flush costs the same for 1 and
for 256. Where neighbours ask for the same they can be served at once, which saves most of the statements. What the
operations do is not known here.
"""

import asyncio
import contextlib
import queue
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import groupby
from operator import attrgetter
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from tutti.database.driver import Connection, open_for_reading, open_for_writing, sqlite, store_error
from tutti.errors import StoreError, TuttiError
from tutti.kit.failpoint import hit

T = TypeVar("T")
Ask = TypeVar("Ask")

Operation = Callable[[Connection], T]
# Serves several who ask for the same: for each, in order, a value or the refusal that is raised at whoever asked. One
# who is refused has had nothing written.
Verb = Callable[[Connection, Sequence[Ask]], Sequence[T | TuttiError]]

# More operations in one transaction gain nothing more, and a spoilt batch is run again.
_ENOUGH_OPERATIONS = 256


class _Job(NamedTuple):
    """What is asked for and who waits for it; without a verb it is an operation."""

    verb: Verb[Any, Any] | None
    ask: Any
    future: asyncio.Future[Any]

    def operation(self) -> Operation[Any]:
        """The job done alone."""
        verb, ask = self.verb, self.ask
        return ask if verb is None else lambda connection: _alone(verb, connection, ask)


_verb_of = attrgetter("verb")


class _SpoiltError(Exception):
    """An operation failed after it had written: the batch must be rolled back."""


class Writer:
    """The one thread that writes."""

    def __init__(self, path: Path) -> None:
        """Open the database for the running event loop. Raises `StoreError`."""
        self._loop = asyncio.get_running_loop()
        self._connection = open_for_writing(path)
        # What was asked for in this turn of the loop, then what was handed over in turns before; None ends the thread.
        self._asked: list[_Job] = []
        self._handed_over: queue.SimpleQueue[list[_Job] | None] = queue.SimpleQueue()
        self._is_closed = False
        self._thread = threading.Thread(target=self._work, name="tutti-writer", daemon=True)
        self._thread.start()

    def run(self, operation: Operation[T]) -> asyncio.Future[T]:
        """What the operation gives, once it is on the disk.

        It runs in the writer's thread, in a transaction shared with others; it begins and commits nothing itself. What
        it raises is raised here and undoes its own writes only. It may be run twice before the commit, so it must have
        no effect but on the database. Raises `StoreError` when the database refuses.
        """
        return self._put(None, operation)

    def run_together(self, verb: Verb[Ask, T], ask: Ask) -> asyncio.Future[T]:
        """As `run`, for one of many who ask for the same: neighbours are given to the verb at once."""
        return self._put(verb, ask)

    def _put(self, verb: Verb[Any, Any] | None, ask: Any) -> asyncio.Future[Any]:
        if self._is_closed:
            raise StoreError("The database is closed: the server is shutting down.")
        future = self._loop.create_future()
        if not self._asked:
            self._loop.call_soon(self._hand_over)
        self._asked.append(_Job(verb, ask, future))
        return future

    def _hand_over(self) -> None:
        """Wake the thread once for all who asked in one turn of the loop, so that they travel together."""
        asked, self._asked = self._asked, []
        self._handed_over.put(asked)

    async def close(self) -> None:
        """Commit what was asked for, then close the file."""
        if self._is_closed:
            return
        self._is_closed = True
        self._hand_over()
        self._handed_over.put(None)
        await asyncio.to_thread(self._thread.join)
        self._connection.close()

    def _work(self) -> None:
        is_open = True
        while is_open:
            batch, is_open = self._next_batch()
            if batch:
                outcomes = self._commit(batch)
                # A loop that was closed has nobody left who waits.
                with contextlib.suppress(RuntimeError):
                    self._loop.call_soon_threadsafe(_deliver, batch, outcomes)

    def _next_batch(self) -> tuple[list[_Job], bool]:
        """Wait for jobs, take what else is there; False when no more will come."""
        batch: list[_Job] = []
        jobs = self._handed_over.get()
        with contextlib.suppress(queue.Empty):
            while jobs is not None:
                batch += jobs
                if len(batch) >= _ENOUGH_OPERATIONS:
                    return batch, True
                jobs = self._handed_over.get_nowait()
            return batch, False
        return batch, True

    def _commit(self, batch: Sequence[_Job]) -> list[Any]:
        """Do jobs in one transaction; each has its own outcome, a value or an exception.

        Savepoints cost as much as a small operation, so they are used only when one failed midway.
        """
        try:
            try:
                return self._attempt(batch, self._do_bare)
            except _SpoiltError:
                self._roll_back()
                return self._attempt(batch, self._do_guarded)
        except sqlite.Error as error:
            self._roll_back()
            return [_as_refusal(error) for _ in batch]

    def _attempt(self, batch: Sequence[_Job], do: Callable[[Sequence[_Job]], list[Any]]) -> list[Any]:
        self._connection.execute("BEGIN IMMEDIATE")
        outcomes = do(batch)
        self._connection.execute("COMMIT")
        hit("writer-committed")
        return outcomes

    def _do_bare(self, batch: Sequence[_Job]) -> list[Any]:
        """Do jobs without a net, neighbours of the same verb at once."""
        outcomes: list[Any] = []
        for verb, jobs in groupby(batch, _verb_of):
            asks = [job.ask for job in jobs]
            outcomes += map(self._run_bare, asks) if verb is None else self._run_group(verb, asks)
        return outcomes

    def _run_bare(self, operation: Operation[Any]) -> Any:
        """A refusal that comes before the first write leaves nothing to undo."""
        changes = self._connection.total_changes
        try:
            return operation(self._connection)
        except TuttiError as refusal:
            if self._connection.total_changes != changes:
                raise _SpoiltError from refusal
            return refusal
        except Exception as error:
            raise _SpoiltError from error

    def _run_group(self, verb: Verb[Ask, Any], asks: Sequence[Ask]) -> Sequence[Any]:
        try:
            return verb(self._connection, asks)
        except Exception as error:
            raise _SpoiltError from error

    def _do_guarded(self, batch: Sequence[_Job]) -> list[Any]:
        """Do jobs one by one, each behind a savepoint."""
        return [self._run_guarded(job.operation()) for job in batch]

    def _run_guarded(self, operation: Operation[Any]) -> Any:
        self._connection.execute("SAVEPOINT operation")
        try:
            value = operation(self._connection)
        except Exception as error:
            if not self._connection.in_transaction:
                # A full disk makes SQLite give up the whole transaction, and the others' writes with it.
                raise sqlite.OperationalError(str(error)) from error
            self._connection.execute("ROLLBACK TO operation")
            self._connection.execute("RELEASE operation")
            return _as_refusal(error)
        self._connection.execute("RELEASE operation")
        return value

    def _roll_back(self) -> None:
        # Where even this fails the next BEGIN fails too, and says why to whoever asks.
        with contextlib.suppress(sqlite.Error):
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")


class Readers:
    """A few threads with a read-only connection each; reads never wait for the writer, nor it for them."""

    def __init__(self, path: Path, *, threads: int = 2) -> None:
        """Open the connections. Raises `StoreError` when there is no such database."""
        self._connections = [open_for_reading(path) for _ in range(threads)]
        self._mine = threading.local()
        spare = iter(self._connections)

        def take_one() -> None:
            self._mine.connection = next(spare)

        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="tutti-reader", initializer=take_one)

    async def run(self, operation: Operation[T]) -> T:
        """What the operation reads, at one point in time. Raises `StoreError`."""
        return await asyncio.get_running_loop().run_in_executor(self._pool, self._read, operation)

    async def close(self) -> None:
        """Finish what was asked for, then close the connections."""
        await asyncio.to_thread(self._pool.shutdown)
        for connection in self._connections:
            connection.close()

    def _read(self, operation: Operation[T]) -> T:
        connection: Connection = self._mine.connection
        try:
            connection.execute("BEGIN")
            try:
                return operation(connection)
            finally:
                # A failing disk has ended the transaction already, and is the error to tell.
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
        except sqlite.Error as error:
            raise store_error(error) from error


def _as_refusal(error: Exception) -> Exception:
    if not isinstance(error, sqlite.Error):
        return error
    refusal = store_error(error)
    refusal.__cause__ = error
    return refusal


def _alone(verb: Verb[Ask, T], connection: Connection, ask: Ask) -> T:
    [outcome] = verb(connection, (ask,))
    if isinstance(outcome, TuttiError):
        raise outcome
    return outcome


def _deliver(batch: Sequence[_Job], outcomes: Sequence[Any]) -> None:
    """Answer everyone in the loop's own thread; those who gave up are passed over."""
    for job, outcome in zip(batch, outcomes, strict=True):
        if job.future.done():
            continue
        if isinstance(outcome, Exception):
            job.future.set_exception(outcome)
        else:
            job.future.set_result(outcome)
