"""What a key may do in a minute and in a day: looked at in memory, for calls that are answered at once and for tasks.

Every process counts for itself; a limit of 0 is none. What was used today is read from the usage log at the first call
of a key, so that a restart forgives nothing.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from tutti.accounts.model import Caller, KeyLimits
from tutti.errors import DailyCapError, RateLimitError
from tutti.kit.bucket import Bucket
from tutti.kit.clock import Clock

_DAY_MS = 86_400_000
_UNLIMITED = KeyLimits()
# Units that the key of a caller has used since a moment (Unix milliseconds).
UsedSince = Callable[[Caller, int], Awaitable[int]]


@dataclass(slots=True)
class _State:
    """What a key is doing."""

    limits: KeyLimits = _UNLIMITED
    requests: Bucket | None = None
    tokens: Bucket | None = None
    parallel: int = 0
    # The UTC day that the figures are of, units used in it, and units held.
    day: int = 0
    used: int = 0
    held: int = 0


@dataclass(frozen=True, slots=True)
class Ticket:
    """One call that was let in; `Limiter.leave` takes it back."""

    key_id: int
    units: int
    state: _State | None = field(repr=False)


# Of keys without limits.
NO_TICKET = Ticket(0, 0, None)


class Limiter:
    """Lets calls in."""

    def __init__(self, clock: Clock, used_since: UsedSince) -> None:
        self.clock = clock
        self._used_since = used_since
        self._states: dict[int, _State] = {}

    async def enter(self, caller: Caller, units: int) -> Ticket:
        """Let a call in that may cost so many units. Raises `RateLimitError`, `DailyCapError`."""
        if caller.limits is None:
            return NO_TICKET
        state = self._states.setdefault(caller.key_id, _State())
        if state.limits != caller.limits:
            self._set(state, caller.limits)
        if state.limits.daily_units:
            await self._turn_day(caller, state)
        self._require(state, units)
        state.parallel += 1
        state.held += units
        if state.requests is not None:
            state.requests.take(1, self._now_s())
        return Ticket(caller.key_id, units, state)

    def beside(self, caller: Caller) -> Ticket:
        """For work that belongs to a call that is let in: its tokens and units count, but not it itself as a call."""
        state = self._states.get(caller.key_id)
        if state is None:
            return NO_TICKET
        state.parallel += 1
        return Ticket(caller.key_id, 0, state)

    def leave(self, ticket: Ticket, *, tokens: int, units: int) -> None:
        """A call has ended and cost so much."""
        state = ticket.state
        if state is None:
            return
        state.parallel -= 1
        state.held -= ticket.units
        state.used += units
        if state.tokens is not None:
            state.tokens.take(tokens, self._now_s())

    def _set(self, state: _State, limits: KeyLimits) -> None:
        """Hold a key to other limits; what it is doing goes on and counts."""
        now_s = self._now_s()
        state.limits = limits
        state.requests = Bucket(limits.requests_per_minute, now_s=now_s) if limits.requests_per_minute else None
        state.tokens = Bucket(limits.tokens_per_minute, now_s=now_s) if limits.tokens_per_minute else None

    async def _turn_day(self, caller: Caller, state: _State) -> None:
        """Begin a new day's figures with what the log says of it."""
        today = self.clock.now_ms() // _DAY_MS
        if state.day != today:
            used = await self._used_since(caller, today * _DAY_MS)
            if state.day != today:
                state.day, state.used = today, used

    def _require(self, state: _State, units: int) -> None:
        limits, now_s = state.limits, self._now_s()
        if limits.parallel and state.parallel >= limits.parallel:
            raise RateLimitError(f"The key may have {limits.parallel} calls at once.", retry_after_s=1.0)
        if state.requests is not None and (wait_s := state.requests.wait_s(1, now_s)):
            raise RateLimitError(
                f"The key may make {limits.requests_per_minute} calls a minute.",
                retry_after_s=wait_s,
                subject=str(limits.requests_per_minute),
            )
        if state.tokens is not None and (wait_s := state.tokens.wait_s(0, now_s)):
            raise RateLimitError(f"The key may use {limits.tokens_per_minute} tokens a minute.", retry_after_s=wait_s)
        if limits.daily_units and state.used + state.held + units > limits.daily_units:
            until_midnight_s = (_DAY_MS - self.clock.now_ms() % _DAY_MS) / 1000
            raise DailyCapError(
                f"The key may use {limits.daily_units} units a day; {state.used} are used.",
                retry_after_s=until_midnight_s,
            )

    def _now_s(self) -> float:
        return self.clock.now_ms() / 1000
