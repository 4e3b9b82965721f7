"""How many tasks a second the durable store alone takes in, and hands out and settles: `script/bench store`.

128 coroutines submit, as many connections would; four claimers take 32 tasks at a time and settle each. Every answer
comes after a commit that is on the disk. Client and writer share the machine.
"""

import argparse
import asyncio
import statistics
import tempfile
import time
from collections.abc import Awaitable, Iterable
from pathlib import Path
from typing import NamedTuple

import uvloop
from rich.console import Console
from rich.table import Table

from tutti.accounts.model import NewKey
from tutti.database.check import check
from tutti.kit.clock import SystemClock
from tutti.kit.ids import new_id
from tutti.tasks.model import NewTask
from tutti.tasks.sqlite import SqliteTaskStore
from tutti.tasks.states import TaskState

LANE = "engine:song"
SUBMITTERS = 128
CLAIMERS = 4
CLAIM = 32
PRICE = 300
# Issue 2, "Figures of the spine".
LEAST_SUBMITS_PER_S = 10_000
LEAST_SETTLES_PER_S = 8_000


class Row(NamedTuple):
    """One half: its rate, how long callers waited, the processor time of both threads, and the least rate wanted."""

    what: str
    per_s: float
    latencies_s: list[float]
    cpu_s: float
    least_per_s: int


def new_task(*, users: int, number: int) -> NewTask:
    user_id = number % users + 1
    return NewTask(
        id=new_id(),
        public_id=new_id(),
        family="suno",
        kind="song",
        model="suno_music",
        user_id=user_id,
        key_id=user_id,
        intent=b'{"kind":"song"}',
        request=b'{"prompt":"City Lights"}',
        price=PRICE,
        lane=LANE,
        deadline_at_ms=4_000_000_000_000,
    )


async def submit_all(store: SqliteTaskStore, tasks: Iterable[NewTask]) -> list[float]:
    """Seconds that each submit took."""
    left, latencies = iter(tasks), []

    async def submit() -> None:
        for task in left:
            began = time.perf_counter()
            await store.submit(task)
            latencies.append(time.perf_counter() - began)

    await asyncio.gather(*[submit() for _ in range(SUBMITTERS)])
    return latencies


async def settle_all(store: SqliteTaskStore) -> list[float]:
    """Seconds that each settlement took."""
    latencies = []

    async def settle(completion: Awaitable[bool]) -> None:
        began = time.perf_counter()
        assert await completion
        latencies.append(time.perf_counter() - began)

    async def work(owner: str) -> None:
        while tasks := await store.claim(LANE, owner=owner, limit=CLAIM, lease_ms=60_000, state=TaskState.RUNNING):
            await asyncio.gather(*[settle(store.complete(task.lease, output=b"{}")) for task in tasks])

    await asyncio.gather(*[work(f"worker {number}") for number in range(CLAIMERS)])
    return latencies


async def measure(path: Path, *, count: int, users: int) -> list[Row]:
    """What was measured of both halves."""
    store = await SqliteTaskStore.connect(path, clock=SystemClock(), render_event=lambda _task, _parts: b"{}")
    try:
        for number in range(users):
            user = await store.create_user(f"user {number}", quota=10**12)
            await store.create_key(NewKey(user_id=user.id, name="bench", secret_hash=new_id(), tail="...."))
        tasks = [new_task(users=users, number=number) for number in range(count)]
        began, began_cpu = time.perf_counter(), time.process_time()
        submits = await submit_all(store, tasks)
        middle, middle_cpu = time.perf_counter(), time.process_time()
        settles = await settle_all(store)
        ended, ended_cpu = time.perf_counter(), time.process_time()
    finally:
        await store.close()
    return [
        Row("submit", count / (middle - began), submits, (middle_cpu - began_cpu) / count, LEAST_SUBMITS_PER_S),
        Row("claim + settle", count / (ended - middle), settles, (ended_cpu - middle_cpu) / count, LEAST_SETTLES_PER_S),
    ]


def table(rows: list[Row]) -> Table:
    drawn = Table("verb", "per second", "p50 ms", "p99 ms", "cpu us each", "target")
    for row in rows:
        cuts = [cut * 1000 for cut in statistics.quantiles(row.latencies_s, n=100)]
        cells = (f"{row.per_s:,.0f}", f"{cuts[49]:.1f}", f"{cuts[98]:.1f}", f"{row.cpu_s * 1e6:.0f}")
        drawn.add_row(row.what, *cells, f">= {row.least_per_s:,}")
    return drawn


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=40_000, help="tasks to submit and settle")
    parser.add_argument("--users", type=int, default=200, help="users they belong to")
    parser.add_argument("--dir", type=Path, help="directory of the database; default: a temporary one")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=options.dir) as folder:
        path = Path(folder) / "tutti.sqlite3"
        rows = uvloop.run(measure(path, count=options.count, users=options.users))
        findings = check(path)
    console = Console()
    console.print(table(rows))
    console.print(f"ledger: {findings or 'exact'}")


if __name__ == "__main__":
    main()
