"""Webhook events on their way into the outbox, in the transaction of what they tell.

One event for each visible change of status. An event that tells of progress replaces one that nobody has taken up yet,
and after the last event there is none.
"""

import structlog

from tutti.kit.ids import new_id
from tutti.tasks.model import AT_ONCE_MS, Task
from tutti.tasks.sqlite.rows import read_parts, read_task
from tutti.tasks.sqlite.step import Step

_log = structlog.get_logger(__name__)

_TAKE_NUMBER = "UPDATE tasks SET event_seq = event_seq + 1 WHERE id = ? RETURNING event_seq"
# One that is being delivered stays; it is not tried again once a newer one is there.
_DROP_UNDELIVERED = """
    DELETE FROM outbox WHERE task_id = ? AND state = 'pending' AND (lease_until_ms IS NULL OR lease_until_ms <= ?)
"""
_INSERT = """
    INSERT INTO outbox (id, task_id, seq, user_id, endpoint, body, is_terminal, next_at_ms, created_at_ms)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
"""


def queue_event(step: Step, task_id: str) -> None:
    """Freeze the task as it now stands into an event for its hook; nothing when it has none."""
    task = read_task(step.connection, task_id)
    if task is None or task.notify_hook is None:
        return
    body = _render(step, task)
    if body is None:
        return
    step.connection.execute(_DROP_UNDELIVERED, (task_id, step.now_ms))
    (seq,) = step.connection.execute(_TAKE_NUMBER, (task_id,)).fetchone()
    step.connection.execute(
        _INSERT,
        (
            new_id(step.now_ms),
            task_id,
            seq,
            task.user_id,
            task.notify_hook,
            body,
            task.is_terminal,
            AT_ONCE_MS,
            step.now_ms,
        ),
    )


def _render(step: Step, task: Task) -> bytes | None:
    """The event's body; a family that cannot tell its task must not keep money and state from moving."""
    try:
        return step.render(task, read_parts(step.connection, [task.id]).get(task.id, ()))
    except Exception:  # noqa: BLE001 - whatever a renderer raises, it is logged and the verb goes on
        _log.exception("event_not_rendered", family=task.family, **task.log_fields())
        return None
