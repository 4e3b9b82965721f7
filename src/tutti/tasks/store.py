"""The seam to durable storage of tasks, money and events; `sqlite` and `memory` fulfil it, one suite tests both.

Small protocols for those who use them: families (`TaskStore`), workers (`WorkStore`), the vendor side
(`VendorStore`), the webhook deliverer (`Outbox`), watchers (`Census`), readers who wait (`Changes`) and operators who
look something up (`Records`). One class implements all and `AccountStore` too, because each verb is ONE transaction
that moves state, money and events together:

- a submit takes the hold from user and key and writes the ledger's `hold` row with the task;
- every end writes exactly one `settle` row, gives back what is not charged, and queues the last event;
- every write of a worker is fenced by its `Lease`; a stale one changes nothing and returns False.

All verbs answer after COMMIT. Operations that arrive together travel in one transaction, each with its own verdict.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

from tutti.tasks.model import (
    EventRecord,
    Lease,
    LedgerRow,
    NewTask,
    OutboxEvent,
    Pulse,
    PulseVerdicts,
    RefundPolicy,
    Submitted,
    Task,
    TaskFailure,
    TaskPart,
)
from tutti.tasks.states import TaskState


class TaskStore(Protocol):
    """What families need."""

    async def submit(self, new: NewTask) -> Submitted:
        """Task, hold and ledger row in one commit.

        An Idempotency-Key seen before from this user gives the old task and holds nothing. Raises `UserQuotaError`,
        `KeyQuotaError` when the price is not covered, `ConflictError` when the key came with another body; nothing is
        written then.
        """
        ...

    async def find(self, public_ids: Sequence[str], *, user_id: int | None) -> list[Task]:
        """The tasks of these public ids that exist and belong to the user (any user when None), in no set order."""
        ...

    async def find_by_parts(self, part_ids: Sequence[str], *, user_id: int | None) -> list[Task]:
        """The tasks that promised parts under these ids, each once, if they belong to the user (any user when None)."""
        ...

    async def list_tasks(
        self, *, user_id: int | None, limit: int, before_id: str | None = None, state: TaskState | None = None
    ) -> list[Task]:
        """A user's tasks (everybody's when None), newest first, older than `before_id`."""
        ...

    async def parts(self, task_ids: Sequence[str]) -> Mapping[str, tuple[TaskPart, ...]]:
        """The published parts of these tasks in index order; ids without parts are absent."""
        ...

    async def known(self, task_ids: set[str]) -> set[str]:
        """Those of these ids that are tasks."""
        ...

    async def cancel(self, task_id: str, *, refund: RefundPolicy) -> Task | None:
        """Cancel: a queued or waiting task ends at once, a leased one when its worker next reports.

        Gives the task as it now stands (a terminal task is left as it is), None when there is no such task.
        """
        ...


class WorkStore(Protocol):
    """What workers need; `owner` names one incarnation of one process."""

    async def claim(self, lane: str, *, owner: str, limit: int, lease_ms: int, state: TaskState) -> list[Task]:
        """Lease up to `limit` queued tasks of a lane, fairest first, moving them to `state` (running or submitting)."""
        ...

    async def heartbeat(self, pulses: Sequence[Pulse], *, lease_ms: int) -> PulseVerdicts:
        """Prolong leases and note progress."""
        ...

    async def publish_part(self, lease: Lease, *, index: int, result: bytes) -> bool:
        """Make one part of the result visible; publishing the same index again replaces it."""
        ...

    async def complete(self, lease: Lease, *, output: bytes, cost: int | None = None) -> bool:
        """Succeed and charge `cost` (the held price when None, never more than it)."""
        ...

    async def fail(
        self, lease: Lease, failure: TaskFailure, *, may_retry: bool, backoff_ms: int = 0
    ) -> TaskState | None:
        """Back to queued while attempts remain and retry may help, else failed and refunded; None when stale."""
        ...

    async def finish_cancel(self, lease: Lease) -> bool:
        """End a task whose cancellation its worker has carried out."""
        ...

    async def release(self, owner: str) -> int:
        """Give back all leases of an owner without burning attempts (shutdown, or a former incarnation at boot)."""
        ...

    async def reap(self) -> int:
        """Put tasks with a lost lease back (or fail and refund them when attempts are spent), expire overdue ones."""
        ...


class VendorStore(Protocol):
    """What the vendor side needs."""

    async def note_submission(self, lease: Lease, *, vendor_idempotency_key: str | None) -> bool:
        """Make durable, before the upstream is called, under which key it will be asked; None: it said no."""
        ...

    async def accept(self, lease: Lease, *, vendor_ref: str, next_poll_at_ms: int) -> bool:
        """The upstream took the work: submitting -> waiting, lease given up."""
        ...

    async def hand_on(self, lease: Lease, *, lane: str, backoff_ms: int) -> bool:
        """Nobody took the work: queue it again in a lane, this one or another's, as if it had not been tried."""
        ...

    async def count_waiting(self) -> int:
        """How many tasks wait for upstreams."""
        ...

    async def due_polls(self, *, limit: int, hold_ms: int) -> list[Task]:
        """Waiting tasks whose next poll is due; it is pushed `hold_ms` ahead so that no one else polls meanwhile."""
        ...

    async def reschedule(self, polls: Mapping[str, tuple[int, int]]) -> None:
        """Task id -> (next_poll_at_ms, progress percent) for tasks that go on waiting; progress never goes back."""
        ...

    async def begin_storing(self, task_id: str, *, owner: str, lease_ms: int) -> Task | None:
        """Move waiting -> storing under a lease; None when another got there first."""
        ...

    async def fail_waiting(self, task_id: str, failure: TaskFailure) -> bool:
        """The upstream reported failure: waiting -> failed and refunded."""
        ...

    async def receive(self, task_id: str, *, event_id: str, body: bytes) -> bool:
        """Note an upstream's callback once and make its waiting task due; False when this event had come before."""
        ...

    async def find_by_vendor_ref(self, lane: str, vendor_ref: str) -> Task | None:
        """The task that an upstream's id belongs to."""
        ...


class Outbox(Protocol):
    """What the webhook deliverer needs."""

    async def due_events(self, *, owner: str, limit: int, lease_ms: int) -> list[OutboxEvent]:
        """Lease events whose time has come."""
        ...

    async def mark_delivered(self, event_id: str, *, status: int) -> None:
        """The receiver took it."""
        ...

    async def retry_event(self, event_id: str, *, next_at_ms: int, status: int | None) -> None:
        """Try again later; a newer event of the task may have replaced it meanwhile."""
        ...

    async def bury_event(self, event_id: str, *, status: int | None) -> None:
        """Give up; it stays listed for redelivery by hand."""
        ...


class Census(Protocol):
    """How much there is to do, for those who watch over a server."""

    async def count_live(self) -> dict[tuple[str, TaskState], int]:
        """Tasks that have not ended, by lane and state; what there is none of is absent."""
        ...

    async def count_waiting_events(self) -> int:
        """Webhook events that have been neither delivered nor given up."""
        ...


class Changes(Protocol):
    """Wake-ups inside this process; losing one costs only latency, since waiters also look by the clock."""

    async def wait_for_task(self, task_id: str, *, seen_version: int, timeout_s: float) -> None:
        """Return when the task has changed past `seen_version`, or at the timeout."""
        ...

    async def wait_for_work(self, lanes: Iterable[str], *, timeout_s: float) -> None:
        """Return when something was queued in one of the lanes, or at the timeout."""
        ...


class Records(Protocol):
    """What operators look up, and set going again."""

    async def look_up(self, task_id: str) -> Task | None:
        """The task of this id, ours or the one that its caller knows."""
        ...

    async def events_of(self, task_id: str) -> list[EventRecord]:
        """The webhooks of a task that were not overtaken, oldest first."""
        ...

    async def buried_events(self, *, limit: int) -> list[EventRecord]:
        """Webhooks that were given up and that nothing newer of their task has replaced, newest first."""
        ...

    async def redeliver(self, event_ids: Sequence[str]) -> list[EventRecord]:
        """Let those of these that were given up be tried again from the beginning; gives them."""
        ...

    async def ledger_of(self, subject: str) -> list[LedgerRow]:
        """The rows that a task, a flush or a payment has in the ledger."""
        ...
