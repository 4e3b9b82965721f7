"""Files that are still being written, to be read as they grow: a song is heard before it is finished.

A growing file is known by the key under which it will be stored, so its link stays good: it leads here first and to the
blob afterwards. Nothing of this is kept; what a dead process was writing is gone, and its task begins anew.
"""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

_CHUNK_BYTES = 64 * 1024
# How often a reader who has read everything looks for more; a file tells nobody that it has grown.
_LOOK_S = 0.25


class GrowingFile:
    """One file in the making."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._is_whole = asyncio.Event()

    def finish(self) -> None:
        """No more will be written: readers end where the file ends."""
        self._is_whole.set()

    async def stream(self) -> AsyncIterator[bytes]:
        """What is there, then what is added, until the file is whole; nothing when it cannot be opened."""
        try:
            file = await asyncio.to_thread(self._path.open, "rb")
        except OSError:
            return
        with file:
            while True:
                was_whole = self._is_whole.is_set()
                while chunk := await asyncio.to_thread(file.read, _CHUNK_BYTES):
                    yield chunk
                if was_whole:
                    return
                await _first_of(self._is_whole, _LOOK_S)


class GrowingFiles:
    """All files in the making of this process, by the key that each will have."""

    def __init__(self) -> None:
        self._files: dict[str, GrowingFile] = {}

    def begin(self, key: str, path: Path) -> None:
        """Let the file be read from now on."""
        self._files[key] = GrowingFile(path)

    def finish(self, key: str) -> None:
        """The file is stored, or will never be; a key that nobody began is no error."""
        if file := self._files.pop(key, None):
            file.finish()

    def find(self, key: str) -> GrowingFile | None:
        """The file in the making under a key."""
        return self._files.get(key)


async def _first_of(event: asyncio.Event, timeout_s: float) -> None:
    try:
        async with asyncio.timeout(timeout_s):
            await event.wait()
    except TimeoutError:
        return
