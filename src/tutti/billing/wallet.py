"""Prepaid money for immediate calls, held and settled in memory at the cost of an addition.

One transaction moves a slice of a balance into a row of this process; calls hold and settle against it here; a flush
writes what they used. A kill -9 costs the operator at most one flush and the customer nothing: at the next start the
slices go home whole. What a slice is, and how large, is said in `slices.py` and `store.py`.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, NamedTuple, Never

import msgspec
import structlog

from tutti.billing.records import CallRecord
from tutti.billing.slices import Slice
from tutti.billing.store import Flush, Payer, SliceAsk, SliceChange, WalletStore
from tutti.errors import QuotaError, StoreError
from tutti.kit.ids import new_id

# A flush is written so long after the first call that it settles, or when so many wait for it.
FLUSH_S = 0.05
FLUSH_CALLS = 256
# A slice goes home that nobody has held of for so many rounds: 2 s.
SWEEP_S = 0.5
IDLE_ROUNDS = 4
# Between two tries when the database refuses, and the calls that may wait for it before new ones are refused.
_RETRY_S = 1.0
_MOST_WAITING = 65_536

_log = structlog.get_logger("tutti.wallet")


class Hold:
    """Units set aside for one call; settle it exactly once, whatever happens."""

    __slots__ = ("_is_open", "_slice", "_wallet", "units")

    def __init__(self, wallet: "Wallet", of: Slice, units: int) -> None:
        self.units = units
        self._wallet = wallet
        self._slice = of
        self._is_open = True

    async def extend(self, units: int) -> bool:
        """Set more aside; False, and nothing changed, when user or key cannot pay it. Raises `StoreError`."""
        try:
            while self._is_open and self._slice.free < units:
                await self._wallet.fund(self._slice, units)
        except QuotaError:
            return False
        if not self._is_open:
            return False
        self._slice.free -= units
        self._slice.held += units
        self.units += units
        return True

    def settle(self, units: int, call: CallRecord | None) -> None:
        """Charge what the call cost, give the rest back, and log the call; only the first time counts.

        What goes beyond the hold is taken from the slice, then from the balance; what is not there either is written
        off as a shortfall. A charge needs its record, so that it can be explained.
        """
        if call is None and units:
            raise ValueError(f"A charge of {units} units has no record of its call.")
        if self._is_open:
            self._is_open = False
            self._wallet.book(self._slice, held=self.units, units=units, call=call)

    def release(self, call: CallRecord | None = None) -> None:
        """Charge nothing; a call that is given is logged."""
        self.settle(0, call)


class _Settled(msgspec.Struct, frozen=True, gc=False):
    """A settled call that waits for its flush."""

    of: Slice
    units: int
    # Those of the units that were not in the slice.
    owed: int
    call: CallRecord


class Stock(NamedTuple):
    """What a process has of its callers' money, in units, and the settled calls that are not written yet."""

    held: int
    free: int
    unwritten: int


class Wallet:
    """Holds and settles for all callers of one process; `run` it beside the server, `close` it in the end."""

    def __init__(self, store: WalletStore, *, owner: str) -> None:
        """Keep slices under the name of this incarnation of the process."""
        self._store = store
        self._owner = owner
        self._slices: dict[int, Slice] = {}
        self._settled: list[_Settled] = []
        # Slices of users near zero that have something to give back.
        self._homing: set[Slice] = set()
        self._last_flush_ms = 0
        # What the database refused; it comes before anything new.
        self._unwritten: Flush | None = None
        self._flushing = asyncio.Lock()
        self._something = asyncio.Event()
        self._enough = asyncio.Event()
        self._under_way: set[asyncio.Task[None]] = set()

    def hold_now(self, caller: Payer, units: int) -> Hold | None:
        """A hold of so many units, at once; None when that takes a look at the balance: see `hold`."""
        of = self._slices.get(caller.key_id)
        if of is None or of.free < units or len(self._settled) > _MOST_WAITING:
            return None
        of.free -= units
        of.held += units
        of.holds += 1
        of.idle_rounds = 0
        return Hold(self, of, units)

    async def hold(self, caller: Payer, units: int) -> Hold:
        """A hold of so many units.

        Raises `UserQuotaError`, `KeyQuotaError` when they are not there, `NotFoundError` when the key is gone,
        `StoreError`.
        """
        while (hold := self.hold_now(caller, units)) is None:
            if len(self._settled) > _MOST_WAITING:
                raise StoreError("Calls cannot be charged: the database does not take them. See the server's log.")
            await self.fund(self._slice_of(caller), units)
        return hold

    async def fund(self, of: Slice, units: int) -> None:
        """See to it that a slice has so many units free at this moment. Raises as `hold`."""
        of.draws += 1
        try:
            async with of.drawing:
                if of.free < units:
                    await self._draw_or_recall(of, units)
        finally:
            of.draws -= 1

    def book(self, of: Slice, *, held: int, units: int, call: CallRecord | None) -> None:
        """End a hold; its call is charged in the next flush."""
        owed = of.cover(held, units)
        if call is not None:
            self._settled.append(_Settled(of, units, owed, call))
            if len(self._settled) >= FLUSH_CALLS:
                self._enough.set()
        if of.is_tight:
            self._homing.add(of)
        self._something.set()

    async def flush(self) -> None:
        """Write what was settled up to now. Raises `StoreError`; nothing is lost then, the next flush brings it."""
        await self._whole(self._flush())

    async def sweep(self) -> None:
        """Send home what nobody has held of for long; to be called every `SWEEP_S`."""
        for of in self._slices.values():
            of.idle_rounds += 1
            if of.idle_rounds > IDLE_ROUNDS and of.free:
                self._homing.add(of)
        if self._homing:
            await self.flush()
        for of in [one for one in self._slices.values() if one.idle_rounds > IDLE_ROUNDS and one.is_done]:
            del self._slices[of.key_id]

    async def recall(self, user_id: int) -> bool:
        """Bring home what a user's slices keep in stock, for what is paid from the balance; whether anything came."""
        if not self._mark_stock(user_id):
            return False
        await self.flush()
        return True

    def stock(self) -> Stock:
        """What is here at this moment."""
        slices = self._slices.values()
        unwritten = len(self._settled) + (len(self._unwritten.calls) if self._unwritten else 0)
        return Stock(sum(of.held for of in slices), sum(of.free for of in slices), unwritten)

    async def run(self) -> Never:
        """Flush and sweep until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(_for_ever(self._flush_when_due))
            group.create_task(_for_ever(self._sweep_when_due))
        raise AssertionError  # neither ends by itself

    async def close(self) -> None:
        """Flush, and send everything home; what is held then is not charged any more. Raises `StoreError`."""
        while self._under_way:
            await asyncio.gather(*self._under_way, return_exceptions=True)
        self._homing.update(self._slices.values())
        await self.flush()
        await self._store.return_slices(self._owner)
        self._slices.clear()

    def _slice_of(self, caller: Payer) -> Slice:
        of = self._slices.get(caller.key_id)
        if of is None:
            of = self._slices[caller.key_id] = Slice.of(caller.user_id, caller.key_id)
        return of

    async def _draw_or_recall(self, of: Slice, units: int) -> None:
        """Draw on the balance; what other slices of the user keep in stock is brought home before anyone is refused."""
        try:
            await self._whole(self._draw(of, units))
        except QuotaError:
            if not await self.recall(of.user_id):
                raise
            await self._whole(self._draw(of, units))

    async def _draw(self, of: Slice, units: int) -> None:
        of.draws += 1
        try:
            ask = SliceAsk(of.id, self._owner, of.user_id, of.key_id, units, of.held)
            drawn = await self._store.draw(ask)
            of.free += drawn.units
            of.is_tight = drawn.is_tight
        finally:
            of.draws -= 1

    def _mark_stock(self, user_id: int) -> bool:
        """Let what a user's slices keep in stock go home in the next flush; whether anything is on its way there."""
        stocked = [of for of in self._slices.values() if of.user_id == user_id and of.free]
        self._homing.update(stocked)
        return bool(stocked) or self._flushing.locked()

    async def _flush(self) -> None:
        async with self._flushing:
            while batch := self._unwritten or self._collect():
                self._unwritten = batch
                await self._store.flush(batch)
                self._unwritten = None

    def _collect(self) -> Flush | None:
        """All that has happened since the flush before; None when nothing has."""
        settled, self._settled = self._settled, []
        homing, self._homing = self._homing, set()
        self._something.clear()
        self._enough.clear()
        changes = _changes(settled, homing)
        if not changes:
            return None
        return Flush(self._next_flush_id(), changes, [_charged(one) for one in settled])

    def _next_flush_id(self) -> str:
        """Flushes sort in the order they were written in, two of one millisecond too: ids tell the old ones."""
        self._last_flush_ms = max(time.time_ns() // 1_000_000, self._last_flush_ms + 1)
        return new_id(self._last_flush_ms)

    async def _flush_when_due(self) -> None:
        await self._something.wait()
        try:
            async with asyncio.timeout(FLUSH_S):
                await self._enough.wait()
        except TimeoutError:
            pass
        await self.flush()

    async def _sweep_when_due(self) -> None:
        await asyncio.sleep(SWEEP_S)
        await self.sweep()

    async def _whole(self, work: Coroutine[Any, Any, None]) -> None:
        """Do something that must not be cut short when its caller goes away: memory and database would disagree."""
        task = asyncio.ensure_future(work)
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)
        await asyncio.shield(task)


def _changes(settled: list[_Settled], homing: set[Slice]) -> list[SliceChange]:
    """One change for each slice that was charged or gives something back."""
    sums: dict[Slice, list[int]] = {}
    for one in settled:
        spent_and_owed = sums.setdefault(one.of, [0, 0])
        spent_and_owed[0] += one.units - one.owed
        spent_and_owed[1] += one.owed
    for of in homing:
        if of.free:
            sums.setdefault(of, [0, 0])
    return [
        SliceChange(of.id, of.user_id, of.key_id, spent, owed, of.empty() if of in homing else 0)
        for of, (spent, owed) in sums.items()
    ]


def _charged(one: _Settled) -> CallRecord:
    """The record with the figure that was charged."""
    return one.call if one.call.units == one.units else msgspec.structs.replace(one.call, units=one.units)


async def _for_ever(step: Callable[[], Awaitable[None]]) -> Never:
    """Do a step again and again until cancelled; when the database refuses, the next try comes a little later."""
    while True:
        try:
            await step()
        except Exception:  # noqa: BLE001 - money must be written in the end, whatever it was that went wrong
            _log.exception("wallet_stumbled")
            await asyncio.sleep(_RETRY_S)
