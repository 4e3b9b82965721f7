"""Whether a balance near zero can be overdrawn: `script/bench overdraft`.

Two processes, each with its own handle of the database and its own wallet, hold and settle against the same users from
many coroutines at once, far more often than the balances allow; small payments keep them near zero. In the end the
books are proved, and nothing may have been charged beyond what was paid.
"""

import argparse
import asyncio
import multiprocessing
import random
import sqlite3
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import NamedTuple

import uvloop
from rich.console import Console

from tutti.accounts.model import NewKey
from tutti.billing.records import CallRecord
from tutti.billing.wallet import Wallet
from tutti.database.check import check
from tutti.errors import QuotaError, StoreError
from tutti.kit.clock import SystemClock
from tutti.kit.ids import new_id
from tutti.tasks.sqlite import SqliteTaskStore

USERS = 4
KEYS = 8
OPENING = 20_000
# Units of a call, and of a payment now and then.
MOST_UNITS = 500
PAYMENT = 5000
ATTEMPTS_A_PAYMENT = 2000
CALLERS = 64
PROCESSES = 2


class Payer(NamedTuple):
    user_id: int
    key_id: int


def record(payer: Payer, units: int) -> CallRecord:
    return CallRecord(
        request_id="", at_ms=0, user_id=payer.user_id, key_id=payer.key_id, operation="chat", model="m", units=units
    )


async def connect(path: Path) -> SqliteTaskStore:
    return await SqliteTaskStore.connect(path, clock=SystemClock(), render_event=lambda _task, _parts: b"{}")


async def seed(path: Path) -> None:
    store = await connect(path)
    for number in range(USERS):
        user = await store.create_user(f"user {number}", quota=OPENING)
        for _ in range(KEYS // USERS):
            await store.create_key(NewKey(user_id=user.id, name="bench", secret_hash=new_id(), tail="...."))
    await store.close()


class Attacker:
    """One process."""

    def __init__(self, store: SqliteTaskStore, name: str, attempts: int) -> None:
        self.store = store
        self.name = name
        self.wallet = Wallet(store, owner=name)
        self.left = attempts
        self.outcomes: Counter[str] = Counter()
        self.chance = random.Random(name)

    async def run(self) -> None:
        work = asyncio.create_task(self.wallet.run())
        await asyncio.gather(*[self.call_for_ever() for _ in range(CALLERS)])
        work.cancel()
        await asyncio.gather(work, return_exceptions=True)
        await self.wallet.close()

    async def call_for_ever(self) -> None:
        while self.left > 0:
            self.left -= 1
            if self.left % ATTEMPTS_A_PAYMENT == 0:
                await self.store.top_up(self.chance.randint(1, USERS), PAYMENT, ref=f"{self.name} {self.left}")
            self.outcomes[await self.call()] += 1

    async def call(self) -> str:
        key = self.chance.randint(1, KEYS)
        payer = Payer((key - 1) // (KEYS // USERS) + 1, key)
        units = self.chance.randint(1, MOST_UNITS)
        try:
            hold = self.wallet.hold_now(payer, units) or await self.wallet.hold(payer, units)
        except QuotaError:
            return "refused"
        except StoreError:
            return "store"
        if self.chance.random() < 0.1:
            await asyncio.sleep(0)
        # Never more than was held, so that an overdraft would be the wallet's.
        cost = self.chance.randint(0, units)
        call = CallRecord(
            request_id="", at_ms=0, user_id=payer.user_id, key_id=key, operation="chat", model="m", units=cost
        )
        hold.settle(cost, call)
        return "served"


def attack(path: Path, name: str, attempts: int, outcomes: "multiprocessing.Queue[Counter[str]]") -> None:
    async def main() -> Counter[str]:
        store = await connect(path)
        attacker = Attacker(store, name, attempts)
        try:
            await attacker.run()
        finally:
            await store.close()
        return attacker.outcomes

    outcomes.put(uvloop.run(main()))


def prove(path: Path) -> dict[str, int]:
    """What was paid, charged, is left and was written off."""
    connection = sqlite3.connect(path)
    sums = {
        "paid": "SELECT sum(amount) FROM ledger WHERE kind = 'topup'",
        "charged": "SELECT sum(used_quota) FROM users",
        "logged": "SELECT total(units) FROM usage_log",
        "left": "SELECT sum(quota) FROM users",
        "in slices": "SELECT total(units) FROM wallet_leases",
        "written off": "SELECT total(amount) FROM ledger WHERE kind = 'shortfall'",
    }
    found = {what: int(connection.execute(query).fetchone()[0]) for what, query in sums.items()}
    connection.close()
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--attempts", type=int, default=1_000_000, help="holds tried, by both processes together")
    options = parser.parse_args()
    console = Console()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "tutti.sqlite3"
        uvloop.run(seed(path))
        context = multiprocessing.get_context("spawn")
        outcomes = context.Queue()
        began = time.perf_counter()
        processes = [
            context.Process(target=attack, args=(path, f"process {number}", options.attempts // PROCESSES, outcomes))
            for number in range(PROCESSES)
        ]
        for process in processes:
            process.start()
        total: Counter[str] = sum((outcomes.get() for _ in processes), Counter())
        for process in processes:
            process.join()
        elapsed_s = time.perf_counter() - began
        findings, sums = check(path), prove(path)
    overdraft = sums["charged"] + sums["left"] - sums["paid"] + sums["written off"]
    console.print(f"{sum(total.values()):,} attempts in {elapsed_s:.0f} s: {dict(total)}")
    console.print(sums)
    console.print(f"overdraft: {overdraft} units; ledger: {findings or 'exact'}")
    if overdraft or findings or sums["written off"] or sums["charged"] != sums["logged"]:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
