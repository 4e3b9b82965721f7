"""`PriceStore` on SQLite."""

from tutti.billing.overrides import Override
from tutti.tasks.sqlite.base import SqliteBase
from tutti.tasks.sqlite.step import Step

_LIST = "SELECT section, name, value FROM prices ORDER BY section, name"
_PUT = """
    INSERT INTO prices (section, name, value, at_ms) VALUES (?, ?, ?, ?)
    ON CONFLICT (section, name) DO UPDATE SET value = excluded.value, at_ms = excluded.at_ms
"""
_DROP = "DELETE FROM prices WHERE section = ? AND name = ?"


class SqlitePrices(SqliteBase):
    """Prices that the operator has set."""

    async def list_prices(self) -> list[Override]:
        """All of them, by section and name."""
        return await self._read(lambda connection: [Override(*row) for row in connection.execute(_LIST)])

    async def put_prices(self, overrides: list[Override]) -> None:
        """Keep these, each in place of the one of its section and name."""
        await self._write(lambda step: put_prices(step, overrides))

    async def drop_price(self, section: str, name: str) -> bool:
        """Forget one; whether it was there."""
        return await self._write(lambda step: step.connection.execute(_DROP, (section, name)).rowcount == 1)


def put_prices(step: Step, overrides: list[Override]) -> None:
    """Write overrides."""
    step.connection.executemany(_PUT, [(*one, step.now_ms) for one in overrides])
