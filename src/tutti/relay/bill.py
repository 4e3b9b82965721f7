"""The money of one call: held before anything is sent, settled once whatever happens, told in one usage row."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import msgspec

from tutti.accounts.limits import NO_TICKET, Limiter, Ticket
from tutti.billing.counting import bound_of
from tutti.billing.price import Price
from tutti.billing.prices import Prices
from tutti.billing.records import CallRecord
from tutti.billing.wallet import Hold, Wallet
from tutti.errors import TuttiError, UserQuotaError
from tutti.intents.chat import Usage
from tutti.relay.attempts import Exchange, Trail
from tutti.relay.call import Call
from tutti.relay.drafting import Outgoing
from tutti.relay.things import count_of
from tutti.routing.choice import Pick

_encoder = msgspec.json.Encoder()
# Tokens by which the hold of an answer grows that is longer than was foreseen.
_STRETCH_TOKENS = 1024

# Hears of a settled call, and of the channel that took it.
CallTold = Callable[[CallRecord, Pick | None], None]


class Till:
    """Opens bills."""

    def __init__(self, wallet: Wallet, prices: Prices, limiter: Limiter, *, told: Sequence[CallTold] = ()) -> None:
        """`told` hear of every call when it is settled."""
        self._told = told
        self._limiter = limiter
        self._wallet = wallet
        self._prices = prices

    async def open(self, call: Call, *, size: int | None = None) -> "Bill":
        """Hold what the call may cost at most; `size` bounds the tokens of a prompt that is not in its body.

        Raises `QuotaError`, `RateLimitError`, and `UnavailableError` for an unknown price.
        """
        price = self.price_of(call)
        units = price.bound(bound_of(call.body) if size is None else size, call.peek.max_tokens, count=call.peek.count)
        ticket = await self._limiter.enter(call.caller, units) if call.caller.limits else NO_TICKET
        try:
            hold = self._wallet.hold_now(call.caller, units) or await self._wallet.hold(call.caller, units)
        except BaseException:
            self._limiter.leave(ticket, tokens=0, units=0)
            raise
        covered = (call.peek.max_tokens or price.longest_answer) * call.peek.count
        return Bill(
            call=call,
            price=price,
            hold=hold,
            ticket=ticket,
            limiter=self._limiter,
            covered_tokens=covered,
            told=self._told,
        )

    def price_of(self, call: Call) -> Price:
        """What a call is charged by. Raises `UnavailableError` for an unknown price."""
        return self._prices.of(call.peek.model, call.caller.group)

    async def charge(self, call: Call, pick: Pick, usage: Usage, *, reply: bytes, is_estimated: bool) -> None:
        """Charge what came about beside a call that was let in, and could not be held for; parameters as of `settle`.

        Raises `QuotaError` when it cannot be paid whole: what can is charged all the same. Raises `UnavailableError`.
        """
        price = self.price_of(call)
        hold = await self._wallet.hold(call.caller, 0)
        bill = Bill(
            call=call,
            price=price,
            hold=hold,
            ticket=self._limiter.beside(call.caller),
            limiter=self._limiter,
            covered_tokens=0,
            told=self._told,
            taken_by=pick,
        )
        is_paid = await hold.extend(price.units(usage, count=count_of(price.thing, call, reply)))
        bill.settle(usage, reply=reply, is_estimated=is_estimated)
        if not is_paid:
            raise UserQuotaError("The credit does not cover what was written down.")


@dataclass(kw_only=True, slots=True)
class Bill:
    """What one call costs, and what is written down of it."""

    call: Call
    price: Price
    hold: Hold
    ticket: Ticket
    limiter: Limiter
    # Tokens of an answer that the hold covers.
    covered_tokens: int
    told: Sequence[CallTold] = ()
    trail: Trail = field(default_factory=Trail)
    exchange: Exchange | None = None
    # The channel of a call that is no exchange of a request and a reply.
    taken_by: Pick | None = None
    # Milliseconds until the upstream's first byte.
    first_byte_ms: int | None = None
    _started_s: float = field(default_factory=time.perf_counter)

    @property
    def pick(self) -> Pick:
        """The channel that took the call."""
        assert self.exchange is not None
        return self.exchange.pick

    @property
    def outgoing(self) -> Outgoing:
        """The request as that channel got it."""
        assert self.exchange is not None
        return self.exchange.outgoing

    async def extend(self) -> bool:
        """Hold for a further stretch of an answer that outgrew its hold; False when the credit does not allow it."""
        if not await self.hold.extend(self.price.bound(0, _STRETCH_TOKENS, count=1)):
            return False
        self.covered_tokens += _STRETCH_TOKENS
        return True

    async def cover(self, outgoing: Outgoing) -> None:
        """Hold for the files that were put into a request too. Raises `QuotaError` when it is not there."""
        peek = self.call.peek
        units = self.price.bound(bound_of(outgoing.body), peek.max_tokens, count=peek.count) - self.hold.units
        if units > 0 and not await self.hold.extend(units):
            raise UserQuotaError("The credit does not cover what the call may cost with the files that it names.")

    def note_first_byte(self) -> None:
        """The upstream has begun to answer."""
        self.first_byte_ms = self._elapsed_ms()

    def settle(
        self,
        usage: Usage,
        *,
        reply: bytes = b"",
        status: int = 200,
        error_code: str = "",
        is_estimated: bool = False,
    ) -> None:
        """Charge what was used, by the figures and, of what is no token, by request and `reply`; the rest goes back."""
        count = count_of(self.price.thing, self.call, reply)
        units = self.price.units(usage, count=count)
        self.limiter.leave(self.ticket, tokens=(usage.input_tokens or 0) + (usage.output_tokens or 0), units=units)
        self.hold.settle(units, self._record(units, usage, status, error_code, is_estimated=is_estimated, count=count))

    def fail(self, error: BaseException) -> None:
        """Charge nothing: nobody served the call because of this; what is no error of ours is a caller who left."""
        if isinstance(error, TuttiError):
            self.release(status=error.status, error_code=error.code)
        else:
            self.release(status=499, error_code="client_closed_request")

    def release(self, *, status: int, error_code: str) -> None:
        """Charge nothing: nobody served the call."""
        self.limiter.leave(self.ticket, tokens=0, units=0)
        self.hold.release(self._record(0, Usage(), status, error_code, is_estimated=False))

    def drop(self) -> None:
        """Charge nothing and write nothing down: there was no call."""
        self.limiter.leave(self.ticket, tokens=0, units=0)
        self.hold.release()

    def _elapsed_ms(self) -> int:
        return round((time.perf_counter() - self._started_s) * 1000)

    def _record(
        self, units: int, usage: Usage, status: int, error_code: str, *, is_estimated: bool, count: float = 0
    ) -> CallRecord:
        call, pick = self.call, self.exchange.pick if self.exchange else self.taken_by
        record = CallRecord(
            request_id=call.request_id,
            at_ms=self.limiter.clock.now_ms(),
            user_id=call.caller.user_id,
            key_id=call.caller.key_id,
            operation=call.operation,
            model=call.peek.model,
            upstream_model=pick.upstream_model if pick else "",
            channel_id=pick.channel.id if pick else None,
            engine=None,
            is_stream=call.peek.is_stream,
            input_tokens=usage.input_tokens or 0,
            cached_tokens=usage.cached_tokens,
            output_tokens=usage.output_tokens or 0,
            reasoning_tokens=usage.reasoning_tokens,
            units=units,
            status=status,
            error_code=error_code,
            duration_ms=self._elapsed_ms(),
            first_byte_ms=self.first_byte_ms,
            attempts=_encoder.encode(self.trail.failures).decode() if self.trail.failures else "",
            is_estimated=is_estimated,
            client_ip=call.client_ip,
            group_name=call.caller.group,
            cache_written_tokens=usage.cache_written_tokens,
            cache_written_1h_tokens=usage.cache_written_1h_tokens,
            thing=self.price.thing if count and self.price.thing_rate else "",
            thing_count=count if self.price.thing_rate else 0,
        )
        for told in self.told:
            told(record, pick)
        if call.trace is not None:
            call.trace.tell(record, pick)
        return record
