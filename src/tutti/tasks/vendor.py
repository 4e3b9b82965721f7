"""The seam to upstreams that work on tasks: submit, poll, fetch what was made.

A vendor is I/O only; it keeps nothing. `submitter.py` and `poller.py` drive it and make each step durable around its
calls.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from tutti.tasks.model import Task, TaskFailure


class LostReplyPolicy(StrEnum):
    """What to do when an upstream may or may not have taken the work and can not be asked."""

    SAME_KEY = "same_key"  # the upstream honours idempotency keys: asking again is safe
    FAIL_AND_REFUND = "fail_and_refund"
    RESUBMIT = "resubmit"  # the operator may pay the upstream twice; the user never pays twice


@dataclass(frozen=True, kw_only=True, slots=True)
class VendorAnswer:
    """What an upstream says of one task: still working, done, or failed.

    `result` is the intent's result as JSON, `parts` those of it that callers read by themselves, in order; the values
    of their `files` are addresses at the upstream.
    """

    vendor_ref: str
    progress: int = 0
    result: bytes | None = None
    parts: tuple[bytes, ...] = ()
    failure: TaskFailure | None = None


class Vendor(Protocol):
    """One upstream behind a channel."""

    @property
    def lost_reply(self) -> LostReplyPolicy:
        """What its channel wants done in doubt."""
        ...

    async def submit(self, task: Task, *, idempotency_key: str) -> str:
        """Ask for the work; gives the upstream's id. Raises the leaf of `VendorError` that tells what is known."""
        ...

    async def look_up(self, idempotency_key: str) -> str | None:
        """The upstream's id of work asked for under this key, None when unknown or not supported."""
        ...

    async def poll(self, tasks: Sequence[Task]) -> Sequence[VendorAnswer]:
        """Where these stand, in one batch call where the wire has one; those it does not know are left out.

        Raises `VendorError` when it cannot be asked.
        """
        ...

    async def fetch(self, address: str, target: Path) -> None:
        """Download one file of a result. Raises `VendorError` when it is cut short or gone."""
        ...


class Elsewhere(Protocol):
    """Finds another channel for work that one could not take."""

    def __call__(self, task: Task) -> str | None:
        """The lane of a channel that may take it now; None when there is none, or when the work cannot move."""
        ...
