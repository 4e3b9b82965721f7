"""The model names that a caller may ask for, as `/v1/models` lists them in every wire."""

from dataclasses import dataclass

from tutti.errors import UnavailableError, UnknownModelError
from tutti.kit.name_patterns import fits
from tutti.routing.channels import Channels
from tutti.routing.models import Models

# The owner of what is computed here.
EMBEDDED = "tutti"


@dataclass(frozen=True, kw_only=True, slots=True)
class Listed:
    """One name."""

    name: str
    # The type of the channel that is asked first, or `EMBEDDED`.
    owner: str
    # What it can be asked for by way of channels; empty for embedded engines.
    operations: frozenset[str] = frozenset()


class Listing:
    """Lists names: those of channels, then those of embedded engines."""

    def __init__(self, channels: Channels, models: Models) -> None:
        self._channels = channels
        self._models = models

    def all(self, group: str, allowed: frozenset[str] | None) -> list[Listed]:
        """Every name that a group may use, by name; `allowed` are those that the key may use, None all.

        A pattern cannot be listed, but the names that a key is allowed by name are, when a pattern serves them.
        """
        names = {*self._channels.names(group), *self._models.names()}
        if allowed is not None:
            names = {name for name in names if fits(name, allowed)} | {name for name in allowed if "*" not in name}
        found = (self.find(name, group, allowed) for name in sorted(names))
        return [one for one in found if one is not None]

    def find(self, name: str, group: str, allowed: frozenset[str] | None) -> Listed | None:
        """One name, None when it is not served or not allowed."""
        if allowed is not None and not fits(name, allowed):
            return None
        channels = self._channels.serving(name, group)
        if channels:
            operations = frozenset[str]().union(*(self._channels.operations(one) for one in channels))
            return Listed(name=name, owner=channels[0].type, operations=operations)
        try:
            self._models.offer(name)
        except (UnavailableError, UnknownModelError):
            return None
        return Listed(name=name, owner=EMBEDDED)
