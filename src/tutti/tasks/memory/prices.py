"""`PriceStore` over a dict."""

from tutti.billing.overrides import Override
from tutti.tasks.memory.tables import Tables


class MemoryPrices:
    """Prices that the operator has set."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    async def list_prices(self) -> list[Override]:
        """All of them, by section and name."""
        return sorted(self._tables.prices.values())

    async def put_prices(self, overrides: list[Override]) -> None:
        """Keep these, each in place of the one of its section and name."""
        self._tables.prices |= {(one.section, one.name): one for one in overrides}

    async def drop_price(self, section: str, name: str) -> bool:
        """Forget one; whether it was there."""
        return self._tables.prices.pop((section, name), None) is not None
