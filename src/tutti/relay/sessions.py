"""Sessions of many responses over one connection to an upstream of the same wire.

Each response is a call of its own: held for before it can begin, settled by the figures that end it. So is each
transcript of a session that only writes down; of those that come beside responses see `transcripts.py`. What the vendor
sends passes untouched.
"""

from collections.abc import Awaitable, Mapping
from functools import partial
from typing import NamedTuple, Protocol

from tutti.errors import ModelForbiddenError, VendorError
from tutti.relay.attempts import Address, Attempts
from tutti.relay.bill import Bill, Till
from tutti.relay.call import Call
from tutti.relay.judging import Verdict, judge_error, judge_status, retry_after_s
from tutti.relay.metering import Meter, ResponseMeter, TranscriptMeter
from tutti.relay.transcripts import Transcripts
from tutti.routing.choice import Chooser, Outcome, Pick
from tutti.upstream_socket import RefusedError, Socket
from tutti.vendors.wire import ReplyReader

# Tokens by which a conversation may grow until its next response, for the hold of it.
_GROWTH_TOKENS = 4096
# What reads the figures of each operation.
_METERS: dict[str, type[Meter]] = {"realtime": ResponseMeter, "realtime_transcription": TranscriptMeter}
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
        meter = _METERS[call.operation]()
        return Session(taken.socket, taken.pick, bill, self._till, chooser=self._chooser, meter=meter)

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

    def __init__(self, socket: Socket, pick: Pick, bill: Bill, till: Till, *, chooser: Chooser, meter: Meter) -> None:
        """`bill` holds for the first response."""
        self.socket = socket
        self._pick = pick
        self._bill: Bill | None = bill
        self._till = till
        self._chooser = chooser
        self._meter = meter
        is_conversation = bill.call.operation == "realtime"
        self._transcripts = Transcripts(bill.call, pick, till) if is_conversation else None

    @property
    def upstream_model(self) -> str:
        """What the upstream calls the model."""
        return self._pick.upstream_model

    async def account(self, frame: str | bytes) -> None:
        """Settle the response or the transcript that a frame of the upstream ends, and hold for the next response.

        Raises `TuttiError` when that cannot be paid or is too much, or when the caller has changed to a model that was
        not asked for: the session has to end then.
        """
        if self._transcripts is not None:
            await self._transcripts.account(frame)
        ended = self._meter.read(frame)
        self._require_model()
        if ended is None or self._bill is None:
            return
        bill, self._bill = self._bill, None
        bill.settle(ended.usage, reply=ended.told, is_estimated=ended.is_estimated)
        self._bill = await self._till.open(bill.call, size=self._meter.prompt_tokens + _GROWTH_TOKENS)
        self._bill.taken_by = self._pick

    async def close(self, *, code: int = 1000, is_upstreams_fault: bool = False) -> None:
        """End it: what broke off is charged by our count, what never began is not charged."""
        bill, self._bill = self._bill, None
        if bill is not None:
            ended = self._meter.cut()
            if ended is None:
                bill.drop()
            else:
                bill.settle(ended.usage, reply=ended.told, is_estimated=True)
        if self._transcripts is not None:
            await self._transcripts.close()
        self._chooser.report(self._pick, Outcome.FAILED if is_upstreams_fault else Outcome.OK)
        await self.socket.close(code)

    def _require_model(self) -> None:
        """Refuse another model than was asked for; vendors add a date to the name."""
        told = self._meter.model
        if told is not None and not told.startswith(self.upstream_model):
            raise ModelForbiddenError(f"The session is for the model {self.upstream_model}, not {told}.", subject=told)
