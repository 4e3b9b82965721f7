"""What things cost. The figures are data in `prices.toml`; a new priced name is a line there."""

import tomllib
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path

from tutti.errors import UnavailableError


class Prices:
    """Prices by the name that a call is charged under."""

    def __init__(self, calls: Mapping[str, int]) -> None:
        """Take units per call by name, none of them negative."""
        for name, units in calls.items():
            if units < 0:
                raise ValueError(f"The price of {name} is negative: {units}.")
        self._calls = dict(calls)

    @classmethod
    def load(cls, path: Path | None = None) -> "Prices":
        """The table that ships with Tutti, or the operator's own."""
        text = path.read_text("utf-8") if path else files("tutti.billing").joinpath("prices.toml").read_text("utf-8")
        return cls(tomllib.loads(text)["calls"])

    def per_call(self, name: str) -> int:
        """Units for one call. Raises `UnavailableError` for a name without a price, rather than work for nothing."""
        try:
            return self._calls[name]
        except KeyError:
            raise UnavailableError(f"There is no price for {name}.", subject=name) from None
