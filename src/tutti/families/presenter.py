"""The seam by which durable work of one kind is asked for and told in a chat.

A family fulfils it for its kind and `front.py` hands it to the chat routes.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from tutti.accounts.model import Caller
from tutti.families.services import Link
from tutti.routing.models import Offer
from tutti.tasks.model import Submitted, Task, TaskPart


@dataclass(frozen=True, kw_only=True, slots=True)
class Ask:
    """What was asked in a chat."""

    # The name the caller used, and the last thing the user said.
    model: str
    text: str
    # The request as it came, and the caller's Idempotency-Key.
    body: bytes
    idempotency_key: str | None


class Presenter(Protocol):
    """Asks for and tells one kind of work."""

    # What is streamed now and then while the work is done.
    heartbeat: str

    async def submit(self, caller: Caller, offer: Offer, ask: Ask) -> Submitted:
        """Store the work as a task. Raises `TuttiError` when it is refused."""
        ...

    def accepted(self, ask: Ask) -> str:
        """The sentence that says the work has been taken."""
        ...

    def result(self, task: Task, parts: Sequence[TaskPart], link: Link) -> str:
        """The finished work as markdown."""
        ...
