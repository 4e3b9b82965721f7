"""What an operator has set in place of figures that ship: how it is read, and the seam to where it is kept."""

from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from typing import Any, NamedTuple, Protocol

import msgspec

from tutti.billing.price import PriceRow, is_amount, read_row
from tutti.errors import InvalidRequestError


class Override(NamedTuple):
    """One figure: a section and a name of the tables, and its value as JSON.

    Sections are `models` (a row in dollars, see `PriceRow`), `calls` (units) and `groups` (a factor).
    """

    section: str
    name: str
    value: str


class PriceStore(Protocol):
    """What keeps overrides."""

    async def list_prices(self) -> list[Override]:
        """All of them, by section and name."""
        ...

    async def put_prices(self, overrides: list[Override]) -> None:
        """Keep these, each in place of the one of its section and name."""
        ...

    async def drop_price(self, section: str, name: str) -> bool:
        """Forget one; whether it was there."""
        ...


def read_override(given: Override) -> PriceRow | Fraction | int:
    """The figure. Raises `InvalidRequestError`."""
    reader = _READERS.get(given.section)
    if reader is None:
        raise InvalidRequestError(
            f"There is no section {given.section!r} of prices: use {', '.join(_READERS)}.", field="section"
        )
    try:
        value = _decode(given.value)
    except msgspec.DecodeError as error:
        raise InvalidRequestError(f"The price of {given.name} is not JSON: {error}.", field=given.name) from error
    return reader(value, given.name)


def encode_figure(value: object) -> str:
    """A figure as JSON, decimals as numbers."""
    return _encode(value).decode()


def _units(value: Any, name: str) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise InvalidRequestError(f"The price of a call of {name} is whole units, 0 or more.", field=name)
    return value


def _ratio(value: Any, name: str) -> Fraction:
    if not isinstance(value, int | Decimal) or isinstance(value, bool) or not is_amount(Decimal(value)):
        raise InvalidRequestError(f"The price factor of the group {name} is a number, 0 or more.", field=name)
    return Fraction(value)


def _row(value: Any, name: str) -> PriceRow:
    return read_row(value, field=name)


_READERS: dict[str, Callable[[Any, str], PriceRow | Fraction | int]] = {
    "models": _row,
    "calls": _units,
    "groups": _ratio,
}
_decode: Callable[[str], Any] = msgspec.json.Decoder(float_hook=Decimal).decode
_encode = msgspec.json.Encoder(decimal_format="number").encode
