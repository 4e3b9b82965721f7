"""How a task ends: state, money and the last event in one place, whoever ends it."""

from dataclasses import dataclass

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
    WHERE id = ? RETURNING version
"""
_SETTLE = "INSERT INTO ledger (kind, ref, user_id, key_id, amount, at_ms) VALUES ('settle', ?, ?, ?, ?, ?)"
_PAY_USER = "UPDATE users SET quota = quota + ?, used_quota = used_quota + ? WHERE id = ?"
# A key without a limit has a null quota, and stays so.
_PAY_KEY = "UPDATE keys SET quota = quota + ?, used_quota = used_quota + ? WHERE id = ?"


@dataclass(frozen=True, kw_only=True, slots=True)
class Ending:
    """How a task is to end, and what of its price is charged."""

    state: TaskState
    cost: int = 0
    output: bytes | None = None
    failure: TaskFailure | None = None


def end_task(step: Step, task: Standing, ending: Ending) -> int:
    """End a live task: charge the cost (0 up to the held price), give the rest back, queue the last event.

    Gives the task's new version.
    """
    assert may_move(TaskState(task.state), ending.state)
    cost = min(max(ending.cost, 0), task.price)
    refund = task.price - cost
    failure = ending.failure
    (version,) = step.connection.execute(
        _END,
        (
            ending.state.value,
            cost,
            ending.output,
            failure and failure.code,
            failure and failure.message,
            ending.state is TaskState.SUCCEEDED,
            step.now_ms,
            task.id,
        ),
    ).fetchone()
    step.connection.execute(_SETTLE, (task.id, task.user_id, task.key_id, refund, step.now_ms))
    step.connection.execute(_PAY_USER, (refund, cost, task.user_id))
    step.connection.execute(_PAY_KEY, (refund, cost, task.key_id))
    if task.notify_hook is not None:
        queue_event(step, task.id)
    hit("settle-written")
    return int(version)


def cancel_task(step: Step, task: Standing, policy: str) -> int:
    """End a task as cancelled under a refund policy; one that still waits for a worker is refunded in full."""
    is_charged = policy == RefundPolicy.NONE and task.state != TaskState.QUEUED
    return end_task(step, task, Ending(state=TaskState.CANCELLED, cost=task.price if is_charged else 0))


def fail_task(step: Step, task: Standing, failure: TaskFailure) -> int:
    """End a task as failed and refunded."""
    return end_task(step, task, Ending(state=TaskState.FAILED, failure=failure))
