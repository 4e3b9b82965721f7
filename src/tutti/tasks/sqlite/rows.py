"""Task rows as values: the one place that knows which column is which field."""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from tutti.database.driver import Connection
from tutti.tasks.model import Lease, Task, TaskFailure, TaskPart
from tutti.tasks.states import TaskState

TASK_COLUMNS = (
    "id, public_id, family, kind, model, user_id, key_id, intent, request, lane, state, attempt, max_attempts,"
    " progress, progress_note, price, final_cost, output, error_code, error_message, notify_hook, lease_owner,"
    " cancel_refund, vendor_ref, vendor_idempotency_key, created_at_ms, started_at_ms, finished_at_ms,"
    " deadline_at_ms, version"
)
TASK_WIDTH = TASK_COLUMNS.count(",") + 1

SELECT_TASK = f"SELECT {TASK_COLUMNS} FROM tasks"

_STANDING = "id, lane, state, user_id, key_id, price, attempt, max_attempts, cancel_refund, vendor_ref, notify_hook"
SELECT_STANDING = f"SELECT {_STANDING} FROM tasks"
FENCE = "id = ? AND lease_owner = ? AND attempt = ?"
_SELECT_HELD = f"{SELECT_STANDING} WHERE {FENCE}"

_SELECT_PARTS = "SELECT task_id, part_index, result, at_ms FROM parts WHERE task_id IN ({}) ORDER BY part_index"


class Standing(NamedTuple):
    """What a decision about a task needs to know, without the bodies."""

    id: str
    lane: str
    state: str
    user_id: int
    key_id: int
    price: int
    attempt: int
    max_attempts: int
    cancel_refund: str | None
    vendor_ref: str | None
    notify_hook: str | None


def task_from_row(row: Sequence[Any]) -> Task:
    """A row of `TASK_COLUMNS` as a task."""
    error_code, error_message = row[18], row[19]
    return Task(
        id=row[0],
        public_id=row[1],
        family=row[2],
        kind=row[3],
        model=row[4],
        user_id=row[5],
        key_id=row[6],
        intent=row[7],
        request=row[8],
        lane=row[9],
        state=TaskState(row[10]),
        attempt=row[11],
        max_attempts=row[12],
        progress=row[13],
        progress_note=row[14],
        price=row[15],
        final_cost=row[16],
        output=row[17],
        error=None if error_code is None else TaskFailure(code=error_code, message=error_message),
        notify_hook=row[20],
        lease_owner=row[21],
        is_cancel_requested=row[22] is not None,
        vendor_ref=row[23],
        vendor_idempotency_key=row[24],
        created_at_ms=row[25],
        started_at_ms=row[26],
        finished_at_ms=row[27],
        deadline_at_ms=row[28],
        version=row[29],
    )


def read_task(connection: Connection, task_id: str) -> Task | None:
    """One task by its internal id."""
    row = connection.execute(f"{SELECT_TASK} WHERE id = ?", (task_id,)).fetchone()
    return None if row is None else task_from_row(row)


def read_standing(connection: Connection, task_id: str) -> Standing | None:
    """Where one task stands."""
    row = connection.execute(f"{SELECT_STANDING} WHERE id = ?", (task_id,)).fetchone()
    return None if row is None else Standing._make(row)


def read_held(connection: Connection, lease: Lease) -> Standing | None:
    """The task of a lease while the lease is good, else None: the fence of every worker's write."""
    row = connection.execute(_SELECT_HELD, (lease.task_id, lease.owner, lease.attempt)).fetchone()
    return None if row is None else Standing._make(row)


def read_parts(connection: Connection, task_ids: Sequence[str]) -> dict[str, tuple[TaskPart, ...]]:
    """The published parts of tasks in index order."""
    found: dict[str, tuple[TaskPart, ...]] = {}
    for task_id, index, result, at_ms in connection.execute(_SELECT_PARTS.format(marks(task_ids)), task_ids):
        found[task_id] = (*found.get(task_id, ()), TaskPart(index=index, result=result, at_ms=at_ms))
    return found


def marks(values: Iterable[object]) -> str:
    """As many question marks as values, for an IN list."""
    return ",".join("?" for _ in values)
