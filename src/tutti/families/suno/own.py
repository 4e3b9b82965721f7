"""The caller's own tasks of this family, by the ids that they were told."""

from collections.abc import Sequence

from tutti.accounts.model import Caller
from tutti.families.services import Services
from tutti.families.suno.submit import FAMILY
from tutti.tasks.model import Task


async def own_tasks(services: Services, caller: Caller, ids: Sequence[str]) -> list[Task]:
    """Those of these tasks that exist and are the caller's, in no set order."""
    found = await services.store.find(ids, user_id=caller.user_id)
    return [task for task in found if task.family == FAMILY]


async def own_task(services: Services, caller: Caller, task_id: str, *, kind: str | None = None) -> Task | None:
    """One of them, of a kind where one is named."""
    found = await own_tasks(services, caller, [task_id])
    return found[0] if found and kind in {None, found[0].kind} else None
