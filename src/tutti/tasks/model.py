"""A durable task: what is stored of it, and the values that its verbs take and give.

Times are whole milliseconds since 1970 UTC (`_ms`), since they are compared in SQL by the thousand; families turn them
into their wire's form. Money is whole units (500,000 units = 1 USD).

What every call makes and drops is a msgspec struct: one costs a third to a thirtieth of a frozen dataclass, and the
garbage collector passes it by.
"""

from dataclasses import dataclass
from enum import StrEnum

import msgspec

from tutti.tasks.states import TERMINAL, TaskState

# When what may be taken up at once is due: not the present, since a clock that is set back would hold it up.
AT_ONCE_MS = 0


class NewTask(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A task as a family submits it: everything that must be durable before the caller hears an id."""

    # UUIDv7, from `tutti.kit.ids.new_id`.
    id: str
    # The id the caller sees, unique, in its family's own form.
    public_id: str
    # Which family renders it: "suno", "tasks" ...
    family: str
    # The tag of the intent: "song", "lyrics" ...
    kind: str
    # The name it is priced and reported under: "suno_music".
    model: str
    user_id: int
    key_id: int
    # The intent as JSON, and the caller's own body with every field we do not know.
    intent: bytes
    request: bytes
    # Units held now and charged on success.
    price: int
    # The queue it waits in: "engine:song" or "channel:<id>".
    lane: str
    # Smaller goes first; within one priority the fair tag decides.
    priority: int = 5
    max_attempts: int = 3
    deadline_at_ms: int
    # The caller's Idempotency-Key and the SHA-256 of the body it came with, both or neither.
    idempotency_key: str | None = None
    body_hash: str | None = None
    # Where to post the bare task object on every change of status.
    notify_hook: str | None = None
    # The ids by which callers will know its parts, each given out once: the task is found by any of them.
    part_ids: tuple[str, ...] = ()


class Task(msgspec.Struct, frozen=True, gc=False):
    """A task row as read; the defaults are those of a new one."""

    id: str
    public_id: str
    family: str
    kind: str
    model: str
    user_id: int
    key_id: int
    intent: bytes
    request: bytes
    lane: str
    max_attempts: int
    price: int
    notify_hook: str | None
    created_at_ms: int
    deadline_at_ms: int
    state: TaskState = TaskState.QUEUED
    # How often a worker has claimed it; with the lease owner it fences every write of a worker.
    attempt: int = 0
    # Percent, 0..100, never going back within an attempt.
    progress: int = 0
    progress_note: str = ""
    # What was charged in the end: None while live, 0 when refunded.
    final_cost: int | None = None
    # The result as JSON once succeeded.
    output: bytes | None = None
    error: "TaskFailure | None" = None
    lease_owner: str | None = None
    is_cancel_requested: bool = False
    # The upstream's own id of the work, once accepted, and the key we asked with so that asking twice is safe.
    vendor_ref: str | None = None
    vendor_idempotency_key: str | None = None
    # 0 until it happens.
    started_at_ms: int = 0
    finished_at_ms: int = 0
    # Grows with every visible change; waiters and SSE readers compare it.
    version: int = 1

    @classmethod
    def of(cls, new: NewTask, *, now_ms: int) -> "Task":
        """The task that a submit makes at a moment."""
        return cls(
            id=new.id,
            public_id=new.public_id,
            family=new.family,
            kind=new.kind,
            model=new.model,
            user_id=new.user_id,
            key_id=new.key_id,
            intent=new.intent,
            request=new.request,
            lane=new.lane,
            max_attempts=new.max_attempts,
            price=new.price,
            notify_hook=new.notify_hook,
            created_at_ms=now_ms,
            deadline_at_ms=new.deadline_at_ms,
        )

    @property
    def is_terminal(self) -> bool:
        """Whether nothing will change any more."""
        return self.state in TERMINAL

    @property
    def lease(self) -> "Lease":
        """The fence of the worker that holds this row."""
        assert self.lease_owner is not None
        return Lease(task_id=self.id, owner=self.lease_owner, attempt=self.attempt)

    def log_fields(self) -> dict[str, object]:
        """What a log line says of it."""
        return {"task_id": self.id, "kind": self.kind, "state": self.state.value, "attempt": self.attempt}


class Lease(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """The right to write one attempt of a task; a stale one is refused."""

    task_id: str
    owner: str
    attempt: int


@dataclass(frozen=True, kw_only=True, slots=True)
class TaskFailure:
    """Why a task ended badly, for people and programs."""

    code: str
    message: str


@dataclass(frozen=True, kw_only=True, slots=True)
class TaskPart:
    """One finished part of a result that is visible before the whole: a clip of a song."""

    index: int
    result: bytes
    at_ms: int


class Submitted(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """The answer to a submit; not new when an Idempotency-Key had been seen."""

    task: Task
    is_new: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Pulse:
    """One worker's sign of life for one task."""

    lease: Lease
    progress: int
    note: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class PulseVerdicts:
    """What a heartbeat learnt: ids of tasks whose lease is gone, and of those the user wants cancelled."""

    lost: frozenset[str]
    cancelled: frozenset[str]


class RefundPolicy(StrEnum):
    """What a caller gets back who cancels a task that has begun; a queued one is always refunded in full."""

    FULL = "full"
    NONE = "none"


@dataclass(frozen=True, kw_only=True, slots=True)
class OutboxEvent:
    """A webhook to be delivered; `id` is stable over all tries, the body frozen when the event happened."""

    id: str
    task_id: str
    user_id: int
    seq: int
    endpoint: str
    body: bytes
    is_terminal: bool
    tries: int
    created_at_ms: int


@dataclass(frozen=True, kw_only=True, slots=True)
class EventRecord:
    """An event of the outbox as operators see it."""

    id: str
    task_id: str
    seq: int
    endpoint: str
    # pending, delivered or dead
    state: str
    tries: int
    # The receiver's last HTTP status; None when it never answered.
    last_status: int | None
    created_at_ms: int


@dataclass(frozen=True, kw_only=True, slots=True)
class LedgerRow:
    """A row of the ledger."""

    kind: str
    ref: str
    user_id: int
    amount: int
