"""Money: whole units, 500,000 to the US dollar, as in the New-API family."""

UNITS_PER_USD = 500_000


def usd(units: int) -> str:
    """Units as dollars for people, six decimals: "$0.300000"."""
    sign = "-" if units < 0 else ""
    micros = abs(units) * 1_000_000 // UNITS_PER_USD
    return f"{sign}${micros // 1_000_000}.{micros % 1_000_000:06d}"
