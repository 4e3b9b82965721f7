"""What operators ask of the database file: a copy, and the proof that it is sound. Both go on beside a writer."""

import asyncio
from pathlib import Path

from tutti.database.backup import backup
from tutti.database.check import Finding, check


class DatabaseCare:
    """Care for one database file."""

    def __init__(self, path: Path) -> None:
        self._path = path

    async def backup(self, target: Path) -> int:
        """Copy everything to a new file; gives its bytes. Raises `ConflictError`, `StoreError`."""
        await asyncio.to_thread(backup, self._path, target)
        return (await asyncio.to_thread(target.stat)).st_size

    async def check(self) -> list[Finding]:
        """What is off. Raises `StoreError`."""
        return await asyncio.to_thread(check, self._path)
