"""Task rows as values: the one place that knows which column is which field."""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import msgspec

from tutti.database.driver import Connection
from tutti.tasks.model import Lease, Task, TaskFailure, TaskPart
from tutti.tasks.states import TaskState

# In the order of the fields of `Task`.
TASK_COLUMNS = (
    "id, public_id, family, kind, model, user_id, key_id, intent, request, lane, max_attempts, price, notify_hook,"
    " created_at_ms, deadline_at_ms, state, attempt, progress, progress_note, final_cost, output, error_code,"
    " error_message, lease_owner, cancel_refund IS NOT NULL, vendor_ref, vendor_idempotency_key, started_at_ms,"
    " finished_at_ms, version"
)
TASK_WIDTH = TASK_COLUMNS.count(",") + 1

# Where the columns stand that are not taken as they are.
_STATE, _ERROR = 15, 21
_STATES = {state.value: state for state in TaskState}

SELECT_TASK = f"SELECT {TASK_COLUMNS} FROM tasks"

_STANDING = (
    "id, lane, state, user_id, key_id, price, attempt, max_attempts, cancel_refund, vendor_ref, notify_hook,"
    " lease_owner, version"
)
SELECT_STANDING = f"SELECT {_STANDING} FROM tasks"
FENCE = "id = ? AND lease_owner = ? AND attempt = ?"
# A list of any length as one value, so that there is one statement for all lengths.
_SELECT_MANY = f"{SELECT_STANDING} WHERE id IN (SELECT value FROM json_each(?))"
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
    lease_owner: str | None
    version: int

    def is_held(self, lease: Lease) -> bool:
        """Whether the lease is good."""
        return self.attempt == lease.attempt and self.lease_owner == lease.owner


def task_from_row(row: Sequence[Any]) -> Task:
    """A row of `TASK_COLUMNS` as a task."""
    error_code, error_message = row[_ERROR : _ERROR + 2]
    error = None if error_code is None else TaskFailure(code=error_code, message=error_message)
    owner, is_cancel_requested, *rest = row[_ERROR + 2 : TASK_WIDTH]
    state = _STATES[row[_STATE]]
    values = (*row[:_STATE], state, *row[_STATE + 1 : _ERROR], error, owner, bool(is_cancel_requested), *rest)
    return Task(*values)


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


def read_standings(connection: Connection, task_ids: Sequence[str]) -> dict[str, Standing]:
    """Where tasks stand, by id; ids that are no tasks are absent."""
    rows = connection.execute(_SELECT_MANY, (msgspec.json.encode(task_ids).decode(),))
    return {row[0]: Standing._make(row) for row in rows}


def read_parts(connection: Connection, task_ids: Sequence[str]) -> dict[str, tuple[TaskPart, ...]]:
    """The published parts of tasks in index order."""
    found: dict[str, tuple[TaskPart, ...]] = {}
    for task_id, index, result, at_ms in connection.execute(_SELECT_PARTS.format(marks(task_ids)), task_ids):
        found[task_id] = (*found.get(task_id, ()), TaskPart(index=index, result=result, at_ms=at_ms))
    return found


def marks(values: Iterable[object]) -> str:
    """As many question marks as values, for an IN list."""
    return ",".join("?" for _ in values)
