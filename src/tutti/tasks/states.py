"""The states of a task and the only ways between them.

    queued -> running -> storing -> succeeded                           an engine's work
    queued -> submitting -> waiting -> storing -> succeeded             a vendor's work
    any live state -> failed | cancelled | expired;  a lost lease -> queued

A new state needs its row here first; stores move tasks by this table and by nothing else.
"""

from enum import StrEnum


class TaskState(StrEnum):
    """Where a task stands."""

    QUEUED = "queued"  # waits for a worker
    RUNNING = "running"  # leased by a worker, an engine computes
    SUBMITTING = "submitting"  # leased by a worker, a vendor is being asked
    WAITING = "waiting"  # accepted by a vendor, polled or called back, no lease
    STORING = "storing"  # leased by a worker, results are on their way to the blobs
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"
    EXPIRED = "expired"  # its deadline passed


TERMINAL = frozenset({TaskState.SUCCEEDED, TaskState.FAILED, TaskState.CANCELLED, TaskState.EXPIRED})
LIVE = frozenset(TaskState) - TERMINAL
LEASED = frozenset({TaskState.RUNNING, TaskState.SUBMITTING, TaskState.STORING})

_ENDINGS = frozenset({TaskState.FAILED, TaskState.CANCELLED, TaskState.EXPIRED})

MOVES: dict[TaskState, frozenset[TaskState]] = {
    TaskState.QUEUED: frozenset({TaskState.RUNNING, TaskState.SUBMITTING}) | _ENDINGS,
    TaskState.RUNNING: frozenset({TaskState.QUEUED, TaskState.STORING, TaskState.SUCCEEDED}) | _ENDINGS,
    TaskState.SUBMITTING: frozenset({TaskState.QUEUED, TaskState.WAITING, TaskState.STORING}) | _ENDINGS,
    TaskState.WAITING: frozenset({TaskState.STORING}) | _ENDINGS,
    # A lost lease while storing vendor results goes back to waiting: the vendor's work is not asked for twice.
    TaskState.STORING: frozenset({TaskState.QUEUED, TaskState.WAITING, TaskState.SUCCEEDED}) | _ENDINGS,
    TaskState.SUCCEEDED: frozenset(),
    TaskState.FAILED: frozenset(),
    TaskState.CANCELLED: frozenset(),
    TaskState.EXPIRED: frozenset(),
}


def may_move(origin: TaskState, target: TaskState) -> bool:
    """Whether a task may go from one state to the other."""
    return target in MOVES[origin]
