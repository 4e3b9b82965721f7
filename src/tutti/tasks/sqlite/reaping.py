"""What nobody else looks after: lost leases, overdue tasks, the leases of a process that is gone, old history.

All of it goes in small batches, so that no transaction keeps others waiting.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

from tutti.database.driver import Connection
from tutti.tasks.failures import DEADLINE_EXCEEDED, worker_lost
from tutti.tasks.sqlite.base import SqliteBase
from tutti.tasks.sqlite.ending import Ending, cancel_task, end_task, fail_task
from tutti.tasks.sqlite.requeue import can_go_on, requeue
from tutti.tasks.sqlite.rows import SELECT_STANDING, Standing
from tutti.tasks.sqlite.step import Step
from tutti.tasks.states import TaskState

_BATCH = 200

_OVERDUE = f"{SELECT_STANDING} WHERE finished_at_ms = 0 AND deadline_at_ms <= ? ORDER BY deadline_at_ms LIMIT ?"
_LOST = f"{SELECT_STANDING} WHERE lease_until_ms <= ? ORDER BY lease_until_ms LIMIT ?"
_HELD_BY = f"{SELECT_STANDING} WHERE lease_until_ms IS NOT NULL AND lease_owner = ? LIMIT ?"
_FREE_EVENTS = """
    UPDATE outbox SET lease_owner = NULL, lease_until_ms = NULL, tries = tries - 1
    WHERE lease_until_ms IS NOT NULL AND lease_owner = ? AND state = 'pending'
"""
_OWNERS = """
    SELECT lease_owner FROM tasks WHERE lease_until_ms IS NOT NULL
    UNION SELECT lease_owner FROM outbox WHERE lease_until_ms IS NOT NULL
"""
# The ledger stays; parts and events go with their task, which therefore waits for its last event.
_PRUNE = """
    DELETE FROM tasks WHERE id IN (
        SELECT id FROM tasks WHERE finished_at_ms > 0 AND finished_at_ms < ? AND NOT EXISTS (
            SELECT 1 FROM outbox WHERE outbox.task_id = tasks.id AND outbox.state = 'pending')
        ORDER BY finished_at_ms LIMIT ?)
"""
_PRUNE_INBOX = """
    DELETE FROM inbox WHERE rowid IN (SELECT rowid FROM inbox WHERE received_at_ms < ? LIMIT ?)
"""


class _Swept(NamedTuple):
    """One batch: the new versions of the tasks dealt with, and their lanes."""

    versions: dict[str, int]
    lanes: frozenset[str]


class SqliteReaping(SqliteBase):
    """`release` and `reap` of `WorkStore`, and the upkeep of the file."""

    async def lease_owners(self) -> frozenset[str]:
        """Who holds leases; before a server's own work begins these are its former incarnations."""
        return await self._read(_read_owners)

    async def release(self, owner: str) -> int:
        """Give back all leases of an owner without burning attempts."""
        await self._write(lambda step: step.connection.execute(_FREE_EVENTS, (owner,)).rowcount)
        return await self._sweep(lambda step: _sweep(step, _HELD_BY, owner, _release_one))

    async def reap(self) -> int:
        """Expire overdue tasks and put those with a lost lease back."""
        expired = await self._sweep(lambda step: _sweep(step, _OVERDUE, step.now_ms, _expire_one))
        return expired + await self._sweep(lambda step: _sweep(step, _LOST, step.now_ms, _take_up_one))

    async def prune(self, *, finished_before_ms: int, limit: int) -> int:
        """Forget up to `limit` tasks finished before a moment, and callbacks as old; gives how many tasks went."""
        return await self._write(lambda step: prune(step, finished_before_ms, limit))

    async def _sweep(self, batch: Callable[[Step], _Swept]) -> int:
        """Run batches until one is not full."""
        total = 0
        while True:
            swept = await self._write(batch)
            total += len(swept.versions)
            for task_id, version in swept.versions.items():
                self._changed(task_id, version)
            self._queued(swept.lanes)
            if len(swept.versions) < _BATCH:
                return total


def prune(step: Step, finished_before_ms: int, limit: int) -> int:
    """Forget old tasks and callbacks."""
    step.connection.execute(_PRUNE_INBOX, (finished_before_ms, limit))
    return step.connection.execute(_PRUNE, (finished_before_ms, limit)).rowcount


def _sweep(step: Step, query: str, bound: object, deal_with: Callable[[Step, Standing], int]) -> _Swept:
    """Deal with up to one batch of what a query finds."""
    found = _standings(step.connection.execute(query, (bound, _BATCH)).fetchall())
    versions = {task.id: deal_with(step, task) for task in found}
    return _Swept(versions, frozenset(task.lane for task in found))


def _expire_one(step: Step, task: Standing) -> int:
    """A cancellation asked for before the deadline keeps its policy."""
    if task.cancel_refund is not None:
        return cancel_task(step, task, task.cancel_refund)
    return end_task(step, task, Ending(state=TaskState.EXPIRED, failure=DEADLINE_EXCEEDED))


def _take_up_one(step: Step, task: Standing) -> int:
    if task.cancel_refund is not None:
        return cancel_task(step, task, task.cancel_refund)
    if can_go_on(task):
        return requeue(step, task, at_ms=step.now_ms)
    return fail_task(step, task, worker_lost(task.attempt))


def _release_one(step: Step, task: Standing) -> int:
    if task.cancel_refund is not None:
        return cancel_task(step, task, task.cancel_refund)
    return requeue(step, task, at_ms=step.now_ms, is_attempt_given_back=True)


def _standings(rows: Iterable[Sequence[Any]]) -> list[Standing]:
    return [Standing._make(row) for row in rows]


def _read_owners(connection: Connection) -> frozenset[str]:
    return frozenset(owner for (owner,) in connection.execute(_OWNERS))
