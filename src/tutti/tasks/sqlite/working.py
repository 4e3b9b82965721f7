"""What workers ask: claim, heartbeat, publish, and the ends of their work; every write fenced by the lease."""

from collections.abc import Awaitable, Callable, Sequence
from functools import cached_property
from typing import NamedTuple

from tutti.errors import ConflictError, TuttiError
from tutti.kit.failpoint import hit
from tutti.tasks.model import Lease, Pulse, PulseVerdicts, RefundPolicy, Task, TaskFailure
from tutti.tasks.sqlite.base import SqliteBase
from tutti.tasks.sqlite.ending import Ending, cancel_task, end_all, fail_task
from tutti.tasks.sqlite.events import queue_event
from tutti.tasks.sqlite.requeue import can_go_on, requeue
from tutti.tasks.sqlite.rows import (
    FENCE,
    TASK_COLUMNS,
    TASK_WIDTH,
    Standing,
    read_held,
    read_standings,
    read_task,
    task_from_row,
)
from tutti.tasks.sqlite.step import Step
from tutti.tasks.states import TaskState, may_move

_CLAIM = f"""
    UPDATE tasks SET state = :state, attempt = attempt + 1, lease_owner = :owner, lease_until_ms = :until,
        progress = 0, progress_note = '', version = version + 1,
        started_at_ms = CASE started_at_ms WHEN 0 THEN :now ELSE started_at_ms END
    WHERE id IN (SELECT id FROM tasks WHERE state = 'queued' AND lane = :lane AND run_at_ms <= :now
                 ORDER BY priority, vtag LIMIT :limit)
    RETURNING {TASK_COLUMNS}, priority, vtag, event_seq
"""
_PROLONG = f"""
    UPDATE tasks SET lease_until_ms = ?, version = version + (progress < ? OR progress_note <> ?),
        progress = max(progress, ?), progress_note = ?
    WHERE {FENCE} RETURNING version, cancel_refund
"""
_PART = "SELECT result FROM parts WHERE task_id = ? AND part_index = ?"
_PUBLISH = "INSERT OR REPLACE INTO parts (task_id, part_index, result, at_ms) VALUES (?, ?, ?, ?)"
_BUMP = "UPDATE tasks SET version = version + 1 WHERE id = ? RETURNING version"


class Completion(NamedTuple):
    """A task that its worker has done."""

    lease: Lease
    output: bytes
    # The held price when None.
    cost: int | None


class SqliteWorking(SqliteBase):
    """`WorkStore` on SQLite, but for what `reaping` does."""

    async def claim(self, lane: str, *, owner: str, limit: int, lease_ms: int, state: TaskState) -> list[Task]:
        """Lease queued tasks, fairest first."""
        assert may_move(TaskState.QUEUED, state)
        tasks = await self._write(
            lambda step: claim(step, lane, owner=owner, limit=limit, lease_ms=lease_ms, state=state)
        )
        hit("claim-committed")
        for task in tasks:
            self._changed(task.id, task.version)
        return tasks

    async def heartbeat(self, pulses: Sequence[Pulse], *, lease_ms: int) -> PulseVerdicts:
        """Prolong leases and note progress."""
        verdicts, versions = await self._write(lambda step: heartbeat(step, pulses, lease_ms=lease_ms))
        for task_id, version in versions.items():
            self._changed(task_id, version)
        return verdicts

    async def publish_part(self, lease: Lease, *, index: int, result: bytes) -> bool:
        """Make one part visible."""
        version = await self._write(lambda step: publish_part(step, lease, index=index, result=result))
        return self._changed(lease.task_id, version)

    @cached_property
    def _complete(self) -> Callable[[Completion], Awaitable[int | None]]:
        return self._together(complete_all)

    async def complete(self, lease: Lease, *, output: bytes, cost: int | None = None) -> bool:
        """Succeed and charge."""
        version = await self._complete(Completion(lease, output, cost))
        hit("settle-committed")
        return self._changed(lease.task_id, version)

    async def fail(
        self, lease: Lease, failure: TaskFailure, *, may_retry: bool, backoff_ms: int = 0
    ) -> TaskState | None:
        """Queue again, or fail and refund."""
        task = await self._write(lambda step: fail(step, lease, failure, may_retry=may_retry, backoff_ms=backoff_ms))
        if task is None:
            return None
        self._changed(task.id, task.version)
        if task.state is TaskState.QUEUED:
            self._queued([task.lane])
        return task.state

    async def finish_cancel(self, lease: Lease) -> bool:
        """End a task whose cancellation its worker has carried out."""
        return self._changed(lease.task_id, await self._write(lambda step: finish_cancel(step, lease)))


def claim(step: Step, lane: str, *, owner: str, limit: int, lease_ms: int, state: TaskState) -> list[Task]:
    """Lease the fairest tasks of a lane; a task's first start is told to its hook."""
    rows = step.connection.execute(
        _CLAIM,
        {
            "state": state.value,
            "owner": owner,
            "until": step.now_ms + lease_ms,
            "now": step.now_ms,
            "lane": lane,
            "limit": limit,
        },
    ).fetchall()
    # RETURNING gives rows in no set order.
    rows.sort(key=lambda row: row[TASK_WIDTH : TASK_WIDTH + 2])
    tasks = []
    for row in rows:
        task, (_, tag, event_seq) = task_from_row(row), row[TASK_WIDTH:]
        tasks.append(task)
        step.tags.note_claim(lane, tag)
        # A second attempt is no news to the hook.
        if task.notify_hook is not None and event_seq == 0:
            queue_event(step, task.id)
    return tasks


def heartbeat(step: Step, pulses: Sequence[Pulse], *, lease_ms: int) -> tuple[PulseVerdicts, dict[str, int]]:
    """Prolong leases; also the versions of the tasks that go on."""
    lost, cancelled, versions = set(), set(), {}
    for pulse in pulses:
        lease, until_ms = pulse.lease, step.now_ms + lease_ms
        progress = (pulse.progress, pulse.note)
        values = (until_ms, *progress, *progress, lease.task_id, lease.owner, lease.attempt)
        row = step.connection.execute(_PROLONG, values).fetchone()
        if row is None:
            lost.add(lease.task_id)
            continue
        versions[lease.task_id] = int(row[0])
        if row[1] is not None:
            cancelled.add(lease.task_id)
    return PulseVerdicts(lost=frozenset(lost), cancelled=frozenset(cancelled)), versions


def publish_part(step: Step, lease: Lease, *, index: int, result: bytes) -> int | None:
    """Write a part; the same part again changes nothing and is told to nobody."""
    if read_held(step.connection, lease) is None:
        return None
    present = step.connection.execute(_PART, (lease.task_id, index)).fetchone()
    if present is not None and present[0] == result:
        return _version(step, lease.task_id)
    step.connection.execute(_PUBLISH, (lease.task_id, index, result, step.now_ms))
    (version,) = step.connection.execute(_BUMP, (lease.task_id,)).fetchone()
    queue_event(step, lease.task_id)
    return int(version)


def complete_all(step: Step, asks: Sequence[Completion]) -> list[int | TuttiError | None]:
    """Succeed; the new versions, None where the lease is stale, `ConflictError` where nobody has worked on it yet."""
    live = read_standings(step.connection, [ask.lease.task_id for ask in asks])
    outcomes: list[int | TuttiError | None] = []
    ends = []
    for ask in asks:
        task = live.get(ask.lease.task_id)
        if task is None or not task.is_held(ask.lease):
            outcomes.append(None)
        elif not may_move(TaskState(task.state), TaskState.SUCCEEDED):
            outcomes.append(ConflictError(f"Task {task.id} is {task.state}: it cannot succeed from there."))
        else:
            cost = task.price if ask.cost is None else ask.cost
            ends.append((task, Ending(state=TaskState.SUCCEEDED, cost=cost, output=ask.output)))
            outcomes.append(task.version + 1)
            # Whoever completes it again in this group holds it no longer.
            del live[task.id]
    end_all(step, ends)
    return outcomes


def fail(step: Step, lease: Lease, failure: TaskFailure, *, may_retry: bool, backoff_ms: int) -> Task | None:
    """The task after its worker failed; a cancellation that was asked for comes first."""
    task = read_held(step.connection, lease)
    if task is None:
        return None
    if task.cancel_refund is not None:
        cancel_task(step, task, task.cancel_refund)
    elif may_retry and can_go_on(task):
        requeue(step, task, at_ms=step.now_ms + backoff_ms)
    else:
        fail_task(step, task, failure)
    return read_task(step.connection, lease.task_id)


def finish_cancel(step: Step, lease: Lease) -> int | None:
    """End as cancelled, under the policy that was asked for."""
    task = read_held(step.connection, lease)
    return None if task is None else cancel_task(step, task, _policy_of(task))


def _policy_of(task: Standing) -> str:
    """A worker that stops unasked must not cost the caller anything."""
    return task.cancel_refund or RefundPolicy.FULL


def _version(step: Step, task_id: str) -> int:
    (version,) = step.connection.execute("SELECT version FROM tasks WHERE id = ?", (task_id,)).fetchone()
    return int(version)
