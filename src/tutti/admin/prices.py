"""Deeds on prices, done in this process."""

from collections.abc import Iterable
from typing import Any

import msgspec

from tutti.admin.told import PriceInfo
from tutti.billing.overrides import Override, encode_figure
from tutti.billing.price_desk import PriceDesk
from tutti.billing.prices import Prices


class LocalPriceDeeds:
    """The part of `Deeds` that concerns prices."""

    def __init__(self, desk: PriceDesk, prices: Prices) -> None:
        """`prices` are those that the desk changes."""
        self._price_desk = desk
        self._prices = prices

    async def list_prices(self, *, name: str | None = None, is_all: bool = False) -> list[PriceInfo]:
        """What was set, or what holds for a name, or everything that holds."""
        if name is not None:
            return await self._infos(self._holding(name))
        return await self._infos(self._prices.figures() if is_all else await self._price_desk.list_overrides())

    async def set_price(self, section: str, name: str, value: Any) -> PriceInfo:
        """Set a figure."""
        return _info(await self._price_desk.put(section, name, value), is_set=True)

    async def drop_price(self, section: str, name: str) -> list[PriceInfo]:
        """Let the figure that ships hold again."""
        await self._price_desk.drop(section, name)
        return [one for one in await self.list_prices(name=name) if one.section == section]

    async def import_prices(self, options: dict[str, str], *, is_rehearsal: bool = False) -> list[PriceInfo]:
        """Set the prices of another gateway."""
        found = await self._price_desk.import_new_api(options, is_rehearsal=is_rehearsal)
        return [_info(one, is_set=not is_rehearsal) for one in found]

    def _holding(self, name: str) -> list[Override]:
        row = self._prices.row(name)
        others = [one for one in self._prices.figures() if one.section != "models" and one.name == name]
        if row is None:
            return others
        return [Override("models", self._prices.charged_as(name) or "*", encode_figure(row)), *others]

    async def _infos(self, figures: Iterable[Override]) -> list[PriceInfo]:
        was_set = {(one.section, one.name) for one in await self._price_desk.list_overrides()}
        return [_info(one, is_set=(one.section, one.name) in was_set) for one in figures]


def _info(one: Override, *, is_set: bool) -> PriceInfo:
    return PriceInfo(section=one.section, name=one.name, value=msgspec.json.decode(one.value), is_set=is_set)
