"""How long to wait before the next try: pure functions of what was tried and when."""

import random

# Seconds after the first, second ... failed delivery of a webhook; after the last one the event is buried. It spans a
# day and a half, so that a receiver may be down over a night and a morning.
WEBHOOK_LADDER_S = (5, 30, 120, 600, 3_600, 10_800, 28_800, 86_400)

# With the poller's own tick this keeps the news of an end under a second old.
_LEAST_POLL_S = 0.6
# Tasks asked about in a second, in batches, at about a twentieth of a core; 10,000 are gone round in 11 s.
_POLLS_PER_S = 900


def webhook_delay_s(tries: int, *, retry_after_s: float | None, spread: random.Random) -> float | None:
    """Seconds until the next delivery after `tries` failed ones, None when it is time to give up.

    A receiver's Retry-After may lengthen a step up to the last one's; ten percent of jitter keeps a backlog from
    arriving in one burst.
    """
    if tries > len(WEBHOOK_LADDER_S):
        return None
    step = float(WEBHOOK_LADDER_S[tries - 1])
    if retry_after_s is not None:
        step = max(step, min(retry_after_s, float(WEBHOOK_LADDER_S[-1])))
    return step * spread.uniform(1.0, 1.1)


def poll_delay_s(waited_s: float, *, waiting: int, failures: int, spread: random.Random) -> float:
    """Seconds until an upstream is asked again about work it has had for `waited_s`, while `waiting` tasks wait in all.

    Few tasks are asked about all the time, so that an end is seen within a second; many share `_POLLS_PER_S`; what has
    taken an hour is asked about every half minute. Each failed poll in a row doubles it, up to a minute.
    """
    step = max(_LEAST_POLL_S, waiting / _POLLS_PER_S, min(waited_s / 120 - 7, 30.0))
    return min(step * 2.0 ** min(failures, 8), max(step, 60.0)) * spread.uniform(0.9, 1.1)


def hand_on_delay_s(waited_s: float, *, spread: random.Random) -> float:
    """Seconds until work that nobody could take now is offered again: a fifth of its age, between 2 and 60 s."""
    return min(max(waited_s / 5, 2.0), 60.0) * spread.uniform(0.8, 1.2)


def attempt_delay_s(attempt: int, *, spread: random.Random) -> float:
    """Seconds before a failed task is tried again: 1, 4, 16 ... at most five minutes, with jitter."""
    return min(float(4 ** max(attempt - 1, 0)), 300.0) * spread.uniform(0.8, 1.2)
