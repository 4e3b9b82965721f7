"""What families ask: submit, find, list, cancel."""

from collections.abc import Mapping, Sequence

from tutti.database.driver import Connection
from tutti.errors import ConflictError, KeyQuotaError, NotFoundError, UserQuotaError
from tutti.kit.failpoint import hit
from tutti.tasks.model import NewTask, RefundPolicy, Submitted, Task, TaskPart
from tutti.tasks.sqlite.base import SqliteBase
from tutti.tasks.sqlite.ending import cancel_task
from tutti.tasks.sqlite.rows import SELECT_TASK, marks, read_parts, read_standing, read_task, task_from_row
from tutti.tasks.sqlite.step import Step
from tutti.tasks.states import LEASED, TERMINAL, TaskState

_SEEN_BEFORE = "SELECT id, body_hash FROM tasks WHERE user_id = ? AND idempotency_key = ?"
# Both balances are looked at before either is touched, so that a refusal has written nothing.
_HOLD_USER = """
    UPDATE users SET quota = quota - :price WHERE id = :user AND quota >= :price AND EXISTS (
        SELECT 1 FROM keys WHERE id = :key AND user_id = :user AND (quota IS NULL OR quota >= :price))
    RETURNING weight, (SELECT quota IS NOT NULL FROM keys WHERE id = :key)
"""
_HOLD_KEY = "UPDATE keys SET quota = quota - ? WHERE id = ?"
_HOLD = "INSERT INTO ledger (kind, ref, user_id, key_id, amount, at_ms) VALUES ('hold', ?, ?, ?, ?, ?)"
_INSERT = """
    INSERT INTO tasks (id, public_id, family, kind, model, user_id, key_id, intent, request, lane, state, priority,
        vtag, run_at_ms, max_attempts, price, notify_hook, created_at_ms, deadline_at_ms, idempotency_key, body_hash)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'queued', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
"""
_BALANCES = """
    SELECT users.quota, keys.quota FROM users LEFT JOIN keys ON keys.id = :key AND keys.user_id = users.id
    WHERE users.id = :user
"""
_HAS_KEY = "SELECT 1 FROM keys WHERE id = ? AND user_id = ?"
_ASK_CANCEL = "UPDATE tasks SET cancel_refund = ?, version = version + 1 WHERE id = ?"


class SqliteSubmitting(SqliteBase):
    """`TaskStore` on SQLite."""

    async def submit(self, new: NewTask) -> Submitted:
        """Task, hold and ledger row in one commit."""
        submitted = await self._write(lambda step: submit(step, new))
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

    async def list_tasks(
        self, *, user_id: int, limit: int, before_id: str | None = None, state: TaskState | None = None
    ) -> list[Task]:
        """A user's tasks, newest first."""
        query = f"{SELECT_TASK} WHERE user_id = ?"
        values: list[object] = [user_id]
        for condition, value in (("id < ?", before_id), ("state = ?", state and state.value)):
            if value is not None:
                query = f"{query} AND {condition}"
                values.append(value)
        query = f"{query} ORDER BY id DESC LIMIT ?"
        return await self._read(lambda connection: _tasks(connection, query, (*values, limit)))

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


def submit(step: Step, new: NewTask) -> Submitted:
    """Take the hold and write the task, or give the one submitted before."""
    if new.idempotency_key is not None and (task := _seen_before(step, new)) is not None:
        return Submitted(task=task, is_new=False)
    balance = {"price": new.price, "user": new.user_id, "key": new.key_id}
    held = step.connection.execute(_HOLD_USER, balance).fetchone()
    if held is None:
        raise _refusal(step, new)
    weight, has_key_quota = held
    if has_key_quota:
        step.connection.execute(_HOLD_KEY, (new.price, new.key_id))
    tag = step.tags.next_tag(new.lane, new.user_id, cost=new.price, weight=weight)
    step.connection.execute(_INSERT, _values(step, new, tag))
    step.connection.execute(_HOLD, (new.id, new.user_id, new.key_id, -new.price, step.now_ms))
    hit("submit-written")
    return Submitted(task=_as_task(step, new), is_new=True)


def cancel(step: Step, task_id: str, refund: RefundPolicy) -> Task | None:
    """End what nobody works on; ask the worker of a leased task. The first policy asked for stands."""
    task = read_standing(step.connection, task_id)
    if task is not None and task.state not in TERMINAL:
        if task.state not in LEASED:
            cancel_task(step, task, refund)
        elif task.cancel_refund is None:
            step.connection.execute(_ASK_CANCEL, (refund.value, task_id))
    return read_task(step.connection, task_id)


def _seen_before(step: Step, new: NewTask) -> Task | None:
    """The task that this Idempotency-Key made. Raises `ConflictError` when the body was another."""
    row = step.connection.execute(_SEEN_BEFORE, (new.user_id, new.idempotency_key)).fetchone()
    if row is None:
        return None
    task_id, body_hash = row
    if body_hash != new.body_hash:
        raise ConflictError("This Idempotency-Key was used with another request body: choose a new key.")
    return read_task(step.connection, task_id)


def _refusal(step: Step, new: NewTask) -> Exception:
    """Why the hold was not taken."""
    row = step.connection.execute(_BALANCES, {"user": new.user_id, "key": new.key_id}).fetchone()
    if row is None or step.connection.execute(_HAS_KEY, (new.key_id, new.user_id)).fetchone() is None:
        return NotFoundError("The key's account does not exist any more.")
    user_quota, key_quota = row
    if user_quota < new.price:
        return UserQuotaError(f"The account's credit ({user_quota}) does not cover the price ({new.price}).")
    return KeyQuotaError(f"The key's quota ({key_quota}) does not cover the price ({new.price}).")


def _values(step: Step, new: NewTask, tag: int) -> tuple[object, ...]:
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
        step.now_ms,
        new.max_attempts,
        new.price,
        new.notify_hook,
        step.now_ms,
        new.deadline_at_ms,
        new.idempotency_key,
        new.body_hash,
    )


def _as_task(step: Step, new: NewTask) -> Task:
    """The row just written, without reading it back."""
    return Task(
        id=new.id,
        public_id=new.public_id,
        family=new.family,
        kind=new.kind,
        model=new.model,
        user_id=new.user_id,
        key_id=new.key_id,
        intent=new.intent,
        request=new.request,
        lane=new.lane,
        state=TaskState.QUEUED,
        attempt=0,
        max_attempts=new.max_attempts,
        progress=0,
        progress_note="",
        price=new.price,
        final_cost=None,
        output=None,
        error=None,
        notify_hook=new.notify_hook,
        lease_owner=None,
        is_cancel_requested=False,
        vendor_ref=None,
        vendor_idempotency_key=None,
        created_at_ms=step.now_ms,
        started_at_ms=0,
        finished_at_ms=0,
        deadline_at_ms=new.deadline_at_ms,
        version=1,
    )


def _tasks(connection: Connection, query: str, values: Sequence[object]) -> list[Task]:
    return [task_from_row(row) for row in connection.execute(query, values)]
