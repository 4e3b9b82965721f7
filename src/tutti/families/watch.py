"""Following a task while a caller waits for it."""

from collections.abc import AsyncIterator

from tutti.errors import NotFoundError
from tutti.families.services import Services
from tutti.tasks.model import Task


async def watch(services: Services, task: Task, *, every_s: float) -> AsyncIterator[Task]:
    """The task as it stands: now, after each change, and at least `every_s` seconds apart; last when it has ended."""
    while True:
        found = await services.store.find([task.public_id], user_id=task.user_id)
        if not found:
            raise NotFoundError(f"The task {task.public_id!r} is gone.", subject=task.public_id)
        task = found[0]
        yield task
        if task.is_terminal:
            return
        await services.changes.wait_for_task(task.id, seen_version=task.version, timeout_s=every_s)
