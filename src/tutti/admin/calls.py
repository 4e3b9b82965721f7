"""Deeds on the usage log, done in this process."""

from collections.abc import Sequence
from typing import Protocol

import msgspec

from tutti.accounts.model import DEFAULT_GROUP
from tutti.accounts.service import Accounts
from tutti.admin.costs import cost_of
from tutti.admin.names import Names
from tutti.admin.told import CallInfo, CallStory, Cost, LedgerInfo
from tutti.billing.prices import Prices
from tutti.billing.records import CallRecord, LoggedCall
from tutti.billing.store import UsageStore
from tutti.errors import InvalidRequestError, NoPriceError
from tutti.routing.desk import ChannelDesk
from tutti.tasks.model import LedgerRow
from tutti.tasks.store import Records

# Calls in one answer.
MOST_ROWS = 1000


class LogStore(UsageStore, Records, Protocol):
    """The usage log and the ledger."""


class LocalCallDeeds:
    """The part of `Deeds` that concerns immediate calls."""

    def __init__(self, accounts: Accounts, channels: ChannelDesk, prices: Prices, log: LogStore) -> None:
        """`prices` are those that hold now."""
        self._people = accounts
        self._upstreams = channels
        self._figures = prices
        self._log = log

    async def list_calls(
        self,
        *,
        user: str | None = None,
        key_id: int | None = None,
        channel: str | None = None,
        since_ms: int | None = None,
        before_id: int | None = None,
        limit: int = 50,
    ) -> list[CallInfo]:
        """Calls, newest first."""
        require_limit(limit)
        found = await self._log.list_calls(
            user_id=None if user is None else (await self._people.find_user(user)).id,
            key_id=key_id,
            channel_id=None if channel is None else self._upstreams.find(channel).id,
            since_ms=since_ms,
            before_id=before_id,
            limit=limit,
        )
        names = await Names.read(self._people, self._upstreams)
        return [call_info(one, names) for one in found]

    async def call_stories(self, request_id: str, names: Names) -> tuple[CallStory, ...]:
        """What happened with the calls of one request."""
        found = await self._log.list_calls(request_id=request_id, limit=MOST_ROWS)
        return tuple([await self._call_story(one, names) for one in found])

    async def _call_story(self, logged: LoggedCall, names: Names) -> CallStory:
        ledger = await self._log.ledger_of(logged.flush_id)
        mine = [row for row in ledger if row.user_id == logged.call.user_id]
        return CallStory(call=call_info(logged, names), cost=self._cost(logged.call, names), ledger=ledger_infos(mine))

    def _cost(self, call: CallRecord, names: Names) -> Cost | None:
        key, user = names.keys.get(call.key_id), names.users.get(call.user_id)
        group = call.group_name or (key and key.rules.group) or (user and user.group) or DEFAULT_GROUP
        try:
            return cost_of(call, self._figures, group)
        except NoPriceError:
            return None


def require_limit(limit: int) -> None:
    """Raise `InvalidRequestError` for a number of rows that is none."""
    if not 1 <= limit <= MOST_ROWS:
        raise InvalidRequestError(f"limit is from 1 to {MOST_ROWS}.", field="limit")


def ledger_infos(rows: Sequence[LedgerRow]) -> tuple[LedgerInfo, ...]:
    """Rows of the ledger as they are told."""
    return tuple(LedgerInfo(kind=row.kind, ref=row.ref, units=row.amount) for row in rows)


def call_info(logged: LoggedCall, names: Names) -> CallInfo:
    """A row of the log as it is told."""
    call = logged.call
    told = {field: getattr(call, field) for field in CallInfo.__struct_fields__ if hasattr(call, field)}
    return CallInfo(
        **told,
        id=logged.id,
        user=names.user(call.user_id),
        key=names.key(call.key_id),
        channel=names.channel(call.channel_id),
        group=call.group_name,
        failures=tuple(msgspec.json.decode(call.attempts, type=list[str])) if call.attempts else (),
    )
