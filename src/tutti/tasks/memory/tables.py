"""The rows behind the in-memory store, and the few moves that several verbs share."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from msgspec import structs

from tutti.accounts.ephemeral import EphemeralSecret
from tutti.accounts.model import Key, User
from tutti.accounts.persona import Persona
from tutti.accounts.response import KeptResponse
from tutti.billing.overrides import Override
from tutti.billing.records import LoggedCall
from tutti.kit.clock import Clock
from tutti.kit.ids import new_id
from tutti.routing.store import ChannelRow
from tutti.tasks.changes import ChangeBus
from tutti.tasks.model import AT_ONCE_MS, Lease, OutboxEvent, RefundPolicy, Task, TaskFailure, TaskPart
from tutti.tasks.states import TaskState, may_move

# Tells a task in its family's wire; the family is in the task.
RenderEvent = Callable[[Task, Sequence[TaskPart]], bytes]


@dataclass(slots=True)
class TaskRow:
    """A task and what is stored beside it that no reader sees."""

    task: Task
    body_hash: str | None
    priority: int
    # Start-time fair queueing: smaller is served first within a priority.
    fair_tag: int
    # When it may next be claimed, polled, or is taken for lost, each 0 when it does not apply.
    run_at_ms: int = 0
    next_poll_at_ms: int = 0
    lease_until_ms: int = 0
    refund_policy: RefundPolicy = RefundPolicy.FULL
    parts: dict[int, TaskPart] = field(default_factory=dict)
    next_seq: int = 1


@dataclass(slots=True)
class EventRow:
    """An outbox event and its delivery."""

    event: OutboxEvent
    state: str = "pending"  # or "delivered", "dead"
    next_at_ms: int = 0
    # 0 unless a deliverer has it.
    leased_until_ms: int = 0
    last_status: int | None = None


@dataclass(slots=True)
class SliceRow:
    """Units of a user and key in the memory of one process."""

    owner: str
    user_id: int
    key_id: int
    units: int = 0


@dataclass(kw_only=True)
class Tables:
    """Everything stored."""

    clock: Clock
    render_event: RenderEvent
    bus: ChangeBus = field(default_factory=ChangeBus)
    users: dict[int, User] = field(default_factory=dict)
    keys: dict[int, Key] = field(default_factory=dict)
    secrets: dict[int, tuple[str, ...]] = field(default_factory=dict)
    channels: dict[int, ChannelRow] = field(default_factory=dict)
    last_channel_id: int = 0
    tasks: dict[str, TaskRow] = field(default_factory=dict)
    by_public_id: dict[str, str] = field(default_factory=dict)
    # Id of a promised part -> task id.
    by_part_id: dict[str, str] = field(default_factory=dict)
    by_idempotency_key: dict[tuple[int, str], str] = field(default_factory=dict)
    # (kind, ref) -> (user id, amount); a user's amounts sum to the balance and the slices that are out.
    ledger: dict[tuple[str, str], tuple[int, int]] = field(default_factory=dict)
    slices: dict[str, SliceRow] = field(default_factory=dict)
    # The log of immediate calls, oldest first; ids are given once.
    calls: list[LoggedCall] = field(default_factory=list)
    last_call_id: int = 0
    prices: dict[tuple[str, str], Override] = field(default_factory=dict)
    personas: dict[str, Persona] = field(default_factory=dict)
    responses: dict[str, KeptResponse] = field(default_factory=dict)
    # By hash.
    ephemeral: dict[str, EphemeralSecret] = field(default_factory=dict)
    outbox: dict[str, EventRow] = field(default_factory=dict)
    inbox: dict[tuple[str, str], bytes] = field(default_factory=dict)
    # Virtual time of the fair queue: of all, and where each user's last tag ended.
    virtual_time: int = 0
    user_virtual_time: dict[int, int] = field(default_factory=dict)

    def held(self, lease: Lease) -> TaskRow | None:
        """The row that a lease still fences, None when it is stale."""
        row = self.tasks.get(lease.task_id)
        if row is None or row.task.lease_owner != lease.owner or row.task.attempt != lease.attempt:
            return None
        return row

    def move(self, row: TaskRow, state: TaskState, **changes: Any) -> Task:
        """Go to another state by the table; ending states also settle."""
        assert may_move(row.task.state, state), (row.task.state, state)
        row.task = structs.replace(row.task, state=state, version=row.task.version + 1, **changes)
        self.bus.task_changed(row.task.id, row.task.version)
        if state is TaskState.QUEUED:
            self.bus.work_queued(row.task.lane)
        return row.task

    def end(
        self,
        row: TaskRow,
        state: TaskState,
        *,
        cost: int,
        output: bytes | None = None,
        failure: TaskFailure | None = None,
    ) -> Task:
        """Reach a terminal state: settle once, tell the last event."""
        task = self.move(
            row,
            state,
            final_cost=cost,
            output=output,
            error=failure,
            progress=100 if state is TaskState.SUCCEEDED else row.task.progress,
            lease_owner=None,
            finished_at_ms=self.clock.now_ms(),
        )
        back = task.price - cost
        self.ledger["settle", task.id] = (task.user_id, back)
        user = self.users[task.user_id]
        self.users[user.id] = replace(user, quota=user.quota + back, used_quota=user.used_quota + cost)
        key = self.keys[task.key_id]
        quota = None if key.quota is None else key.quota + back
        self.keys[key.id] = replace(key, quota=quota, used_quota=key.used_quota + cost)
        self.tell(row, is_terminal=True)
        return task

    def tell(self, row: TaskRow, *, is_terminal: bool = False) -> None:
        """Queue a webhook of the task as it stands; it replaces an undelivered one of the task."""
        task = row.task
        if not task.notify_hook:
            return
        for event_id in [key for key, old in self.outbox.items() if old.event.task_id == task.id]:
            # One that is being delivered stays; it is not tried again once a newer one is there.
            if (
                self.outbox[event_id].state == "pending"
                and self.outbox[event_id].leased_until_ms <= self.clock.now_ms()
            ):
                del self.outbox[event_id]
        now = self.clock.now_ms()
        event = OutboxEvent(
            id=new_id(now),
            task_id=task.id,
            user_id=task.user_id,
            seq=row.next_seq,
            endpoint=task.notify_hook,
            body=self.render_event(task, tuple(part for _, part in sorted(row.parts.items()))),
            is_terminal=is_terminal,
            tries=0,
            created_at_ms=now,
        )
        row.next_seq += 1
        self.outbox[event.id] = EventRow(event=event, next_at_ms=AT_ONCE_MS)
