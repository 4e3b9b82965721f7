"""Money: whole units, 500,000 to the US dollar, as in the New-API family."""

from typing import Annotated

from msgspec import Meta

UNITS_PER_USD = 500_000
# A whole number that somebody sends: exact in every maker's JSON, and far from where a database's end.
_MOST = 2**53
Whole = Annotated[int, Meta(ge=-_MOST, le=_MOST)]
WholeOrMore = Annotated[int, Meta(ge=0, le=_MOST)]


def usd(units: int) -> str:
    """Units as dollars for people, six decimals: "$0.300000"."""
    sign = "-" if units < 0 else ""
    micros = abs(units) * 1_000_000 // UNITS_PER_USD
    return f"{sign}${micros // 1_000_000}.{micros % 1_000_000:06d}"
