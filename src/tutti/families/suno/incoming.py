"""A sound on its way in: written to a file as it comes, bounded, and known by its own bytes before it is kept."""

import asyncio
import hashlib
from pathlib import Path
from types import TracebackType
from typing import Self

from tutti.blobs.store import BlobStore
from tutti.errors import BodyTooLargeError, InvalidRequestError
from tutti.kit.ids import new_id
from tutti.kit.sniff import HEAD_BYTES, media_type

# The sounds that are taken, by what their bytes say, and how people call them.
SOUND_TYPES = {
    "audio/mpeg": "mp3",
    "audio/wav": "wav",
    "audio/mp4": "m4a",
    "audio/flac": "flac",
    "audio/ogg": "ogg",
    # Most encoders mark m4a files as plain MP4.
    "video/mp4": "m4a",
}
# So much is gathered before the disk is asked to take it.
_BUFFER_BYTES = 1024 * 1024


class IncomingSound:
    """One file that is coming in; an async context manager that leaves nothing behind in its folder."""

    def __init__(self, folder: Path, *, max_bytes: int) -> None:
        self._path = folder / f"incoming-{new_id()}"
        self.max_bytes = max_bytes
        self._buffer = bytearray()
        self._head = b""
        self._digest = hashlib.sha256()
        self._size = 0

    @property
    def sha256(self) -> str:
        """The hash of what has come, in hexadecimal."""
        return self._digest.hexdigest()

    async def __aenter__(self) -> Self:
        await asyncio.to_thread(self._path.parent.mkdir, parents=True, exist_ok=True)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await asyncio.to_thread(self._path.unlink, missing_ok=True)

    async def write(self, chunk: bytes) -> None:
        """Take the next bytes. Raises `BodyTooLargeError`, and `InvalidRequestError` for what is no sound."""
        self._size += len(chunk)
        if self._size > self.max_bytes:
            raise BodyTooLargeError(f"The file is larger than the {self.max_bytes} bytes that are taken.", field="file")
        if len(self._head) < HEAD_BYTES:
            self._head += chunk[: HEAD_BYTES - len(self._head)]
            if len(self._head) == HEAD_BYTES:
                self._require_sound()
        self._digest.update(chunk)
        self._buffer += chunk
        if len(self._buffer) >= _BUFFER_BYTES:
            await self._flush()

    async def keep(self, blobs: BlobStore, key: str) -> None:
        """Store the whole file. Raises `InvalidRequestError` for what is no sound."""
        self._require_sound()
        await self._flush()
        await blobs.put(key, self._path)

    def _require_sound(self) -> None:
        """Refuse other things by their first bytes, before the rest has come."""
        kind = media_type(self._head)
        if kind not in SOUND_TYPES:
            wanted = ", ".join(dict.fromkeys(SOUND_TYPES.values()))
            raise InvalidRequestError(f"The file is {kind}, no sound that is taken: {wanted}.", field="file")

    async def _flush(self) -> None:
        content, self._buffer = bytes(self._buffer), bytearray()
        await asyncio.to_thread(_append, self._path, content)


def _append(path: Path, content: bytes) -> None:
    with path.open("ab") as file:
        file.write(content)
