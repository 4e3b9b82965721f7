"""Back to where another worker finds it: to the queue, or to waiting when an upstream has done its part."""

from tutti.tasks.model import AT_ONCE_MS
from tutti.tasks.sqlite.rows import Standing
from tutti.tasks.sqlite.step import Step
from tutti.tasks.states import TaskState, may_move

_REQUEUE = """
    UPDATE tasks SET state = ?, lease_owner = NULL, lease_until_ms = NULL, attempt = attempt - ?, run_at_ms = ?,
        next_poll_at_ms = ?, version = version + 1
    WHERE id = ? RETURNING version
"""


def holds_vendor_result(task: Standing) -> bool:
    """An upstream's finished work is fetched until the deadline; it is neither thrown away nor asked for twice."""
    return task.state == TaskState.STORING and task.vendor_ref is not None


def can_go_on(task: Standing) -> bool:
    """Whether a task whose worker failed may be taken up again."""
    return task.attempt < task.max_attempts or holds_vendor_result(task)


def requeue(step: Step, task: Standing, *, at_ms: int, is_attempt_given_back: bool = False) -> int:
    """Give up the lease; the next worker or poll may take it up at `at_ms`. Gives the new version."""
    target = TaskState.WAITING if holds_vendor_result(task) else TaskState.QUEUED
    assert may_move(TaskState(task.state), target)
    if at_ms <= step.now_ms:
        at_ms = AT_ONCE_MS
    next_poll_at_ms = at_ms if target is TaskState.WAITING else None
    values = (target.value, int(is_attempt_given_back), at_ms, next_poll_at_ms, task.id)
    (version,) = step.connection.execute(_REQUEUE, values).fetchone()
    return int(version)
