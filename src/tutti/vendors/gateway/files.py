"""Downloads what an upstream made.

An address on the channel's own host is the operator's choice and may be private. Any other, such as a content
network's, is the upstream's word alone and goes through the guarded client, which reaches public addresses only.
"""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

from tutti.errors import TuttiError, VendorError
from tutti.kit.sniff import HEAD_BYTES, media_type
from tutti.upstream import UpstreamClient, UpstreamRequest, host_of

MOST_BYTES = 512 * 1024 * 1024
_TIMEOUT_S = 300.0
_MEDIA = ("audio/", "video/", "image/")


class CopyFrom(Protocol):
    """The guarded client, see `OutsideClient.copy`."""

    async def __call__(
        self, url: str, write: Callable[[bytes], Awaitable[None]], max_bytes: int, *, timeout_s: float = ...
    ) -> None:
        """Hand the content to `write` in chunks. Raises `InvalidRequestError` and its kinds."""
        ...


class Files:
    """Fetches files of results."""

    def __init__(self, client: UpstreamClient, copy_from: CopyFrom) -> None:
        """`client` for the hosts of channels, `copy_from` for all others."""
        self._client = client
        self._copy_from = copy_from

    async def fetch(self, address: str, target: Path, *, base_url: str) -> None:
        """Write the file to `target`. Raises `VendorError` when it is gone, cut short, or no media file at all."""
        sink = _Sink(target, host_of(address))
        try:
            if urlsplit(address).netloc == urlsplit(base_url).netloc:
                await self._from_channel(address, sink)
            else:
                await self._copy_from(address, sink.write, MOST_BYTES, timeout_s=_TIMEOUT_S)
        except VendorError:
            raise
        except TuttiError as error:
            raise VendorError(f"A result could not be fetched: {error.message}") from error
        finally:
            await sink.close()
        sink.check()

    async def _from_channel(self, address: str, sink: "_Sink") -> None:
        request = UpstreamRequest(url=address, headers={}, method="GET", timeout_s=_TIMEOUT_S)
        reply = await self._client.open(request)
        try:
            if reply.status != 200:
                raise VendorError(f"A result could not be fetched: {sink.host} answered with status {reply.status}.")
            async with asyncio.timeout(_TIMEOUT_S):
                while (chunk := await reply.chunk()) is not None:
                    await sink.write(chunk)
        except TimeoutError as error:
            raise VendorError(f"{sink.host} did not send a result within {_TIMEOUT_S:.0f} s.") from error
        finally:
            await reply.close()


class _Sink:
    """A file that is written as its content comes."""

    def __init__(self, target: Path, host: str) -> None:
        self.host = host
        self._file = target.open("wb")
        self._head = b""
        self._length = 0

    async def write(self, chunk: bytes) -> None:
        """Take the next bytes."""
        self._length += len(chunk)
        if self._length > MOST_BYTES:
            raise VendorError(f"A result of {self.host} is larger than {MOST_BYTES} bytes.")
        self._head += chunk[: max(HEAD_BYTES - len(self._head), 0)]
        await asyncio.to_thread(self._file.write, chunk)

    async def close(self) -> None:
        """Write what is left."""
        await asyncio.to_thread(self._file.close)

    def check(self) -> None:
        """Raise `VendorError` for what is no picture, sound or film: an error page is none."""
        found = media_type(self._head)
        if not found.startswith(_MEDIA):
            raise VendorError(f"A result of {self.host} is no media file, but {found} of {self._length} bytes.")
