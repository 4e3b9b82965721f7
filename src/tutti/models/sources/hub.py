"""Weights from a model hub: plain files at BASE/REPOSITORY/resolve/main/PATH, the address form of the known hubs."""

import asyncio
from pathlib import Path
from typing import IO
from urllib.parse import quote

import aiohttp

from tutti.models.sources.origin import SourceError, Tick

_CHUNK_BYTES = 1 << 20
# A download may take as long as it needs, but not be silent for longer than this.
_TIMEOUT = aiohttp.ClientTimeout(total=None, connect=20, sock_read=60)


class HubOrigin:
    """Files of the repositories of one hub; without a base address it has nothing to give."""

    def __init__(self, scratch: Path, base_url: str | None) -> None:
        self._scratch = scratch
        self._base_url = base_url

    def open(self, origin: str, member: str, tick: Tick) -> IO[bytes]:
        """The bytes of one file of a repository."""
        if not self._base_url:
            raise SourceError("no model hub is set (TUTTI_MODEL_HUB)")
        target = self._scratch / "hub-file"
        url = f"{self._base_url.rstrip('/')}/{quote(origin)}/resolve/main/{quote(member)}"
        try:
            asyncio.run(_download(url, target, tick))
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise SourceError(f"the model hub did not give {origin}/{member}: {error}") from error
        return target.open("rb")


async def _download(url: str, target: Path, tick: Tick) -> None:
    done = 0
    async with (
        aiohttp.ClientSession(timeout=_TIMEOUT, trust_env=True, raise_for_status=True) as session,
        session.get(url) as reply,
    ):
        # Nothing else runs in this loop, so writing in it holds nobody up.
        with target.open("wb") as output:
            async for chunk in reply.content.iter_chunked(_CHUNK_BYTES):
                output.write(chunk)
                done += len(chunk)
                tick(done)
