"""A pull told to the log, for servers that fetch weights at their first job and have no terminal to draw a bar on."""

import time

import structlog

from tutti.models.store import Progress

log = structlog.get_logger(__name__)


class LoggedProgress:
    """Writes at most one line every so many seconds; give an instance as `on_progress`."""

    def __init__(self, every_s: float = 5.0) -> None:
        self._every_s = every_s
        self._last_s = float("-inf")

    def __call__(self, progress: Progress) -> None:
        """Take in how far the pull is."""
        now_s = time.monotonic()
        if now_s - self._last_s < self._every_s:
            return
        self._last_s = now_s
        log.info(
            "model_fetch_advanced",
            model=progress.model,
            note=progress.note,
            done_bytes=progress.done_bytes,
            total_bytes=progress.total_bytes,
        )
