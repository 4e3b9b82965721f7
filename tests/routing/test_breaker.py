"""A breaker opens on many failures and never on one, rests, and lets one probe through at a time."""

from hypothesis import given
from hypothesis import strategies as st

from tutti.routing.breaker import Breaker, BreakerPolicy

POLICY = BreakerPolicy(window=10, failures=5, timeouts=3, rest_ms=1000, most_rest_ms=4000, probe_ms=500)


def opened(now_ms: int = 0) -> Breaker:
    breaker = Breaker(POLICY)
    for _ in range(POLICY.failures):
        breaker.fail(now_ms)
    return breaker


@given(st.lists(st.booleans(), max_size=60), st.integers(0, 59))
def test_breaker_stays_closed_with_one_failure_among_successes(before, at):
    breaker = Breaker(POLICY)
    for number, _ in enumerate(before):
        breaker.fail(number) if number == at else breaker.succeed(number)
    assert breaker.allows(len(before))


def test_breaker_opens_at_the_limit_and_not_before():
    breaker = Breaker(POLICY)
    for _ in range(POLICY.failures - 1):
        breaker.fail(0)
    assert breaker.allows(0)
    breaker.fail(0)
    assert not breaker.allows(0)


def test_breaker_opens_sooner_on_timeouts():
    breaker = Breaker(POLICY)
    for _ in range(POLICY.timeouts):
        breaker.fail(0, is_timeout=True)
    assert not breaker.allows(0)


def test_breaker_stays_closed_when_most_requests_are_well():
    breaker = Breaker(BreakerPolicy(window=20, failures=5))
    for _ in range(40):
        for _ in range(3):
            breaker.succeed(0)
        breaker.fail(0)
    assert breaker.allows(0)


def test_breaker_forgets_failures_that_are_old():
    breaker = Breaker(POLICY)
    for number in range(20):
        breaker.fail(number * POLICY.window_ms // 4)
    assert breaker.allows(5 * POLICY.window_ms)


def test_breaker_lets_one_probe_through_after_its_rest():
    breaker = opened()
    assert not breaker.allows(999)
    assert breaker.allows(1000)
    breaker.begin(1000)
    assert not breaker.allows(1001)


def test_breaker_sends_another_probe_when_one_is_never_reported():
    breaker = opened()
    breaker.begin(1000)
    assert breaker.allows(1500)


def test_breaker_sends_another_probe_at_once_when_one_said_nothing():
    breaker = opened()
    breaker.begin(1000)
    breaker.say_nothing()
    assert breaker.allows(1001)
    assert breaker.is_open


def test_breaker_closes_on_a_probe_that_succeeds():
    breaker = opened()
    breaker.begin(1000)
    breaker.succeed(1100)
    breaker.fail(1200)
    assert breaker.allows(1200)


def test_breaker_rests_twice_as_long_after_each_failed_probe_up_to_the_most():
    breaker, now_ms, rests = opened(), 0, []
    for _ in range(4):
        rests.append(breaker.shut_until_ms - now_ms)
        now_ms = breaker.shut_until_ms
        breaker.begin(now_ms)
        breaker.fail(now_ms)
    assert rests == [1000, 2000, 4000, 4000]


def test_breaker_rests_as_long_as_it_was_told_whatever_earlier_requests_say():
    breaker = Breaker(POLICY)
    breaker.rest(0, for_ms=9000)
    breaker.succeed(10)
    breaker.fail(20)
    assert not breaker.allows(8999)
    assert breaker.allows(9000)
