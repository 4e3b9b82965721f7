"""What things cost, by the name that a call is charged under.

The figures are data: `prices.toml` for what is made here, `tables/*.toml` for the models of vendors. A new priced name
is a row there. What an operator sets instead comes from the database, in the same words.
"""

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from tutti.billing.overrides import Override, encode_figure, read_override
from tutti.billing.price import Price, PriceRow, read_row
from tutti.errors import NoPriceError

# What a name may end in without being another model: dates, "latest" and the like; names of New-API and V-API included.
_ENDING = re.compile(
    r"(-\d{4}-\d{2}-\d{2}|[-@]\d{8}|-\d{6}|-\d{4}|-\d{2}-\d{2}|-\d{3}|-latest|-preview|-exp|-thinking|-all)$"
)
# Names that callers make up are looked up anew each time beyond so many.
_REMEMBERED = 4096


class Prices:
    """What holds now."""

    def __init__(
        self,
        calls: Mapping[str, int],
        models: Mapping[str, PriceRow] | None = None,
        *,
        unpriced: PriceRow | None = None,
    ) -> None:
        """Take units per call by name, none of them negative, and rows by model; `unpriced` is for unknown models."""
        for name, units in calls.items():
            if units < 0:
                raise ValueError(f"The price of {name} is negative: {units}.")
        self._shipped_calls = dict(calls)
        self._shipped_models = dict(models or {})
        self._unpriced = unpriced
        self._take(self._shipped_calls, self._shipped_models, {})

    @classmethod
    def load(cls, path: Path | None = None, *, unpriced_usd: float | None = None) -> "Prices":
        """The tables that ship with Tutti, or the operator's own.

        `unpriced_usd` is what a million tokens of a model without a price cost; None: it is refused.
        """
        texts = [path.read_text("utf-8")] if path else _shipped()
        tables = [tomllib.loads(text, parse_float=Decimal) for text in texts]
        calls = {name: units for table in tables for name, units in table.get("calls", {}).items()}
        models = {name: row for table in tables for name, row in table.get("models", {}).items()}
        unpriced = None if unpriced_usd is None else _same_for_all(Decimal(str(unpriced_usd)))
        return cls(calls, _rows(models), unpriced=unpriced)

    def override(self, overrides: Iterable[Override]) -> None:
        """Let these hold, in place of whatever was set before. Raises `InvalidRequestError`; nothing changes then."""
        calls, models, groups = dict(self._shipped_calls), dict(self._shipped_models), {}
        for one in overrides:
            match read_override(one):
                case PriceRow() as row:
                    models[one.name.lower()] = row
                case Fraction() as ratio:
                    groups[one.name] = ratio
                case int() as units:
                    calls[one.name] = units
        self._take(calls, models, groups)

    def per_call(self, name: str) -> int:
        """Units for one call. Raises `NoPriceError` for a name without a price, rather than work for nothing."""
        try:
            return self._calls[name]
        except KeyError:
            raise NoPriceError(f"There is no price for {name}.", subject=name) from None

    def of(self, model: str, group: str) -> Price:
        """What calls of a model cost a group; one without a factor of its own pays the table's price.

        Raises `NoPriceError`.
        """
        return self._remembered(model, group)

    def names(self, model: str) -> bool:
        """Whether a table has a row of just this name, which bounds what is told of it."""
        return model.lower() in self._models

    def row(self, model: str) -> PriceRow | None:
        """The row that a model is charged by, in dollars; None when there is none."""
        name = self.charged_as(model)
        return self._unpriced if name is None else self._models[name]

    def charged_as(self, model: str) -> str | None:
        """The name in the tables that a model is charged under; None when none fits."""
        name = model.lower()
        for shorter in _shortened(name):
            if shorter in self._models:
                return shorter
        return next((f"{pattern}*" for pattern in self._patterns if name.startswith(pattern)), None)

    def ratio(self, group: str) -> Fraction:
        """How many times the tables' prices a group pays."""
        return self._groups.get(group, Fraction(1))

    def figures(self) -> list[Override]:
        """Every figure that holds, those that ship and those that were set, by section and name."""
        rows = [Override("models", name, encode_figure(row)) for name, row in self._models.items()]
        calls = [Override("calls", name, encode_figure(units)) for name, units in self._calls.items()]
        groups = [Override("groups", name, encode_figure(float(ratio))) for name, ratio in self._groups.items()]
        return sorted([*rows, *calls, *groups])

    def _take(self, calls: Mapping[str, int], models: Mapping[str, PriceRow], groups: Mapping[str, Fraction]) -> None:
        self._calls, self._models, self._groups = calls, models, groups
        # Longest first, so that the closest pattern is found.
        self._patterns = sorted((name[:-1] for name in models if name.endswith("*")), key=len, reverse=True)
        self._remembered = lru_cache(_REMEMBERED)(self._find)

    def _find(self, model: str, group: str) -> Price:
        row = self.row(model)
        if row is None:
            raise NoPriceError(f"There is no price for the model {model}: the operator has to set one.", subject=model)
        return Price.of(row, ratio=self.ratio(group))


def _shipped() -> Iterator[str]:
    folder = files("tutti.billing")
    yield folder.joinpath("prices.toml").read_text("utf-8")
    for table in sorted(folder.joinpath("tables").iterdir(), key=lambda path: path.name):
        yield table.read_text("utf-8")


def _rows(tables: Mapping[str, Mapping[str, Any]]) -> dict[str, PriceRow]:
    """Rows by name; one that says `same_as` is another's under a second name."""
    rows = {name: read_row(given, field=name) for name, given in tables.items() if "same_as" not in given}
    return rows | {name: rows[given["same_as"]] for name, given in tables.items() if "same_as" in given}


def _same_for_all(usd: Decimal) -> PriceRow:
    return PriceRow(input=usd, output=usd)


def _shortened(name: str) -> Iterator[str]:
    """A name, and what is left of it without its endings, one after the other."""
    yield name
    while (shorter := _ENDING.sub("", name)) != name:
        yield shorter
        name = shorter
