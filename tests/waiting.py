"""Waiting in tests: polling with a deadline, never a bare sleep."""

import asyncio
import os
import time
from pathlib import Path

DEADLINE_S = 20.0


async def eventually(holds, *, deadline_s=DEADLINE_S):
    """Return once `holds()` (or what it awaits) is true; fail at the deadline."""
    until_s = time.monotonic() + deadline_s
    while True:
        outcome = holds()
        if await outcome if hasattr(outcome, "__await__") else outcome:
            return
        assert time.monotonic() < until_s, "it did not happen in time"
        await asyncio.sleep(0.01)


def is_alive(pid):
    """Whether the process runs; a zombie nobody has waited for does not."""
    try:
        os.kill(pid, 0)
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (ProcessLookupError, FileNotFoundError):
        return False
