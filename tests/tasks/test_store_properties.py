"""Whatever order verbs come in, the books are right, and doing a verb twice is as doing it once."""

import asyncio
import shutil
import tempfile
from collections.abc import Awaitable, Callable
from contextlib import closing
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.factories import new_task, seed_account
from tests.tasks.conftest import told
from tests.tasks.work import CHANNEL, HOOK, LANE, LEASE_MS
from tutti.database.check import check
from tutti.database.driver import open_for_reading
from tutti.errors import TuttiError
from tutti.kit.clock import ManualClock
from tutti.tasks.model import Lease, RefundPolicy, TaskFailure
from tutti.tasks.sqlite import SqliteTaskStore
from tutti.tasks.states import TaskState

FAILURE = TaskFailure(code="c", message="m")
DEADLINE_MS = 200_000

VERBS = (
    *("submit", "submit", "ask", "claim", "complete", "fail", "cancel", "finish_cancel", "publish", "accept"),
    *("begin_storing", "fail_waiting", "release", "reap", "later", "top_up", "deliver", "prune"),
)

# A verb of the sequence: its name, and a number that chooses what it is done to.
STEPS = st.lists(
    st.tuples(
        st.sampled_from(VERBS),
        st.integers(0, 7),
    ),
    max_size=40,
)


class World:
    """A store, and all leases and ids that anyone has ever held, stale ones included."""

    def __init__(self, database: Path) -> None:
        self.clock = ManualClock()
        self.store = SqliteTaskStore(database, clock=self.clock, render_event=told)
        self.leases: list[Lease] = []
        self.ids: list[str] = []

    def lease(self, choice: int) -> Lease:
        return self.leases[choice % len(self.leases)] if self.leases else Lease(task_id="none", owner="n", attempt=1)

    def task_id(self, choice: int) -> str:
        return self.ids[choice % len(self.ids)] if self.ids else "none"

    async def submit(self, choice: int) -> None:
        new = new_task(
            lane=(LANE, CHANNEL)[choice % 2],
            price=choice * 100,
            max_attempts=2,
            notify_hook=HOOK if choice % 3 else None,
            deadline_at_ms=self.clock.now_ms() + DEADLINE_MS,
            idempotency_key=None if choice % 4 else f"key {choice}",
            body_hash=None if choice % 4 else "same",
        )
        self.ids.append((await self.store.submit(new)).task.id)

    async def claim(self, choice: int) -> None:
        lane, state = ((LANE, TaskState.RUNNING), (CHANNEL, TaskState.SUBMITTING))[choice % 2]
        tasks = await self.store.claim(lane, owner=f"owner {choice % 3}", limit=2, lease_ms=LEASE_MS, state=state)
        self.leases += [task.lease for task in tasks]

    async def complete(self, choice: int) -> None:
        lease = self.lease(choice)
        [task] = [task for task in await self.store.list_tasks(user_id=1, limit=99) if task.id == lease.task_id] or [
            None
        ]
        if task is None or task.state is not TaskState.SUBMITTING:
            await self.store.complete(lease, output=b"{}", cost=choice * 50)

    async def begin_storing(self, choice: int) -> None:
        task = await self.store.begin_storing(self.task_id(choice), owner="poller", lease_ms=LEASE_MS)
        if task is not None:
            self.leases.append(task.lease)

    async def accept(self, choice: int) -> None:
        lease = self.lease(choice)
        await self.store.accept(lease, vendor_ref=f"ref of {lease.task_id}", next_poll_at_ms=0)

    async def deliver(self, choice: int) -> None:
        for event in await self.store.due_events(owner="d", limit=choice, lease_ms=LEASE_MS):
            await self.store.mark_delivered(event.id, status=200)

    async def later(self, choice: int) -> None:
        self.clock.advance(choice * LEASE_MS // 3)

    def verb(self, name: str, choice: int) -> Callable[[], Awaitable[object]]:
        store, lease, task_id = self.store, self.lease(choice), self.task_id(choice)
        policy = (RefundPolicy.FULL, RefundPolicy.NONE)[choice % 2]
        return {
            "submit": lambda: self.submit(choice),
            "ask": lambda: store.due_polls(limit=choice, hold_ms=1000),
            "claim": lambda: self.claim(choice),
            "complete": lambda: self.complete(choice),
            "fail": lambda: store.fail(lease, FAILURE, may_retry=choice % 2 == 0),
            "cancel": lambda: store.cancel(task_id, refund=policy),
            "finish_cancel": lambda: store.finish_cancel(lease),
            "publish": lambda: store.publish_part(lease, index=choice % 2, result=bytes([choice])),
            "accept": lambda: self.accept(choice),
            "begin_storing": lambda: self.begin_storing(choice),
            "fail_waiting": lambda: store.fail_waiting(task_id, FAILURE),
            "release": lambda: store.release(f"owner {choice % 3}"),
            "reap": store.reap,
            "later": lambda: self.later(choice),
            "top_up": lambda: store.top_up(1, choice - 3, ref=f"payment {choice}"),
            "deliver": lambda: self.deliver(choice),
            "prune": lambda: store.prune(finished_before_ms=self.clock.now_ms(), limit=choice),
        }[name]


# Done again at once, these change nothing.
REPEATABLE = frozenset(
    {"complete", "fail", "cancel", "finish_cancel", "publish", "accept", "fail_waiting", "reap", "release", "top_up"}
)


_ALL = "SELECT * FROM {} ORDER BY 1, 2"


def _contents(database: Path) -> list[str]:
    """Everything stored but for the random ids of events.

    Read by the store's own library: a second one in its process would let go of its locks on the file.
    """
    tables = ("users", "keys", "tasks", "parts", "ledger", "outbox")
    with closing(open_for_reading(database)) as connection:
        return [str(row) for table in tables for row in connection.execute(_ALL.format(table))]


async def _live(database: Path, steps: list[tuple[str, int]]) -> None:
    world = World(database)
    try:
        await world.store.open()
        await seed_account(world.store, units=3000, key_quota=2500)
        for name, choice in steps:
            verb = world.verb(name, choice)
            try:
                await verb()
            except TuttiError:
                continue
            if name in REPEATABLE:
                before = _contents(database)
                await verb()
                assert _contents(database) == before, name
    finally:
        await world.store.close()


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_the_books_are_right_after_any_order_of_verbs(
    empty_database: Path, tmp_path: Path, steps: list[tuple[str, int]]
) -> None:
    # A place of its own for each example: SQLite knows files by their inodes, which a replaced file may inherit.
    database = Path(tempfile.mkdtemp(dir=tmp_path)) / "tutti.sqlite3"
    shutil.copy(empty_database, database)
    asyncio.run(_live(database, steps))
    assert check(database) == []
