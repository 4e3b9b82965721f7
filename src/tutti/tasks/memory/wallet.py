"""`WalletStore` and `UsageStore` over dicts."""

from dataclasses import replace

from tutti.billing.records import LoggedCall
from tutti.billing.store import Drawn, Flush, Payer, SliceAsk, SliceChange, share_of
from tutti.errors import KeyQuotaError, NotFoundError, UserQuotaError
from tutti.tasks.memory.tables import SliceRow, Tables

_FOLDED = "folded:"


class MemoryWallet:
    """Slices, flushes and the log of calls."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    async def draw(self, ask: SliceAsk) -> Drawn:
        """Move units of user and key into a slice."""
        tables = self._tables
        user, key = tables.users.get(ask.user_id), tables.keys.get(ask.key_id)
        if user is None or key is None or key.user_id != user.id:
            raise NotFoundError("The key's account does not exist any more.")
        if user.quota < ask.units:
            raise UserQuotaError(f"The account has {user.quota} units left; this call may need {ask.units}.")
        if key.quota is not None and key.quota < ask.units:
            raise KeyQuotaError(f"The key has {key.quota} units left; this call may need {ask.units}.")
        drawn = share_of(ask, user.quota if key.quota is None else min(user.quota, key.quota))
        self._move(ask.user_id, ask.key_id, back=-drawn.units, used=0)
        row = tables.slices.setdefault(ask.slice_id, SliceRow(ask.owner, ask.user_id, ask.key_id))
        row.units += drawn.units
        return drawn

    async def flush(self, flush: Flush) -> None:
        """Charge users and keys, and log their calls."""
        tables = self._tables
        if any(kind == "flush" and ref.startswith(flush.id) for kind, ref in tables.ledger):
            return
        for number, change in enumerate(flush.changes):
            self._charge(change, f"{flush.id}:{number}")
        for call in flush.calls:
            tables.last_call_id += 1
            tables.calls.append(LoggedCall(id=tables.last_call_id, flush_id=flush.id, call=call))

    async def slice_owners(self) -> list[str]:
        """The incarnations that have slices out."""
        return sorted({row.owner for row in self._tables.slices.values()})

    async def return_slices(self, owner: str) -> int:
        """Bring all slices of an incarnation home."""
        slices = self._tables.slices
        mine = [slice_id for slice_id, row in slices.items() if row.owner == owner]
        rows = [slices.pop(slice_id) for slice_id in mine]
        for row in rows:
            self._move(row.user_id, row.key_id, back=row.units, used=0)
        return sum(row.units for row in rows)

    async def list_calls(
        self,
        *,
        user_id: int | None = None,
        key_id: int | None = None,
        channel_id: int | None = None,
        request_id: str | None = None,
        since_ms: int | None = None,
        before_id: int | None = None,
        limit: int,
    ) -> list[LoggedCall]:
        """Calls that fulfil all conditions given, newest first."""
        places = {one.id: _place(one) for one in self._tables.calls}
        found = [
            one
            for one in sorted(self._tables.calls, key=_place, reverse=True)
            if user_id in (None, one.call.user_id)
            and key_id in (None, one.call.key_id)
            and channel_id in (None, one.call.channel_id)
            and request_id in (None, one.call.request_id)
            and (since_ms is None or one.call.at_ms >= since_ms)
            and (before_id is None or (before_id in places and _place(one) < places[before_id]))
        ]
        return found[:limit]

    async def used_since(self, caller: Payer, since_ms: int) -> int:
        """Units of a key's calls and tasks since then."""
        calls = [one.call for one in self._tables.calls if one.call.at_ms >= since_ms]
        tasks = [row.task for row in self._tables.tasks.values() if row.task.created_at_ms >= since_ms]
        return sum(call.units for call in calls if call.key_id == caller.key_id) + sum(
            task.price if task.final_cost is None else task.final_cost for task in tasks if task.key_id == caller.key_id
        )

    async def prune_calls(self, *, before_ms: int, keep_rows: int, limit: int) -> int:
        """Forget the oldest calls."""
        calls = self._tables.calls
        too_old = max((place + 1 for place, one in enumerate(calls) if one.call.at_ms < before_ms), default=0)
        too_many = max(0, len(calls) - keep_rows) if keep_rows else 0
        count = min(limit, max(too_old, too_many))
        del calls[:count]
        return count

    async def fold_flushes(self, *, before_ms: int, limit: int) -> int:  # noqa: ARG002 - rows here have no time
        """Add flush rows without calls into one for each user."""
        ledger, calls = self._tables.ledger, self._tables.calls
        bound = calls[0].flush_id if calls else _FOLDED
        old = sorted(ref for kind, ref in ledger if kind == "flush" and ref < bound)[:limit]
        for ref in old:
            user_id, amount = ledger.pop(("flush", ref))
            folded = "flush", f"{_FOLDED}{user_id}"
            ledger[folded] = user_id, ledger.get(folded, (user_id, 0))[1] + amount
        return len(old)

    def _charge(self, change: SliceChange, ref: str) -> None:
        tables = self._tables
        spent, home = self._take_from_slice(change)
        self._move(change.user_id, change.key_id, back=home, used=spent)
        cost = change.spent + change.owed
        if not cost:
            return
        tables.ledger["flush", ref] = change.user_id, -cost
        owed = cost - spent
        quotas = tables.users[change.user_id].quota, tables.keys[change.key_id].quota
        taken = min(owed, *(quota for quota in quotas if quota is not None))
        self._move(change.user_id, change.key_id, back=-taken, used=taken)
        if taken < owed:
            tables.ledger["shortfall", ref] = change.user_id, owed - taken

    def _take_from_slice(self, change: SliceChange) -> tuple[int, int]:
        row = self._tables.slices.get(change.slice_id)
        if row is None:
            return 0, 0
        spent = min(change.spent, row.units)
        home = min(change.home, row.units - spent)
        row.units -= spent + home
        if not row.units:
            del self._tables.slices[change.slice_id]
        return spent, home

    def _move(self, user_id: int, key_id: int, *, back: int, used: int) -> None:
        tables = self._tables
        user, key = tables.users[user_id], tables.keys[key_id]
        tables.users[user_id] = replace(user, quota=user.quota + back, used_quota=user.used_quota + used)
        quota = None if key.quota is None else key.quota + back
        tables.keys[key_id] = replace(key, quota=quota, used_quota=key.used_quota + used)


def _place(one: LoggedCall) -> tuple[int, int]:
    """Where a call stands in the log as it is read."""
    return one.call.at_ms, one.id
