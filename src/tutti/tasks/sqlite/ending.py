"""How a task ends: state, money and the last event in one place, whoever ends it."""

from collections import defaultdict
from collections.abc import Sequence

import msgspec

from tutti.database.driver import Connection
from tutti.kit.failpoint import hit
from tutti.tasks.model import RefundPolicy, TaskFailure
from tutti.tasks.sqlite.events import queue_event
from tutti.tasks.sqlite.rows import Standing
from tutti.tasks.sqlite.step import Step
from tutti.tasks.states import TaskState, may_move

_END = """
    UPDATE tasks SET state = ?, final_cost = ?, output = ?, error_code = ?, error_message = ?,
        progress = CASE WHEN ? THEN 100 ELSE progress END, finished_at_ms = ?, version = version + 1,
        lease_owner = NULL, lease_until_ms = NULL, next_poll_at_ms = NULL
    WHERE id = ?
"""
_SETTLE = "INSERT INTO ledger (kind, ref, user_id, key_id, amount, at_ms) VALUES ('settle', ?, ?, ?, ?, ?)"
_PAY_USER = "UPDATE users SET quota = quota + ?, used_quota = used_quota + ? WHERE id = ?"
# A key without a limit has a null quota, and stays so.
_PAY_KEY = "UPDATE keys SET quota = quota + ?, used_quota = used_quota + ? WHERE id = ?"


class Ending(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """How a task is to end, and what of its price is charged."""

    state: TaskState
    cost: int = 0
    output: bytes | None = None
    failure: TaskFailure | None = None


def end_task(step: Step, task: Standing, ending: Ending) -> int:
    """End a live task. Gives its new version."""
    end_all(step, [(task, ending)])
    return task.version + 1


def end_all(step: Step, ends: Sequence[tuple[Standing, Ending]]) -> None:
    """End live tasks: charge the cost (0 up to the held price), give the rest back, queue the last event.

    Each task's version grows by one.
    """
    if not ends:
        return
    back = _Back()
    rows, settlements = [], []
    for task, ending in ends:
        assert may_move(TaskState(task.state), ending.state)
        cost = min(max(ending.cost, 0), task.price)
        refund = task.price - cost
        back.give(task, refund=refund, cost=cost)
        rows.append(_row(step, task, ending, cost))
        settlements.append((task.id, task.user_id, task.key_id, refund, step.now_ms))
    step.connection.executemany(_END, rows)
    step.connection.executemany(_SETTLE, settlements)
    back.write(step.connection)
    for task, _ in ends:
        if task.notify_hook is not None:
            queue_event(step, task.id)
        hit("settle-written")


class _Back:
    """What users and keys get back of what was held, and what of it they have spent."""

    def __init__(self) -> None:
        self._users: defaultdict[int, list[int]] = defaultdict(lambda: [0, 0])
        self._keys: defaultdict[int, list[int]] = defaultdict(lambda: [0, 0])

    def give(self, task: Standing, *, refund: int, cost: int) -> None:
        for sums in (self._users[task.user_id], self._keys[task.key_id]):
            sums[0] += refund
            sums[1] += cost

    def write(self, connection: Connection) -> None:
        connection.executemany(_PAY_USER, [(*sums, user_id) for user_id, sums in self._users.items()])
        connection.executemany(_PAY_KEY, [(*sums, key_id) for key_id, sums in self._keys.items()])


def _row(step: Step, task: Standing, ending: Ending, cost: int) -> tuple[object, ...]:
    failure = ending.failure
    return (
        ending.state.value,
        cost,
        ending.output,
        failure and failure.code,
        failure and failure.message,
        ending.state is TaskState.SUCCEEDED,
        step.now_ms,
        task.id,
    )


def cancel_task(step: Step, task: Standing, policy: str) -> int:
    """End a task as cancelled under a refund policy; one that still waits for a worker is refunded in full."""
    is_charged = policy == RefundPolicy.NONE and task.state != TaskState.QUEUED
    return end_task(step, task, Ending(state=TaskState.CANCELLED, cost=task.price if is_charged else 0))


def fail_task(step: Step, task: Standing, failure: TaskFailure) -> int:
    """End a task as failed and refunded."""
    return end_task(step, task, Ending(state=TaskState.FAILED, failure=failure))
