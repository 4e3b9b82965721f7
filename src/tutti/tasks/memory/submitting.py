"""`TaskStore` over dicts."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from msgspec import structs

from tutti.errors import ConflictError, KeyQuotaError, UserQuotaError
from tutti.tasks.memory.tables import Tables, TaskRow
from tutti.tasks.model import NewTask, RefundPolicy, Submitted, Task, TaskPart
from tutti.tasks.states import LEASED, TaskState


class MemoryTasks:
    """What families need."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    async def submit(self, new: NewTask) -> Submitted:
        """Task, hold and ledger row together."""
        tables = self._tables
        seen = tables.by_idempotency_key.get((new.user_id, new.idempotency_key or ""))
        if seen is not None:
            row = tables.tasks[seen]
            if row.body_hash != new.body_hash:
                raise ConflictError("This Idempotency-Key was used with another request body.")
            return Submitted(task=row.task, is_new=False)
        self._hold(new)
        row = TaskRow(
            task=Task.of(new, now_ms=tables.clock.now_ms()),
            body_hash=new.body_hash,
            priority=new.priority,
            fair_tag=self._next_tag(new),
        )
        tables.tasks[new.id] = row
        tables.by_public_id[new.public_id] = new.id
        tables.by_part_id |= dict.fromkeys(new.part_ids, new.id)
        if new.idempotency_key is not None:
            tables.by_idempotency_key[new.user_id, new.idempotency_key] = new.id
        tables.bus.work_queued(new.lane)
        return Submitted(task=row.task, is_new=True)

    def _hold(self, new: NewTask) -> None:
        tables = self._tables
        user, key = tables.users[new.user_id], tables.keys[new.key_id]
        if user.quota < new.price:
            raise UserQuotaError(f"The account has {user.quota} units left; this call needs {new.price}.")
        if key.quota is not None and key.quota < new.price:
            raise KeyQuotaError(f"The key has {key.quota} units left; this call needs {new.price}.")
        tables.users[user.id] = replace(user, quota=user.quota - new.price)
        if key.quota is not None:
            tables.keys[key.id] = replace(key, quota=key.quota - new.price)
        tables.ledger["hold", new.id] = (user.id, -new.price)

    def _next_tag(self, new: NewTask) -> int:
        tables = self._tables
        tag = max(tables.virtual_time, tables.user_virtual_time.get(new.user_id, 0)) + max(1, new.price)
        tables.user_virtual_time[new.user_id] = tag
        return tag

    async def find(self, public_ids: Sequence[str], *, user_id: int | None) -> list[Task]:
        """The tasks of these ids that belong to the user."""
        found = [self._tables.by_public_id.get(public_id) for public_id in dict.fromkeys(public_ids)]
        tasks = [self._tables.tasks[task_id].task for task_id in found if task_id is not None]
        return [task for task in tasks if user_id in (None, task.user_id)]

    async def find_by_parts(self, part_ids: Sequence[str], *, user_id: int | None) -> list[Task]:
        """The tasks that promised these parts and belong to the user."""
        ids = dict.fromkeys(self._tables.by_part_id.get(part_id) for part_id in part_ids)
        tasks = [self._tables.tasks[task_id].task for task_id in ids if task_id is not None]
        return [task for task in tasks if user_id in (None, task.user_id)]

    async def list_tasks(
        self, *, user_id: int | None, limit: int, before_id: str | None = None, state: TaskState | None = None
    ) -> list[Task]:
        """A user's tasks, newest first."""
        mine = [
            row.task
            for row in self._tables.tasks.values()
            if user_id in (None, row.task.user_id)
            and (before_id is None or row.task.id < before_id)
            and state in (None, row.task.state)
        ]
        return sorted(mine, key=lambda task: task.id, reverse=True)[:limit]

    async def parts(self, task_ids: Sequence[str]) -> Mapping[str, tuple[TaskPart, ...]]:
        """Published parts in index order."""
        rows = {task_id: self._tables.tasks.get(task_id) for task_id in task_ids}
        return {
            task_id: tuple(part for _, part in sorted(row.parts.items()))
            for task_id, row in rows.items()
            if row and row.parts
        }

    async def known(self, task_ids: set[str]) -> set[str]:
        """Those of these ids that are tasks."""
        return task_ids & self._tables.tasks.keys()

    async def cancel(self, task_id: str, *, refund: RefundPolicy) -> Task | None:
        """Cancel at once, or ask the worker to."""
        row = self._tables.tasks.get(task_id)
        if row is None or row.task.is_terminal:
            return row.task if row else None
        if row.task.state in LEASED:
            if not row.task.is_cancel_requested:
                row.refund_policy = refund
                row.task = structs.replace(row.task, is_cancel_requested=True, version=row.task.version + 1)
                self._tables.bus.task_changed(row.task.id, row.task.version)
            return row.task
        is_refunded = refund is RefundPolicy.FULL or row.task.state is TaskState.QUEUED
        return self._tables.end(row, TaskState.CANCELLED, cost=0 if is_refunded else row.task.price)
