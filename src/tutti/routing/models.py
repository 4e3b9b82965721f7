"""Which kind of work a model name asks for, and who does it.

The names are data in `models.toml`. Channels come first, see `choice.py`: what is offered here is the embedded engine
of a name's kind, the last of all channels.
"""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from importlib.resources import files
from types import MappingProxyType

from tutti.errors import NoChannelError, UnavailableError, UnknownModelError


@dataclass(frozen=True, kw_only=True, slots=True)
class ModelRow:
    """What is known of a group of names."""

    # Names, "*" standing for any letters.
    names: tuple[str, ...]
    # "song", "lyrics", "chat" ...
    kind: str
    # The name in the price table; None for kinds that are not priced by the call.
    priced_as: str | None = None
    # The embedded engine; None where nothing computes this kind here.
    engine: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Offer:
    """Who serves a name."""

    kind: str
    priced_as: str
    # The queue that its tasks wait in.
    lane: str
    # The engine's own name, as told in the header "x-tutti-engine"; empty where a channel serves.
    engine: str

    @property
    def honest_name(self) -> str:
        """The `model` of a reply that our own engine made under somebody else's name."""
        return f"tutti-{self.engine}"


class Models:
    """The catalogue of model names."""

    def __init__(
        self,
        rows: Sequence[ModelRow],
        *,
        embedded_aliases: bool = True,
        absent: Mapping[str, UnavailableError] = MappingProxyType({}),
    ) -> None:
        """Take the rows in order of precedence; without `embedded_aliases` the engines serve no name.

        `absent` are engines that cannot run on this machine, with the reason.
        """
        self._rows = tuple(rows)
        self._absent = absent
        self._embedded_aliases = embedded_aliases
        self._found: dict[str, Offer] = {}

    @classmethod
    def load(
        cls, *, embedded_aliases: bool = True, absent: Mapping[str, UnavailableError] = MappingProxyType({})
    ) -> "Models":
        """The catalogue that ships with Tutti, its engines told of as when one is made."""
        table = tomllib.loads(files("tutti.routing").joinpath("models.toml").read_text("utf-8"))
        rows = [ModelRow(**{**row, "names": tuple(row["names"])}) for row in table["models"]]
        return cls(rows, embedded_aliases=embedded_aliases, absent=absent)

    def offer(self, name: str) -> Offer:
        """Who serves a name.

        Raises `UnknownModelError`, `NoChannelError` for a known name that nobody serves, and `UnavailableError` where
        its engine cannot run here: a task would wait for ever.
        """
        known = self._found.get(name)
        if known is not None:
            return known
        row = self._row(name)
        if row.engine is None or row.priced_as is None or not self._embedded_aliases:
            raise NoChannelError(f"No available channel for model {name} under group default.", subject=name)
        if (reason := self._absent.get(row.engine)) is not None:
            raise UnavailableError(reason.message)
        offer = Offer(kind=row.kind, priced_as=row.priced_as, lane=f"engine:{row.engine}", engine=row.engine)
        if name in row.names:  # only names of our own are kept: callers could make up any number of fitting ones
            self._found[name] = offer
        return offer

    def names(self) -> tuple[str, ...]:
        """The names that embedded engines serve; patterns stand for names that nobody can list."""
        return tuple(
            name
            for row in self._rows
            if row.engine is not None and row.priced_as is not None and self._embedded_aliases
            if row.engine not in self._absent
            for name in row.names
            if "*" not in name
        )

    def offer_at(self, name: str, lane: str) -> Offer:
        """A name as a channel's lane serves it. Raises `UnknownModelError`, `NoChannelError` without a call's price."""
        row = self._row(name)
        if row.priced_as is None:
            raise NoChannelError(f"The model {name} has no price for a call.", subject=name)
        return Offer(kind=row.kind, priced_as=row.priced_as, lane=lane, engine="")

    def _row(self, name: str) -> ModelRow:
        for row in self._rows:
            if any(fnmatchcase(name, pattern) for pattern in row.names):
                return row
        raise UnknownModelError(f"The model {name!r} does not exist.", field="model", subject=name)
