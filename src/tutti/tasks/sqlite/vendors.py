"""What the vendor side asks: notes around a submission, due polls, results on their way, callbacks."""

from collections.abc import Mapping

from tutti.database.driver import sqlite
from tutti.errors import ConflictError
from tutti.kit.failpoint import hit
from tutti.tasks.model import Lease, Task, TaskFailure
from tutti.tasks.sqlite.base import SqliteBase
from tutti.tasks.sqlite.ending import cancel_task, fail_task
from tutti.tasks.sqlite.requeue import requeue
from tutti.tasks.sqlite.rows import FENCE, SELECT_TASK, TASK_COLUMNS, read_held, read_standing, task_from_row
from tutti.tasks.sqlite.step import Step
from tutti.tasks.states import TaskState

_NOTE_KEY = f"UPDATE tasks SET vendor_idempotency_key = ? WHERE {FENCE} AND state = 'submitting'"
_ACCEPT = f"""
    UPDATE tasks SET state = 'waiting', vendor_ref = ?, next_poll_at_ms = ?, lease_owner = NULL,
        lease_until_ms = NULL, version = version + 1
    WHERE {FENCE} AND state = 'submitting' RETURNING version
"""
_HAND_ON = "UPDATE tasks SET lane = ?, vendor_idempotency_key = NULL WHERE id = ?"
_COUNT_WAITING = "SELECT count(*) FROM tasks WHERE next_poll_at_ms IS NOT NULL"
_DUE = f"""
    UPDATE tasks SET next_poll_at_ms = ?
    WHERE id IN (SELECT id FROM tasks WHERE next_poll_at_ms <= ? ORDER BY next_poll_at_ms LIMIT ?)
    RETURNING {TASK_COLUMNS}
"""
_RESCHEDULE = """
    UPDATE tasks SET next_poll_at_ms = ?, version = version + (progress < ?), progress = max(progress, ?)
    WHERE id = ? AND state = 'waiting' RETURNING version
"""
_BEGIN_STORING = f"""
    UPDATE tasks SET state = 'storing', attempt = attempt + 1, lease_owner = ?, lease_until_ms = ?,
        next_poll_at_ms = NULL, version = version + 1
    WHERE id = ? AND state = 'waiting' RETURNING {TASK_COLUMNS}
"""
_RECEIVE = "INSERT OR IGNORE INTO inbox (channel, event_id, body, received_at_ms) VALUES (?, ?, ?, ?)"

_MAKE_DUE = "UPDATE tasks SET next_poll_at_ms = ? WHERE id = ? AND state = 'waiting'"


class SqliteVendors(SqliteBase):
    """`VendorStore` on SQLite."""

    async def note_submission(self, lease: Lease, *, vendor_idempotency_key: str | None) -> bool:
        """Make durable under which key the upstream will be asked."""
        values = (vendor_idempotency_key, lease.task_id, lease.owner, lease.attempt)
        return await self._write(lambda step: step.connection.execute(_NOTE_KEY, values).rowcount > 0)

    async def accept(self, lease: Lease, *, vendor_ref: str, next_poll_at_ms: int) -> bool:
        """The upstream took the work. Raises `ConflictError` when it gave an id that another task has."""
        version = await self._write(
            lambda step: accept(step, lease, vendor_ref=vendor_ref, next_poll_at_ms=next_poll_at_ms)
        )
        return self._changed(lease.task_id, version)

    async def hand_on(self, lease: Lease, *, lane: str, backoff_ms: int) -> bool:
        """Queue it again, in a lane that may be another's."""
        version = await self._write(lambda step: hand_on(step, lease, lane=lane, backoff_ms=backoff_ms))
        if version is not None and not backoff_ms:
            self._queued([lane])
        return self._changed(lease.task_id, version)

    async def count_waiting(self) -> int:
        """How many tasks wait for upstreams."""
        row = await self._read(lambda connection: connection.execute(_COUNT_WAITING).fetchone())
        return int(row[0])

    async def due_polls(self, *, limit: int, hold_ms: int) -> list[Task]:
        """Waiting tasks whose next poll is due."""
        return await self._write(lambda step: due_polls(step, limit=limit, hold_ms=hold_ms))

    async def reschedule(self, polls: Mapping[str, tuple[int, int]]) -> None:
        """When to poll next, and how far the upstream is."""
        for task_id, version in (await self._write(lambda step: reschedule(step, polls))).items():
            self._changed(task_id, version)

    async def begin_storing(self, task_id: str, *, owner: str, lease_ms: int) -> Task | None:
        """Move from waiting to storing under a lease."""
        task = await self._write(lambda step: begin_storing(step, task_id, owner=owner, lease_ms=lease_ms))
        self._changed(task_id, None if task is None else task.version)
        return task

    async def fail_waiting(self, task_id: str, failure: TaskFailure) -> bool:
        """Move from waiting to failed, refunded."""
        return self._changed(task_id, await self._write(lambda step: fail_waiting(step, task_id, failure)))

    async def receive(self, task_id: str, *, event_id: str, body: bytes) -> bool:
        """Note a callback once, and make its task due."""
        return await self._write(lambda step: receive(step, task_id, event_id, body))

    async def find_by_vendor_ref(self, lane: str, vendor_ref: str) -> Task | None:
        """The task behind an upstream's id."""
        query = f"{SELECT_TASK} WHERE lane = ? AND vendor_ref = ?"
        row = await self._read(lambda connection: connection.execute(query, (lane, vendor_ref)).fetchone())
        return None if row is None else task_from_row(row)


def accept(step: Step, lease: Lease, *, vendor_ref: str, next_poll_at_ms: int) -> int | None:
    """Note the upstream's id; a cancellation asked for meanwhile is carried out now that no worker holds the task."""
    task = read_held(step.connection, lease)
    values = (vendor_ref, next_poll_at_ms, lease.task_id, lease.owner, lease.attempt)
    try:
        row = step.connection.execute(_ACCEPT, values).fetchone()
    except sqlite.IntegrityError as error:
        raise ConflictError(f"The upstream gave task {lease.task_id} an id that another task has.") from error
    if task is None or row is None:
        return None
    if task.cancel_refund is not None:
        waiting = task._replace(state=TaskState.WAITING, version=int(row[0]))
        return cancel_task(step, waiting, task.cancel_refund)
    return int(row[0])


def hand_on(step: Step, lease: Lease, *, lane: str, backoff_ms: int) -> int | None:
    """Back to the queue; a cancellation that was asked for comes first."""
    task = read_held(step.connection, lease)
    if task is None or task.state != TaskState.SUBMITTING:
        return None
    if task.cancel_refund is not None:
        return cancel_task(step, task, task.cancel_refund)
    step.connection.execute(_HAND_ON, (lane, lease.task_id))
    return requeue(step, task, at_ms=step.now_ms + backoff_ms, is_attempt_given_back=True)


def due_polls(step: Step, *, limit: int, hold_ms: int) -> list[Task]:
    """Take due tasks out of others' sight for a while."""
    rows = step.connection.execute(_DUE, (step.now_ms + hold_ms, step.now_ms, limit)).fetchall()
    return [task_from_row(row) for row in rows]


def reschedule(step: Step, polls: Mapping[str, tuple[int, int]]) -> dict[str, int]:
    """Write the next polls; gives the versions of the tasks that still wait."""
    versions = {}
    for task_id, (next_poll_at_ms, progress) in polls.items():
        values = (next_poll_at_ms, progress, progress, task_id)
        row = step.connection.execute(_RESCHEDULE, values).fetchone()
        if row is not None:
            versions[task_id] = int(row[0])
    return versions


def begin_storing(step: Step, task_id: str, *, owner: str, lease_ms: int) -> Task | None:
    """Lease a waiting task; a new attempt, so that the fence tells this lease from an earlier one of the same owner."""
    row = step.connection.execute(_BEGIN_STORING, (owner, step.now_ms + lease_ms, task_id)).fetchone()
    return None if row is None else task_from_row(row)


def receive(step: Step, task_id: str, event_id: str, body: bytes) -> bool:
    """Note a callback that has not come before; a task that waits is due then."""
    is_new = step.connection.execute(_RECEIVE, (task_id, event_id, body, step.now_ms)).rowcount > 0
    if is_new:
        step.connection.execute(_MAKE_DUE, (step.now_ms, task_id))
    hit("callback-written")
    return is_new


def fail_waiting(step: Step, task_id: str, failure: TaskFailure) -> int | None:
    """Fail a task that still waits."""
    task = read_standing(step.connection, task_id)
    if task is None or task.state != TaskState.WAITING:
        return None
    return fail_task(step, task, failure)
