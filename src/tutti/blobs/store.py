"""The seam to stored files: `local.py` keeps them in a directory or a bucket, `memory.py` in a dict.

Keys are slash-separated names that we make ourselves ("results/<task id>/<attempt>/song.mp3"); nothing of a caller's
gets in. A blob appears under its key whole or not at all.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol


@dataclass(frozen=True, kw_only=True, slots=True)
class BlobInfo:
    """What is known of a blob without reading it."""

    key: str
    # In bytes.
    size: int
    # As HTTP writes it, quotes included; another content under the same key has another one.
    etag: str
    modified_at_ms: int


class BlobStore(Protocol):
    """Six verbs over named bytes."""

    async def put(self, key: str, content: bytes | Path) -> BlobInfo:
        """Store bytes, or the file at a path, under a key; a present blob is replaced."""
        ...

    async def head(self, key: str) -> BlobInfo | None:
        """What is known of a blob, None when there is none."""
        ...

    async def get(self, key: str) -> bytes:
        """A whole blob. Raises `NotFoundError`."""
        ...

    def stream(self, key: str, *, start: int = 0, end: int | None = None) -> AsyncIterator[bytes]:
        """The bytes [start, end) in chunks. Raises `NotFoundError` at the first one."""
        ...

    async def delete(self, keys: list[str]) -> None:
        """Remove blobs; absent ones are no error."""
        ...

    def list_all(self, prefix: str = "") -> AsyncIterator[BlobInfo]:
        """Every blob under a prefix of whole names: "results/abc" lists that folder, not "results/abcd"."""
        ...
