"""Sessions of many responses over one connection to an upstream of the same wire.

Each response is a call of its own: held for before it can begin, settled by the figures that end it. What the vendor
sends passes untouched.
"""

from collections.abc import Awaitable, Mapping
from functools import partial
from typing import NamedTuple, Protocol

from tutti.errors import VendorError
from tutti.relay.attempts import Address, Attempts
from tutti.relay.bill import Bill, Till
from tutti.relay.call import Call
from tutti.relay.judging import Verdict, judge_error, judge_status, retry_after_s
from tutti.relay.metering import Meter
from tutti.routing.choice import Chooser, Outcome, Pick
from tutti.upstream_socket import RefusedError, Socket
from tutti.vendors.wire import ReplyReader

# Tokens by which a conversation may grow until its next response, for the hold of it.
_GROWTH_TOKENS = 4096
# A handshake needs no time to think.
_MOST_CONNECT_S = 30.0


class Connect(Protocol):
    """Opens connections, see `upstream_socket.connect`."""

    def __call__(self, url: str, headers: Mapping[str, str], *, timeout_s: float) -> Awaitable[Socket]:
        """An open connection. Raises `RefusedError`, `VendorError`."""
        ...


class _Taken(NamedTuple):
    """A channel that let us in."""

    pick: Pick
    socket: Socket


class Sessions:
    """Opens sessions."""

    def __init__(
        self,
        *,
        chooser: Chooser,
        attempts: Attempts,
        till: Till,
        address: Address,
        reader: ReplyReader,
        connect: Connect,
    ) -> None:
        """`reader` reads what a refused handshake says."""
        self._chooser = chooser
        self._attempts = attempts
        self._till = till
        self._address = address
        self._reader = reader
        self._connect = connect

    async def open(self, call: Call) -> "Session":
        """A session at the first channel that lets us in; close it. Raises `TuttiError`."""
        bill = await self._till.open(call, size=_GROWTH_TOKENS)
        try:
            taken = await self._attempts.among(call, bill.trail, partial(self._try, call))
        except BaseException as error:
            bill.fail(error)
            raise
        self._chooser.answered(taken.pick)
        bill.taken_by = taken.pick
        return Session(taken.socket, taken.pick, bill, self._till, self._chooser)

    async def _try(self, call: Call, pick: Pick) -> _Taken | Verdict:
        try:
            target = await self._address(pick, True)
            timeout_s = min(pick.channel.timeout_s, _MOST_CONNECT_S)
            socket = await self._connect(target.url, {**call.headers, **target.headers}, timeout_s=timeout_s)
        except RefusedError as refused:
            told = self._reader.told(refused.status, refused.body)
            verdict = judge_status(refused.status, told, retry_after_s=retry_after_s(refused.retry_after))
        except VendorError as error:
            verdict = judge_error(error)
        except BaseException:  # the caller left
            self._chooser.report(pick, Outcome.CALLER_FAULT)
            raise
        else:
            return _Taken(pick, socket)
        self._chooser.report(pick, verdict.outcome)
        return verdict


class Session:
    """One open session."""

    def __init__(self, socket: Socket, pick: Pick, bill: Bill, till: Till, chooser: Chooser) -> None:
        """`bill` holds for the first response."""
        self.socket = socket
        self._pick = pick
        self._bill: Bill | None = bill
        self._till = till
        self._chooser = chooser
        self._meter = Meter()

    async def account(self, frame: str | bytes) -> None:
        """Settle the response that a frame of the upstream ends, and hold for the next.

        Raises `TuttiError` when that cannot be paid or is too much: the session has to end then.
        """
        usage = self._meter.read(frame)
        if usage is None or self._bill is None:
            return
        bill, self._bill = self._bill, None
        bill.settle(usage)
        self._bill = await self._till.open(bill.call, size=self._meter.prompt_tokens + _GROWTH_TOKENS)
        self._bill.taken_by = self._pick

    async def close(self, *, code: int = 1000, is_upstreams_fault: bool = False) -> None:
        """End it: what broke off is charged by our count, what never began is not charged."""
        bill, self._bill = self._bill, None
        if bill is not None:
            usage = self._meter.cut()
            if usage is None:
                bill.drop()
            else:
                bill.settle(usage, is_estimated=True)
        self._chooser.report(self._pick, Outcome.FAILED if is_upstreams_fault else Outcome.OK)
        await self.socket.close(code)
