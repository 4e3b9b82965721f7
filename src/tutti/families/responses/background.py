"""Answers that are made while their caller is away: started, waited for, cancelled.

They live in this process. One that a former process had not finished is told as failed when it is asked for.
"""

import asyncio
from collections.abc import Coroutine
from typing import Any

import structlog

from tutti.families.gate import Gate

_log = structlog.get_logger(__name__)


class Background:
    """The answers in the making."""

    def __init__(self, gate: Gate) -> None:
        """Take the gate that waits for them when the server ends."""
        self._gate = gate
        self._running: dict[str, asyncio.Task[None]] = {}

    def start(self, response_id: str, work: Coroutine[Any, Any, None]) -> None:
        """Make an answer; `work` keeps it, or its failure, by itself."""
        task = asyncio.create_task(work, name=response_id)
        self._running[response_id] = task
        self._gate.enter()
        task.add_done_callback(self._ended)

    def is_running(self, response_id: str) -> bool:
        """Whether it is in the making."""
        return response_id in self._running

    async def wait(self, response_id: str, *, timeout_s: float) -> None:
        """Return when it has ended, or at the timeout."""
        task = self._running.get(response_id)
        if task is not None:
            await asyncio.wait({task}, timeout=timeout_s)

    async def cancel(self, response_id: str) -> None:
        """Stop making it."""
        task = self._running.get(response_id)
        if task is not None:
            task.cancel()
            await asyncio.wait({task})

    async def close(self) -> None:
        """Stop making all of them."""
        for task in (tasks := [*self._running.values()]):
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _ended(self, task: asyncio.Task[None]) -> None:
        del self._running[task.get_name()]
        self._gate.leave()
        if not task.cancelled() and task.exception() is not None:
            _log.error("background_response_failed", response_id=task.get_name(), exc_info=task.exception())
