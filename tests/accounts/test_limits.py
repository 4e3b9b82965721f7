"""What keys may do in a minute and in a day."""

from typing import Any

import pytest

from tutti.accounts.limits import Limiter
from tutti.accounts.model import Caller, KeyLimits
from tutti.errors import DailyCapError, RateLimitError
from tutti.kit.clock import ManualClock

pytestmark = pytest.mark.anyio

DAY_MS = 86_400_000


class Log:
    """What the usage log says of a day."""

    def __init__(self) -> None:
        self.used = 0
        self.asked: list[int] = []

    async def used_since(self, _caller: Caller, since_ms: int) -> int:
        self.asked.append(since_ms)
        return self.used


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def log() -> Log:
    return Log()


@pytest.fixture
def limiter(clock: ManualClock, log: Log) -> Limiter:
    return Limiter(clock, log.used_since)


def caller(**limits: int) -> Caller:
    return Caller(user_id=1, key_id=7, is_admin=False, models=None, limits=KeyLimits(**limits) if limits else None)


async def test_a_key_without_limits_is_never_refused(limiter: Limiter) -> None:
    for _ in range(1000):
        await limiter.enter(caller(), 10**12)


async def test_calls_a_minute_come_back_steadily(limiter: Limiter, clock: ManualClock) -> None:
    mira = caller(requests_per_minute=6)
    for _ in range(6):
        await limiter.enter(mira, 0)
    with pytest.raises(RateLimitError) as refused:
        await limiter.enter(mira, 0)
    assert refused.value.retry_after_s == pytest.approx(10, abs=0.01)
    clock.advance(10_000)
    await limiter.enter(mira, 0)
    with pytest.raises(RateLimitError):
        await limiter.enter(mira, 0)


async def test_tokens_count_when_they_are_known(limiter: Limiter, clock: ManualClock) -> None:
    mira = caller(tokens_per_minute=600)
    limiter.leave(await limiter.enter(mira, 0), tokens=900, units=0)
    with pytest.raises(RateLimitError) as refused:
        await limiter.enter(mira, 0)
    assert refused.value.retry_after_s == pytest.approx(30, abs=0.01)
    clock.advance(30_000)
    await limiter.enter(mira, 0)


async def test_calls_at_once_are_counted_by_their_ends(limiter: Limiter) -> None:
    mira = caller(parallel=2)
    first = await limiter.enter(mira, 0)
    await limiter.enter(mira, 0)
    with pytest.raises(RateLimitError):
        await limiter.enter(mira, 0)
    limiter.leave(first, tokens=0, units=0)
    await limiter.enter(mira, 0)


async def test_calls_that_run_count_against_limits_that_are_new(limiter: Limiter) -> None:
    running = await limiter.enter(caller(parallel=5), 0)
    with pytest.raises(RateLimitError):
        await limiter.enter(caller(parallel=1), 0)
    limiter.leave(running, tokens=0, units=0)
    await limiter.enter(caller(parallel=1), 0)


@pytest.mark.parametrize(("held", "is_let_in"), [(60, True), (61, False)])
async def test_a_day_holds_what_was_used_and_what_is_held(
    limiter: Limiter, log: Log, held: int, *, is_let_in: bool
) -> None:
    log.used = 30
    mira = caller(daily_units=100)
    limiter.leave(await limiter.enter(mira, 50), tokens=0, units=10)
    refusal: Any = None
    try:
        await limiter.enter(mira, held)
    except DailyCapError as error:
        refusal = error
    assert (refusal is None) == is_let_in


async def test_a_new_day_begins_with_what_the_log_says(limiter: Limiter, log: Log, clock: ManualClock) -> None:
    mira = caller(daily_units=100)
    limiter.leave(await limiter.enter(mira, 100), tokens=0, units=100)
    with pytest.raises(DailyCapError) as refused:
        await limiter.enter(mira, 1)
    assert 0 < (refused.value.retry_after_s or 0) <= DAY_MS / 1000
    clock.advance(DAY_MS)
    log.used = 40
    await limiter.enter(mira, 60)
    assert log.asked == [at // DAY_MS * DAY_MS for at in (clock.now_ms() - DAY_MS, clock.now_ms())]


async def test_work_beside_a_call_counts_but_is_no_call(limiter: Limiter) -> None:
    mira = caller(parallel=1, requests_per_minute=2, daily_units=1000)
    ticket = await limiter.enter(mira, 400)
    for _ in range(2):
        limiter.leave(limiter.beside(mira), tokens=0, units=350)
    limiter.leave(ticket, tokens=0, units=0)
    with pytest.raises(DailyCapError, match="700 are used"):
        await limiter.enter(mira, 301)
    await limiter.enter(mira, 300)


async def test_tokens_of_work_beside_a_call_count(limiter: Limiter) -> None:
    mira = caller(tokens_per_minute=100)
    await limiter.enter(mira, 0)
    limiter.leave(limiter.beside(mira), tokens=101, units=0)
    with pytest.raises(RateLimitError, match="tokens a minute"):
        await limiter.enter(mira, 0)


def test_work_beside_a_call_of_a_key_without_limits_is_not_counted(limiter: Limiter) -> None:
    limiter.leave(limiter.beside(caller()), tokens=10, units=10)
