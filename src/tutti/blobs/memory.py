"""Blobs in a dict: for tests, and for trying things without a disk."""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from pathlib import Path

from tutti.blobs.store import BlobInfo
from tutti.errors import NotFoundError
from tutti.kit.clock import Clock, SystemClock

# Small, so that tests of readers see several chunks.
_CHUNK_BYTES = 1024


class InMemoryBlobStore:
    """A `BlobStore` that forgets with its process."""

    def __init__(self, clock: Clock | None = None) -> None:
        self._clock = clock or SystemClock()
        self._blobs: dict[str, tuple[BlobInfo, bytes]] = {}

    async def put(self, key: str, content: bytes | Path) -> BlobInfo:
        """Keep bytes, or the file at a path."""
        data = content if isinstance(content, bytes) else await asyncio.to_thread(content.read_bytes)
        etag = f'"{hashlib.sha256(data).hexdigest()[:16]}"'
        info = BlobInfo(key=key, size=len(data), etag=etag, modified_at_ms=self._clock.now_ms())
        self._blobs[key] = (info, data)
        return info

    async def head(self, key: str) -> BlobInfo | None:
        """What is known of a blob, None when there is none."""
        return self._blobs[key][0] if key in self._blobs else None

    async def get(self, key: str) -> bytes:
        """A whole blob."""
        if key not in self._blobs:
            raise NotFoundError(f"There is no file {key}.")
        return self._blobs[key][1]

    async def stream(self, key: str, *, start: int = 0, end: int | None = None) -> AsyncIterator[bytes]:
        """The bytes [start, end) in small chunks."""
        data = (await self.get(key))[start:end]
        for at in range(0, len(data), _CHUNK_BYTES):
            yield data[at : at + _CHUNK_BYTES]

    async def delete(self, keys: list[str]) -> None:
        """Remove blobs."""
        for key in keys:
            self._blobs.pop(key, None)

    async def list_all(self, prefix: str = "") -> AsyncIterator[BlobInfo]:
        """Every blob under a prefix of whole names."""
        folder = prefix.rstrip("/") + "/" if prefix else ""
        for info, _ in list(self._blobs.values()):
            if info.key.startswith(folder):
                yield info
