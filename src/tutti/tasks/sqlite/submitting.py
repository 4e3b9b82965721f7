"""What families ask: submit, find, list, cancel."""

from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from functools import cached_property

from tutti.database.driver import Connection
from tutti.errors import ConflictError, TuttiError
from tutti.kit.failpoint import hit
from tutti.tasks.model import AT_ONCE_MS, NewTask, RefundPolicy, Submitted, Task, TaskPart
from tutti.tasks.sqlite.base import SqliteBase
from tutti.tasks.sqlite.ending import cancel_task
from tutti.tasks.sqlite.purses import Purses
from tutti.tasks.sqlite.rows import (
    SELECT_TASK,
    TASK_COLUMNS,
    TASK_WIDTH,
    marks,
    read_parts,
    read_standing,
    read_task,
    task_from_row,
)
from tutti.tasks.sqlite.step import Step
from tutti.tasks.states import LEASED, TERMINAL, TaskState

_SEEN_BEFORE = f"SELECT {TASK_COLUMNS}, body_hash FROM tasks WHERE user_id = ? AND idempotency_key = ?"
_HOLD = "INSERT INTO ledger (kind, ref, user_id, key_id, amount, at_ms) VALUES ('hold', ?, ?, ?, ?, ?)"
_INSERT = """
    INSERT INTO tasks (id, public_id, family, kind, model, user_id, key_id, intent, request, lane, state, priority,
        vtag, run_at_ms, max_attempts, price, notify_hook, created_at_ms, deadline_at_ms, idempotency_key, body_hash)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'queued', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
"""
_PROMISE = "INSERT INTO part_ids (part_id, task_id) VALUES (?, ?)"
_ASK_CANCEL = "UPDATE tasks SET cancel_refund = ?, version = version + 1 WHERE id = ?"


class SqliteSubmitting(SqliteBase):
    """`TaskStore` on SQLite."""

    @cached_property
    def _submit(self) -> Callable[[NewTask], Awaitable[Submitted]]:
        return self._together(submit_all)

    async def submit(self, new: NewTask) -> Submitted:
        """Task, hold and ledger row in one commit."""
        submitted = await self._submit(new)
        hit("submit-committed")
        if submitted.is_new:
            self._queued([new.lane])
        return submitted

    async def find(self, public_ids: Sequence[str], *, user_id: int | None) -> list[Task]:
        """The tasks of these public ids that exist and belong to the user."""
        if not public_ids:
            return []
        query = f"{SELECT_TASK} WHERE public_id IN ({marks(public_ids)}) AND (? IS NULL OR user_id = ?)"
        return await self._read(lambda connection: _tasks(connection, query, (*public_ids, user_id, user_id)))

    async def find_by_parts(self, part_ids: Sequence[str], *, user_id: int | None) -> list[Task]:
        """The tasks that promised these parts and belong to the user."""
        if not part_ids:
            return []
        promised = f"SELECT task_id FROM part_ids WHERE part_id IN ({marks(part_ids)})"
        query = f"{SELECT_TASK} WHERE id IN ({promised}) AND (? IS NULL OR user_id = ?)"
        return await self._read(lambda connection: _tasks(connection, query, (*part_ids, user_id, user_id)))

    async def list_tasks(
        self, *, user_id: int | None, limit: int, before_id: str | None = None, state: TaskState | None = None
    ) -> list[Task]:
        """A user's tasks, newest first."""
        conditions = {"user_id = ?": user_id, "id < ?": before_id, "state = ?": state and state.value}
        given = {condition: value for condition, value in conditions.items() if value is not None}
        query = f"{SELECT_TASK} WHERE {' AND '.join(('1', *given))} ORDER BY id DESC LIMIT ?"
        return await self._read(lambda connection: _tasks(connection, query, (*given.values(), limit)))

    async def parts(self, task_ids: Sequence[str]) -> Mapping[str, tuple[TaskPart, ...]]:
        """The published parts of these tasks."""
        return await self._read(lambda connection: read_parts(connection, task_ids))

    async def known(self, task_ids: set[str]) -> set[str]:
        """Those of these ids that are tasks."""
        query = f"SELECT id FROM tasks WHERE id IN ({marks(tuple(task_ids))})"
        return await self._read(lambda connection: {row[0] for row in connection.execute(query, tuple(task_ids))})

    async def cancel(self, task_id: str, *, refund: RefundPolicy) -> Task | None:
        """Cancel now, or when the worker next reports."""
        task = await self._write(lambda step: cancel(step, task_id, refund))
        hit("cancel-committed")
        self._changed(task_id, None if task is None else task.version)
        return task


def submit_all(step: Step, asks: Sequence[NewTask]) -> list[Submitted | TuttiError]:
    """Take the holds and write the tasks of those who can pay; who repeats a submit gets the task made before."""
    group = _Group(step)
    outcomes = [group.accept(new) for new in asks]
    group.write()
    return outcomes


class _Group:
    """Submits written together: who is accepted is decided first, in order, then each table is written once."""

    def __init__(self, step: Step) -> None:
        self._step = step
        self._purses = Purses(step.connection)
        self._accepted: list[tuple[NewTask, int]] = []
        self._by_idempotency_key: dict[tuple[int, str], tuple[Task, str | None]] = {}

    def accept(self, new: NewTask) -> Submitted | TuttiError:
        """The task that a submit makes, or the one that its Idempotency-Key made before; else why it is refused."""
        try:
            seen = self._seen_before(new)
            if seen is not None:
                return Submitted(task=seen, is_new=False)
            weight = self._purses.take(new)
        except TuttiError as refusal:
            return refusal
        tag = self._step.tags.next_tag(new.lane, new.user_id, cost=new.price, weight=weight)
        task = Task.of(new, now_ms=self._step.now_ms)
        self._accepted.append((new, tag))
        if new.idempotency_key is not None:
            self._by_idempotency_key[new.user_id, new.idempotency_key] = task, new.body_hash
        return Submitted(task=task, is_new=True)

    def _seen_before(self, new: NewTask) -> Task | None:
        """The task that this Idempotency-Key made. Raises `ConflictError` when the body was another."""
        if new.idempotency_key is None:
            return None
        place = new.user_id, new.idempotency_key
        seen = self._by_idempotency_key.get(place) or _read_seen(self._step.connection, *place)
        if seen is None:
            return None
        task, body_hash = seen
        if body_hash != new.body_hash:
            raise ConflictError("This Idempotency-Key was used with another request body: choose a new key.")
        return task

    def write(self) -> None:
        """Write what was accepted."""
        connection, now_ms = self._step.connection, self._step.now_ms
        self._purses.write()
        connection.executemany(_INSERT, self._rows())
        promises = [(part_id, new.id) for new, _ in self._accepted for part_id in new.part_ids]
        connection.executemany(_PROMISE, promises)
        connection.executemany(
            _HOLD, [(new.id, new.user_id, new.key_id, -new.price, now_ms) for new, _ in self._accepted]
        )

    def _rows(self) -> Iterator[tuple[object, ...]]:
        for new, tag in self._accepted:
            yield _values(new, tag, self._step.now_ms)
            hit("submit-written")


def cancel(step: Step, task_id: str, refund: RefundPolicy) -> Task | None:
    """End what nobody works on; ask the worker of a leased task. The first policy asked for stands."""
    task = read_standing(step.connection, task_id)
    if task is not None and task.state not in TERMINAL:
        if task.state not in LEASED:
            cancel_task(step, task, refund)
        elif task.cancel_refund is None:
            step.connection.execute(_ASK_CANCEL, (refund.value, task_id))
    return read_task(step.connection, task_id)


def _read_seen(connection: Connection, user_id: int, idempotency_key: str) -> tuple[Task, str | None] | None:
    """The task that an Idempotency-Key made, and the hash of the body it came with."""
    row = connection.execute(_SEEN_BEFORE, (user_id, idempotency_key)).fetchone()
    return None if row is None else (task_from_row(row), row[TASK_WIDTH])


def _values(new: NewTask, tag: int, now_ms: int) -> tuple[object, ...]:
    return (
        new.id,
        new.public_id,
        new.family,
        new.kind,
        new.model,
        new.user_id,
        new.key_id,
        new.intent,
        new.request,
        new.lane,
        new.priority,
        tag,
        AT_ONCE_MS,
        new.max_attempts,
        new.price,
        new.notify_hook,
        now_ms,
        new.deadline_at_ms,
        new.idempotency_key,
        new.body_hash,
    )


def _tasks(connection: Connection, query: str, values: Sequence[object]) -> list[Task]:
    return [task_from_row(row) for row in connection.execute(query, values)]
