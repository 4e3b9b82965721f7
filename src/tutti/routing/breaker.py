"""When to leave an upstream alone, and when to look whether it is well again.

A breaker judges the last few outcomes, never one. Closed, it lets everything through. Open, it lets nothing through for
a rest; then one probe after the other, until one succeeds (closed again) or fails (a longer rest). It is pure: whoever
asks says what time it is.
"""

from collections import deque
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class BreakerPolicy:
    """What is too much."""

    # So many of the last outcomes are looked at, none older than this.
    window: int = 20
    window_ms: int = 60_000
    # Opens at so many failures among them, timeouts included; or at so many timeouts, since each costs a caller long.
    failures: int = 5
    timeouts: int = 3
    # And only when at least this share of them failed: a busy channel with a few errors is well.
    failed_share: float = 0.5
    # The first rest; each failed probe doubles it up to the last.
    rest_ms: int = 5_000
    most_rest_ms: int = 300_000
    # A probe that nobody reported back is given up after so long, and another one sent.
    probe_ms: int = 60_000


DEFAULT_POLICY = BreakerPolicy()


# What was seen, and when: short, since every request leaves one.
_Seen = tuple[int, int]
_WELL, _FAILED, _TIMED_OUT = range(3)


class Breaker:
    """The state of one channel or one key."""

    __slots__ = ("_open_until_ms", "_policy", "_rest_ms", "_seen", "is_open", "shut_until_ms")

    def __init__(self, policy: BreakerPolicy = DEFAULT_POLICY) -> None:
        self._policy = policy
        self._seen: deque[_Seen] = deque(maxlen=policy.window)
        self._rest_ms = 0
        self._open_until_ms = 0
        self.is_open = False
        # When a request may go through again, 0 while it is closed. To be read where each microsecond counts.
        self.shut_until_ms = 0

    def allows(self, now_ms: int) -> bool:
        """Whether a request may go through now."""
        return self.shut_until_ms <= now_ms

    def begin(self, now_ms: int) -> None:
        """A request that `allows` let through is sent: on an open breaker it is the probe."""
        if self.is_open:
            self.shut_until_ms = now_ms + self._policy.probe_ms

    def succeed(self, now_ms: int) -> None:
        """It answered as it should."""
        if not self.is_open:
            self._seen.append((now_ms, _WELL))
        elif now_ms >= self._open_until_ms:  # a probe; requests from before the rest say nothing new
            self._seen.clear()
            self.is_open = False
            self._rest_ms = self._open_until_ms = self.shut_until_ms = 0

    def fail(self, now_ms: int, *, is_timeout: bool = False) -> None:
        """It failed, or did not answer in time."""
        if self.is_open:
            if now_ms >= self._open_until_ms:
                self.rest(now_ms)
            return
        self._seen.append((now_ms, _TIMED_OUT if is_timeout else _FAILED))
        if self._is_too_much(now_ms):
            self.rest(now_ms)

    def say_nothing(self) -> None:
        """The request ended without a word on the upstream's health: another probe may go."""
        self.shut_until_ms = self._open_until_ms

    def rest(self, now_ms: int, *, for_ms: int | None = None) -> None:
        """Open for a rest, longer than the one before; or for as long as the upstream asked."""
        policy = self._policy
        self.is_open = True
        if for_ms is None:
            self._rest_ms = min(max(self._rest_ms * 2, policy.rest_ms), policy.most_rest_ms)
            for_ms = self._rest_ms
        self.shut_until_ms = self._open_until_ms = max(self._open_until_ms, now_ms + for_ms)

    def _is_too_much(self, now_ms: int) -> bool:
        policy = self._policy
        recent = [seen for at_ms, seen in self._seen if now_ms - at_ms < policy.window_ms]
        failures = len(recent) - recent.count(_WELL)
        if failures < policy.failed_share * len(recent):
            return False
        return failures >= policy.failures or recent.count(_TIMED_OUT) >= policy.timeouts
