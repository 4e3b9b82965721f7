"""Loops that outlive what they stumble over: one that ended would silently leave tasks, polls or webhooks undone."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Never

import structlog

_STUMBLE_S = 1.0

_log = structlog.get_logger("tutti.loops")


async def for_ever(name: str, step: Callable[[], Awaitable[object]]) -> Never:
    """Do a step again and again until cancelled; one that fails is logged, and the next comes a second later."""
    while True:
        try:
            await step()
        except Exception:  # noqa: BLE001 - the store may be full or away for a while; whatever it is, someone must look
            _log.exception("loop_stumbled", loop=name)
            await asyncio.sleep(_STUMBLE_S)
