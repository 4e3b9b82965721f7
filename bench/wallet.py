"""What money costs for each immediate call: `script/bench wallet`.

In memory: a hold and its settlement, processor time of one thread, beside one look-up in a dict for scale. Then whole
flushes of 256 calls into the database, processor time of both threads, as calls come from one user or from many.
"""

import argparse
import asyncio
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import uvloop
from rich.console import Console
from rich.table import Table

from tutti.accounts.model import NewKey
from tutti.billing.records import CallRecord
from tutti.billing.wallet import FLUSH_CALLS, Wallet
from tutti.database.check import check
from tutti.kit.clock import SystemClock
from tutti.kit.ids import new_id
from tutti.tasks.sqlite import SqliteTaskStore

HOLD = 1000
COST = 300


class Payer(NamedTuple):
    user_id: int
    key_id: int


@dataclass(frozen=True)
class Row:
    """What was measured, and of how many calls."""

    what: str
    calls: int
    cpu_s: float
    wall_s: float

    @property
    def cpu_us(self) -> float:
        return self.cpu_s / self.calls * 1e6


def record(payer: Payer) -> CallRecord:
    return CallRecord(
        request_id="019a2b3c-4d5e-7f60-8192-a3b4c5d6e7f8",
        at_ms=1_790_000_000_000,
        user_id=payer.user_id,
        key_id=payer.key_id,
        operation="chat",
        model="gpt-4o",
        upstream_model="gpt-4o-2024-08-06",
        channel_id=3,
        input_tokens=812,
        output_tokens=240,
        units=COST,
        duration_ms=900,
        first_byte_ms=200,
        client_ip="203.0.113.7",
    )


async def in_memory(wallet: Wallet, calls: int) -> Row:
    """Holds and settlements without a flush between them."""
    payer = Payer(1, 1)
    (await wallet.hold(payer, HOLD)).release()
    call = record(payer)
    began, began_cpu = time.perf_counter(), time.thread_time()
    for _ in range(calls):
        hold = wallet.hold_now(payer, HOLD)
        assert hold is not None
        hold.settle(COST, call)
    row = Row("hold_now + settle", calls, time.thread_time() - began_cpu, time.perf_counter() - began)
    await wallet.flush()
    return row


def look_ups(calls: int) -> Row:
    """The yardstick."""
    found, names = {number: number for number in range(1000)}, range(1000)
    began, began_cpu = time.perf_counter(), time.thread_time()
    for number in range(calls):
        assert found[names[number % 1000]] >= 0
    return Row("one look-up", calls, time.thread_time() - began_cpu, time.perf_counter() - began)


async def flushes(wallet: Wallet, *, users: int, rounds: int) -> Row:
    """Whole flushes, holds and settlements included."""
    payers = [Payer(number + 1, number + 1) for number in range(users)]
    for payer in payers:
        (await wallet.hold(payer, HOLD)).release()
    calls = [record(payers[number % users]) for number in range(FLUSH_CALLS)]
    began, began_cpu = time.perf_counter(), time.process_time()
    for _ in range(rounds):
        for call in calls:
            payer = Payer(call.user_id, call.key_id)
            hold = wallet.hold_now(payer, HOLD) or await wallet.hold(payer, HOLD)
            hold.settle(COST, call)
        await wallet.flush()
    spent = time.process_time() - began_cpu
    return Row(f"flush of {FLUSH_CALLS}, {users} users", rounds * FLUSH_CALLS, spent, time.perf_counter() - began)


async def measure(path: Path, *, calls: int, rounds: int) -> list[Row]:
    store = await SqliteTaskStore.connect(path, clock=SystemClock(), render_event=lambda _task, _parts: b"{}")
    for number in range(FLUSH_CALLS):
        user = await store.create_user(f"user {number}", quota=10**12)
        await store.create_key(NewKey(user_id=user.id, name="bench", secret_hash=new_id(), tail="...."))
    wallet = Wallet(store, owner="bench")
    try:
        rows = [look_ups(calls), await in_memory(wallet, calls)]
        for users in (1, 16, FLUSH_CALLS):
            await asyncio.sleep(0)
            rows.append(await flushes(wallet, users=users, rounds=rounds))
    finally:
        await wallet.close()
        await store.close()
    return rows


def table(rows: list[Row]) -> Table:
    drawn = Table("what", "calls a second", "cpu us a call", "times a look-up", "ms a flush", box=None)
    for row in rows:
        flush_ms = f"{row.wall_s / row.calls * FLUSH_CALLS * 1e3:.1f}" if row.what.startswith("flush") else ""
        ratio = row.cpu_us / rows[0].cpu_us
        drawn.add_row(row.what, f"{row.calls / row.wall_s:,.0f}", f"{row.cpu_us:.2f}", f"{ratio:.1f}", flush_ms)
    return drawn


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", type=int, default=60_000, help="calls in memory")
    parser.add_argument("--rounds", type=int, default=100, help="flushes of each kind")
    parser.add_argument("--dir", type=Path, help="directory of the database; default: a temporary one")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=options.dir) as folder:
        path = Path(folder) / "tutti.sqlite3"
        rows = uvloop.run(measure(path, calls=options.calls, rounds=options.rounds))
        findings = check(path)
    console = Console()
    console.print(table(rows))
    console.print(f"ledger: {findings or 'exact'}")


if __name__ == "__main__":
    main()
