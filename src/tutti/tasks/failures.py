"""The failures that tasks meet without any engine or vendor: one wording for all stores."""

from tutti.tasks.model import TaskFailure

DEADLINE_EXCEEDED = TaskFailure(code="deadline_exceeded", message="The task was not done before its deadline.")


def worker_lost(attempts: int) -> TaskFailure:
    """Every attempt ended with a worker that was heard of no more."""
    return TaskFailure(code="worker_lost", message=f"The worker was lost {attempts} times over.")
