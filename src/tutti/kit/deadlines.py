"""Time limits of many blocks at once, kept by one timer: a timer for each costs more than most of what runs in it."""

import asyncio
from types import TracebackType

# How often is looked who is over time.
LOOK_S = 0.25


class Deadlines:
    """The limits of one event loop."""

    def __init__(self) -> None:
        self._running: set[Deadline] = set()
        self._timer: asyncio.TimerHandle | None = None

    def within(self, seconds: float) -> "Deadline":
        """A block of the present task that may take so long, or `LOOK_S` longer. Raises `TimeoutError` from it."""
        return Deadline(self, seconds)

    def add(self, deadline: "Deadline") -> None:
        """Watch over it."""
        self._running.add(deadline)
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(LOOK_S, self._look)

    def remove(self, deadline: "Deadline") -> None:
        """It has ended."""
        self._running.discard(deadline)

    def _look(self) -> None:
        loop = asyncio.get_running_loop()
        now_s = loop.time()
        for deadline in self._running:
            deadline.check(now_s)
        self._timer = loop.call_later(LOOK_S, self._look) if self._running else None


class Deadline:
    """One block; entered once."""

    __slots__ = ("_all", "_cancelling", "_is_over", "_seconds", "_task", "_until_s")

    def __init__(self, among: Deadlines, seconds: float) -> None:
        self._all = among
        self._seconds = seconds
        self._is_over = False

    def __enter__(self) -> None:
        task = asyncio.current_task()
        if task is None:
            raise RuntimeError("A deadline is for a task.")
        self._task = task
        self._cancelling = task.cancelling()
        self._until_s = asyncio.get_running_loop().time() + self._seconds
        self._all.add(self)

    def check(self, now_s: float) -> None:
        """End the block when it is over time."""
        if now_s >= self._until_s and not self._is_over:
            self._is_over = True
            self._task.cancel()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._all.remove(self)
        # Whoever else cancelled the task meanwhile is to be heard, as `asyncio.timeout` has it.
        if self._is_over and self._task.uncancel() <= self._cancelling and kind is asyncio.CancelledError:
            raise TimeoutError from error
