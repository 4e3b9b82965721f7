"""Blobs kept by obstore: in a directory here, and by the same code in a bucket.

A directory's file is written beside its place ("name#1") and renamed when whole, a bucket's is uploaded in parts and
completed at the end, so that a killed process never leaves half a blob under a key.
"""

import asyncio
import re
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import TYPE_CHECKING

import obstore
from obstore.store import LocalStore, ObjectStore

from tutti.blobs.store import BlobInfo
from tutti.errors import NotFoundError

if TYPE_CHECKING:  # obstore has these names for type checkers only
    from obstore import GetOptions, ObjectMeta

# Bytes handed on at a time: few calls, and little memory for many slow readers.
CHUNK_BYTES = 256 * 1024

# How obstore names a file that is being written.
_PARTIAL = re.compile(r".*#\d+")


class ObjectBlobStore:
    """Any object store that obstore speaks to, as a `BlobStore`."""

    def __init__(self, store: ObjectStore) -> None:
        self._store = store

    async def put(self, key: str, content: bytes | Path) -> BlobInfo:
        """Store bytes, or the file at a path, which is streamed."""
        await obstore.put_async(self._store, key, content)
        return _info(await obstore.head_async(self._store, key))

    async def head(self, key: str) -> BlobInfo | None:
        """What is known of a blob, None when there is none."""
        try:
            return _info(await obstore.head_async(self._store, key))
        except FileNotFoundError:
            return None

    async def get(self, key: str) -> bytes:
        """A whole blob."""
        try:
            reply = await obstore.get_async(self._store, key)
            return bytes(await reply.bytes_async())
        except FileNotFoundError as error:
            raise NotFoundError(f"There is no file {key}.") from error

    async def stream(self, key: str, *, start: int = 0, end: int | None = None) -> AsyncIterator[bytes]:
        """The bytes [start, end) in chunks of about `CHUNK_BYTES`; a blob replaced meanwhile is read as it was."""
        try:
            reply = await obstore.get_async(self._store, key, options=_range(start, end))
        except FileNotFoundError as error:
            raise NotFoundError(f"There is no file {key}.") from error
        async for chunk in reply.stream(min_chunk_size=CHUNK_BYTES):
            yield bytes(chunk)

    async def delete(self, keys: list[str]) -> None:
        """Remove blobs."""
        for key in keys:
            try:
                await obstore.delete_async(self._store, key)
            except FileNotFoundError:
                continue

    async def list_all(self, prefix: str = "") -> AsyncIterator[BlobInfo]:
        """Every blob under a prefix of whole names: "results/abc" lists that folder, not "results/abcd"."""
        async for batch in obstore.list(self._store, prefix or None):
            for about in batch:
                yield _info(about)


class LocalBlobStore(ObjectBlobStore):
    """Blobs as files under a folder, which is made when it is not there."""

    def __init__(self, folder: Path) -> None:
        super().__init__(LocalStore(folder, mkdir=True, automatic_cleanup=True))
        self._folder = folder

    async def sweep_partial(self, *, older_than_s: float) -> int:
        """Remove what killed writers left beside the blobs; how many files went. No listing ever shows these."""
        return await asyncio.to_thread(self._sweep_partial, time.time() - older_than_s)

    def _sweep_partial(self, before_s: float) -> int:
        count = 0
        for path in self._folder.rglob("*#*"):
            if _PARTIAL.fullmatch(path.name) and path.is_file() and path.stat().st_mtime < before_s:
                path.unlink(missing_ok=True)
                count += 1
        return count


def _range(start: int, end: int | None) -> "GetOptions":
    if end is not None:
        return {"range": (start, end)}
    return {"range": {"offset": start}} if start else {}


def _info(about: "ObjectMeta") -> BlobInfo:
    modified_at_ms = int(about["last_modified"].timestamp() * 1000)
    etag = about["e_tag"] or f'"{modified_at_ms:x}-{about["size"]:x}"'
    return BlobInfo(key=about["path"], size=about["size"], etag=etag, modified_at_ms=modified_at_ms)
