"""The guarded client, opened when it is first needed: its library is a tenth of a server's start and memory."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tutti.outside import OutsideClient


class LateOutside:
    """Speaks to addresses of callers: `post` for webhooks, `copy` for files."""

    def __init__(self, stack: AsyncExitStack, allow_private: Sequence[str]) -> None:
        """The client is closed with `stack`; `allow_private` is the setting `allow_private_addresses`."""
        self._stack = stack
        self._allow_private = allow_private
        self._opening = asyncio.Lock()
        self._client: OutsideClient | None = None

    async def post(
        self, url: str, *, body: bytes, headers: Mapping[str, str], timeout_s: float
    ) -> tuple[int, Mapping[str, str]]:
        """Post as `OutsideClient.post` does."""
        client = await self._opened()
        return await client.post(url, body=body, headers=headers, timeout_s=timeout_s)

    async def copy(
        self, url: str, write: Callable[[bytes], Awaitable[None]], max_bytes: int, *, timeout_s: float = 60.0
    ) -> None:
        """Copy as `OutsideClient.copy` does."""
        client = await self._opened()
        await client.copy(url, write, max_bytes, timeout_s=timeout_s)

    async def fetch(self, url: str, max_bytes: int) -> bytes:
        """Fetch as `OutsideClient.fetch` does."""
        client = await self._opened()
        return await client.fetch(url, max_bytes)

    async def _opened(self) -> "OutsideClient":
        async with self._opening:
            if self._client is None:
                from tutti.outside import OutsideClient  # noqa: PLC0415 - the point of this module

                self._client = await self._stack.enter_async_context(OutsideClient(self._allow_private))
            return self._client
