"""Work that is done once for a clip, however often it is asked for: its files in other forms, its two stems."""

from tutti.accounts.model import Caller
from tutti.errors import WorkFailedError
from tutti.families.services import Services
from tutti.families.suno.render import fail_reason
from tutti.families.suno.submit import priced_name, submit
from tutti.intents import AnyIntent
from tutti.tasks.model import Task
from tutti.tasks.states import TaskState

# After so many failures for one clip nobody tries again.
_MOST_TRIES = 5


class Once:
    """Submits such work."""

    def __init__(self, services: Services) -> None:
        self._services = services

    async def submit(self, caller: Caller, intent: AnyIntent, *, about: str) -> Task:
        """The task that does it: the one that was asked for before, unless that came to nothing or its files are gone.

        `about` says what it is done to. Raises what `submit` raises, and `WorkFailedError` when it failed too often.
        """
        offer = self._services.models.offer(priced_name(intent))
        task = None
        for number in range(_MOST_TRIES):
            # Its line breaks keep this key from being anyone's own: no header can hold one.
            key = f"once\n{about}\n{number}"
            submitted = await submit(self._services, caller, offer, intent, body=about.encode(), idempotency_key=key)
            task = submitted.task
            if not task.is_terminal or (task.state is TaskState.SUCCEEDED and await self._has_files(task)):
                return task
        assert task is not None
        raise WorkFailedError(f"It has failed {_MOST_TRIES} times for this clip: {fail_reason(task)}.")

    async def _has_files(self, task: Task) -> bool:
        """Whether what was made is still kept."""
        found = [info async for info in self._services.blobs.list_all(f"results/{task.id}")]
        return bool(found)
