"""The deeds that concern prices, called alike by API, console and CLI; what they did holds for the very next call."""

import asyncio
from collections.abc import Mapping
from typing import Any

import msgspec

from tutti.billing.new_api import overrides_of
from tutti.billing.overrides import Override, PriceStore, read_override
from tutti.billing.prices import Prices
from tutti.errors import NotFoundError


class PriceDesk:
    """Prices and their store."""

    def __init__(self, store: PriceStore, prices: Prices) -> None:
        self._store = store
        self._prices = prices
        # One change at a time: memory takes them up in the order of the store.
        self._changing = asyncio.Lock()

    async def load(self) -> None:
        """Let what is stored hold; to be called once before the first call. Raises `InvalidRequestError`."""
        self._prices.override(await self._store.list_prices())

    async def list_overrides(self) -> list[Override]:
        """What was set, by section and name."""
        return await self._store.list_prices()

    async def put(self, section: str, name: str, value: Any) -> Override:
        """Set a figure: see `Override`. Raises `InvalidRequestError`."""
        one = Override(section, name, msgspec.json.encode(value).decode())
        await self._put([one])
        return one

    async def drop(self, section: str, name: str) -> None:
        """Let the figure that ships hold again. Raises `NotFoundError` when none was set."""
        async with self._changing:
            if not await self._store.drop_price(section, name):
                raise NotFoundError(f"No price was set for {name!r} in {section!r}.", field="name", subject=name)
            self._prices.override(await self._store.list_prices())

    async def import_new_api(
        self, options: Mapping[str, str], *, is_rehearsal: bool = False, keeps_own: bool = False
    ) -> list[Override]:
        """Set the prices of a gateway of the New-API family, given its options by name; gives what there is to set.

        With `keeps_own` what was set here already stays as it is. Raises `InvalidRequestError`.
        """
        found = overrides_of(options, self._prices)
        if keeps_own:
            own = {(one.section, one.name) for one in await self.list_overrides()}
            found = [one for one in found if (one.section, one.name) not in own]
        if not is_rehearsal:
            await self._put(found)
        return found

    async def _put(self, changes: list[Override]) -> None:
        """Nothing is stored that could not be loaded again."""
        for one in changes:
            read_override(one)
        async with self._changing:
            await self._store.put_prices(changes)
            self._prices.override(await self._store.list_prices())
