"""Whatever two processes do with one balance, in any order, and crash: the books are right, nobody overdraws."""

import asyncio
import shutil
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.billing.calls import Payer, settle
from tests.factories import new_task, seed_account
from tests.tasks.conftest import told
from tutti.accounts.model import NewKey
from tutti.billing.wallet import Hold, Wallet
from tutti.database.check import check
from tutti.errors import QuotaError
from tutti.kit.clock import ManualClock
from tutti.tasks.sqlite import SqliteTaskStore

UNITS = 4000
KEY_QUOTA = 2500

# A verb, which of two wallets does it, and a number that chooses how much.
STEPS = st.lists(
    st.tuples(
        st.sampled_from(
            (
                *("hold", "hold", "hold", "settle", "settle", "over_run", "extend", "release", "flush", "sweep"),
                *("crash", "top_up", "submit", "prune", "fold"),
            )
        ),
        st.integers(0, 1),
        st.integers(0, 9),
    ),
    max_size=50,
)

SUMS = """
    SELECT (SELECT sum(amount) FROM ledger WHERE kind = 'topup'), (SELECT used_quota FROM users),
        (SELECT coalesce(sum(price), 0) FROM tasks)
"""


class Process:
    """A wallet with the holds that were taken of it; a crash leaves both behind."""

    def __init__(self, store: SqliteTaskStore, name: int) -> None:
        self.store = store
        self.name = name
        self.lives = 0
        self.begin()

    def begin(self) -> None:
        self.lives += 1
        self.wallet = Wallet(self.store, owner=f"process {self.name}, life {self.lives}")
        self.holds: list[Hold] = []

    async def crash(self) -> None:
        former = f"process {self.name}, life {self.lives}"
        self.begin()
        await self.store.return_slices(former)


class World:
    """Two processes on one database, as gateways on several machines would be."""

    def __init__(self, database: Path) -> None:
        self.clock = ManualClock()
        self.store = SqliteTaskStore(database, clock=self.clock, render_event=told)

    async def open(self) -> None:
        await self.store.open()
        await seed_account(self.store, units=UNITS)
        await self.store.create_key(NewKey(user_id=1, name="k", secret_hash="k", tail="k", quota=KEY_QUOTA))
        self.processes = [Process(self.store, name) for name in range(2)]

    def verb(self, name: str, process: Process, choice: int) -> Callable[[], Awaitable[object]]:
        return {
            "hold": lambda: self.hold(process, choice),
            "settle": lambda: self.settle(process, choice, part=choice / 9),
            "over_run": lambda: self.settle(process, choice, part=1 + choice),
            "extend": lambda: self.extend(process, choice),
            "release": lambda: self.settle(process, choice, part=0),
            "flush": process.wallet.flush,
            "sweep": process.wallet.sweep,
            "crash": process.crash,
            "top_up": lambda: self.store.top_up(1, choice * 50 - 200, ref=f"payment {choice}"),
            "submit": lambda: self.store.submit(new_task(price=choice * 50, key_id=1 + choice % 2)),
            "prune": lambda: self.store.prune_calls(before_ms=0, keep_rows=choice, limit=3),
            "fold": lambda: self.store.fold_flushes(before_ms=self.clock.now_ms() + 1, limit=choice),
        }[name]

    async def hold(self, process: Process, choice: int) -> None:
        process.holds.append(await process.wallet.hold(Payer(key_id=1 + choice % 2), choice * choice * 10))

    async def settle(self, process: Process, choice: int, *, part: float) -> None:
        if process.holds:
            hold = process.holds.pop(choice % len(process.holds))
            settle(hold, round(hold.units * part))

    async def extend(self, process: Process, choice: int) -> None:
        if process.holds:
            await process.holds[choice % len(process.holds)].extend(choice * 20)

    async def nobody_overdraws(self) -> None:
        """What is held and what was charged is covered by what was paid in."""
        [(paid, used, songs)] = await self.store._read(lambda connection: connection.execute(SUMS).fetchall())
        held = sum(hold.units for process in self.processes for hold in process.holds)
        assert held + used + songs <= paid


async def _live(database: Path, steps: list[tuple[str, int, int]]) -> None:
    world = World(database)
    try:
        await world.open()
        for name, number, choice in steps:
            try:
                await world.verb(name, world.processes[number], choice)()
            except QuotaError:
                continue
            await world.nobody_overdraws()
        assert await asyncio.to_thread(check, database) == []
        for process in world.processes:
            await process.wallet.close()
        assert await world.store.slice_owners() == []
    finally:
        await world.store.close()


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_the_books_are_right_after_any_order_of_holds_and_crashes(
    empty_database: Path, tmp_path: Path, steps: list[tuple[str, int, int]]
) -> None:
    # A place of its own for each example: SQLite knows files by their inodes, which a replaced file may inherit.
    database = Path(tempfile.mkdtemp(dir=tmp_path)) / "tutti.sqlite3"
    shutil.copy(empty_database, database)
    asyncio.run(_live(database, steps))
    assert check(database) == []
