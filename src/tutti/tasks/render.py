"""The seam by which a task is told in its family's own wire, to callers and to webhooks.

Families register a renderer in `front.py`; the store calls it inside the transaction that queues a webhook, so it must
be pure and quick.
"""

from collections.abc import Sequence
from typing import Protocol

from tutti.tasks.model import Task, TaskPart


class Renderer(Protocol):
    """Tells a task in one family's wire."""

    def __call__(self, task: Task, parts: Sequence[TaskPart]) -> bytes:
        """The bare task object as JSON, with file links that stay valid longer than the webhook ladder."""
        ...
