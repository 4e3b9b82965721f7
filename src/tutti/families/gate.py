"""Who is being answered, and an orderly end: nothing new is let in, what runs gets time to finish."""

import asyncio
from contextlib import suppress


class Gate:
    """Counts requests and connections; belongs to one event loop."""

    def __init__(self) -> None:
        self._running = 0
        self._is_closed = False
        self._has_emptied = asyncio.Event()
        self._has_emptied.set()

    @property
    def is_closed(self) -> bool:
        """Whether nothing new is to be taken up."""
        return self._is_closed

    @property
    def running(self) -> int:
        """Requests and connections under way."""
        return self._running

    def close(self) -> None:
        """Let nothing new in."""
        self._is_closed = True

    def enter(self) -> None:
        """One more is under way."""
        if not self._running:
            self._has_emptied.clear()
        self._running += 1

    def leave(self) -> None:
        """One has ended."""
        self._running -= 1
        if not self._running:
            self._has_emptied.set()

    async def wait_until_empty(self, timeout_s: float) -> None:
        """Return when all have ended, or at the timeout."""
        with suppress(TimeoutError):
            async with asyncio.timeout(timeout_s):
                await self._has_emptied.wait()
