"""Wallets and calls for tests."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

from tutti.billing.records import CallRecord
from tutti.billing.wallet import Hold, Wallet


@dataclass(frozen=True)
class Payer:
    """User 1 with key 1, unless said otherwise."""

    user_id: int = 1
    key_id: int = 1


def call(**changes: Any) -> CallRecord:
    """A chat of user 1 through key 1."""
    fields = {"request_id": "r", "at_ms": 1, "user_id": 1, "key_id": 1, "operation": "chat", "model": "gpt-4o"}
    return CallRecord(**(fields | changes))


def settle(hold: Hold, units: int) -> None:
    """Charge a hold, whosever it is."""
    hold.settle(units, call(user_id=hold._slice.user_id, key_id=hold._slice.key_id, units=units))


@contextlib.asynccontextmanager
async def running(wallet: Wallet) -> AsyncIterator[Wallet]:
    """A wallet that flushes by itself."""
    work = asyncio.create_task(wallet.run())
    try:
        yield wallet
    finally:
        work.cancel()
        await asyncio.gather(work, return_exceptions=True)
