"""A bucket that fills steadily: so many to the minute, with a burst of as many."""


class Bucket:
    """Counts what may still be taken; whoever asks says what time it is, in seconds of a clock that never goes back."""

    __slots__ = ("_at_s", "_level", "_per_s", "_size")

    def __init__(self, per_minute: int, *, now_s: float) -> None:
        self._size = float(per_minute)
        self._per_s = per_minute / 60
        self._level = self._size
        self._at_s = now_s

    def wait_s(self, count: float, now_s: float) -> float:
        """Seconds until so many are there; 0 when they are, and more than a minute for what never will be."""
        self._fill(now_s)
        return max(0.0, (count - self._level) / self._per_s)

    def take(self, count: float, now_s: float) -> None:
        """Take so many, below nothing too: what was used is used, and the next ones wait longer."""
        self._fill(now_s)
        self._level -= count

    def is_full(self, now_s: float) -> bool:
        """Whether nothing was taken of late."""
        self._fill(now_s)
        return self._level >= self._size

    def _fill(self, now_s: float) -> None:
        self._level = min(self._size, self._level + (now_s - self._at_s) * self._per_s)
        self._at_s = now_s
