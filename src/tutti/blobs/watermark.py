"""The least free space below which no new work is taken, so that what was taken can still be finished."""

import shutil
import time
from pathlib import Path

from tutti.errors import DiskFullError

# A look costs a system call of a few microseconds; a second's delay cannot fill a sensible margin.
_LOOK_EVERY_S = 1.0


class Watermark:
    """Watches the free space of one folder's disk."""

    def __init__(self, folder: Path, least_free_bytes: int) -> None:
        self._folder = folder
        self._least_free_bytes = least_free_bytes
        self._free_bytes = 0
        self._looked_at_s = float("-inf")

    def require_room(self) -> None:
        """Return when there is room. Raises `DiskFullError`."""
        now_s = time.monotonic()
        if now_s - self._looked_at_s >= _LOOK_EVERY_S:
            self._free_bytes = shutil.disk_usage(self._folder).free
            self._looked_at_s = now_s
        if self._free_bytes < self._least_free_bytes:
            raise DiskFullError(
                f"The server's disk has {self._free_bytes} bytes free and takes new work from {self._least_free_bytes} "
                "on (TUTTI_DISK_FREE_BYTES): try again later."
            )
