"""Time, as a seam: everything that compares times is given a `Clock`, so that tests can turn it."""

import time
from typing import Protocol


class Clock(Protocol):
    """Tells the time in whole milliseconds since 1970 UTC."""

    def now_ms(self) -> int:
        """The present moment."""
        ...


class SystemClock:
    """The wall clock, held from going back: a clock set back an hour must not revive leases or reorder ids."""

    def __init__(self) -> None:
        self._wall_ms = time.time_ns() // 1_000_000
        self._started_ns = time.monotonic_ns()

    def now_ms(self) -> int:
        """Wall time at the start of this process plus the monotonic time since."""
        return self._wall_ms + (time.monotonic_ns() - self._started_ns) // 1_000_000


class ManualClock:
    """A clock that tests move by hand."""

    def __init__(self, now_ms: int = 1_750_000_000_000) -> None:
        self._now_ms = now_ms

    def now_ms(self) -> int:
        """The moment last set."""
        return self._now_ms

    def advance(self, by_ms: int) -> None:
        """Move on (or, with a negative step, back)."""
        self._now_ms += by_ms
