"""Channels: upstreams with an address, keys and the models they serve; all of them in memory, told of each change.

`ChannelDesk` fills this from the store and the settings; nothing else changes it. What is healthy is not known here,
see `choice.py`.
"""

import hashlib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from itertools import accumulate
from typing import Any

from tutti.kit.name_patterns import fits

DEFAULT_GROUP = "default"
# Resolved names kept in memory: callers can make up any number of names that fit a pattern.
_MOST_RESOLVED = 4096


@dataclass(frozen=True, kw_only=True, slots=True)
class Channel:
    """One upstream as it is used; its secrets are open here and are shown nowhere."""

    # Below zero for those that are declared in the settings.
    id: int
    name: str
    # A row of `vendors/registry.py`.
    type: str
    # Empty: the vendor's own.
    base_url: str = ""
    keys: tuple[str, ...] = field(default=(), repr=False)
    # Names, "*" standing for any letters.
    models: frozenset[str] = frozenset()
    # Name asked for -> the upstream's name; such names are served too, and may have stars as well.
    model_map: Mapping[str, str] = field(default_factory=dict)
    groups: frozenset[str] = frozenset({DEFAULT_GROUP})
    # Channels of the highest priority are chosen first, among them by weight; 0: when no other is left.
    priority: int = 0
    weight: int = 1
    # Requests at once, and a minute; None without limit.
    max_parallel: int | None = None
    max_per_minute: int | None = None
    # Sent with every request; may hold secrets, and {api_key} for the key.
    header_overrides: Mapping[str, str] = field(default_factory=dict, repr=False)
    # Put into every JSON request at its top.
    param_overrides: Mapping[str, Any] = field(default_factory=dict)
    # What its type needs beside: Azure's api_version, Vertex's project and region.
    options: Mapping[str, str] = field(default_factory=dict)
    # Seconds without a byte after which the upstream counts as gone.
    timeout_s: float = 300.0
    is_on: bool = True

    @property
    def is_declared(self) -> bool:
        """Whether the settings say so: no deed changes it."""
        return self.id < 0

    def serves(self, model: str) -> bool:
        """Whether a name may be asked of it."""
        return fits(model, self.models) or fits(model, self.model_map)

    def upstream_model(self, model: str) -> str:
        """What the upstream calls it: by the name itself, else by the longest pattern that it fits."""
        if model in self.model_map:
            return self.model_map[model]
        patterns = [one for one in self.model_map if "*" in one and fnmatchcase(model, one)]
        return self.model_map[max(patterns, key=len)] if patterns else model


def key_tag(key: str) -> str:
    """What tells one key of a channel from another without telling the key, for work that must return to it."""
    return hashlib.sha256(key.encode()).hexdigest()[:16]


@dataclass(frozen=True, kw_only=True, slots=True)
class Candidate:
    """A channel that can answer a request."""

    channel: Channel
    # The first of the operations asked for that its vendor serves.
    operation: str
    upstream_model: str


@dataclass(frozen=True, slots=True)
class Tier:
    """Candidates of one priority."""

    candidates: tuple[Candidate, ...]
    # The sums of their weights up to each one, for drawing among them.
    bounds: tuple[int, ...]

    @classmethod
    def of(cls, candidates: Iterable[Candidate]) -> "Tier":
        """With the sums worked out."""
        given = tuple(candidates)
        return cls(given, tuple(accumulate(one.channel.weight for one in given)))


# The highest priority first.
Tiers = tuple[Tier, ...]


class Channels:
    """All channels, found by model."""

    def __init__(self, served: Mapping[str, Collection[str]]) -> None:
        """`served`: type -> the operations of its vendor's row."""
        self._served = served
        self._channels: dict[int, Channel] = {}
        self._resolved: dict[tuple[str, str | None, tuple[str, ...]], Tiers] = {}

    def load(self, channels: Iterable[Channel]) -> None:
        """Replace everything."""
        self._channels = {channel.id: channel for channel in channels}
        self._resolved.clear()

    def put(self, channel: Channel) -> None:
        """Take up a new channel, or a changed one."""
        self._channels[channel.id] = channel
        self._resolved.clear()

    def remove(self, channel_id: int) -> None:
        """Forget a channel."""
        self._channels.pop(channel_id, None)
        self._resolved.clear()

    def get(self, channel_id: int) -> Channel | None:
        """The channel of this id."""
        return self._channels.get(channel_id)

    def all(self) -> list[Channel]:
        """Every channel, those that are off included; declared ones first."""
        return sorted(self._channels.values(), key=lambda channel: channel.id)

    def tiers(self, model: str, group: str | None, operations: Collection[str]) -> Tiers:
        """Who can be asked, whatever their health; `group` None: in any group."""
        asked = (model, group, tuple(operations))
        known = self._resolved.get(asked)
        if known is None:
            if len(self._resolved) >= _MOST_RESOLVED:
                self._resolved.clear()
            known = self._resolved[asked] = self._resolve(*asked)
        return known

    def serving(self, model: str, group: str) -> list[Channel]:
        """The channels that serve a name to a group, whatever it is asked for, the highest priority first."""
        found = [one for one in self.all() if one.is_on and group in one.groups and one.serves(model)]
        return sorted(found, key=lambda channel: -channel.priority)

    def operations(self, channel: Channel) -> frozenset[str]:
        """What its vendor serves."""
        return frozenset(self._served.get(channel.type, ()))

    def names(self, group: str) -> frozenset[str]:
        """Every model name that a group may ask for; patterns stand for names that nobody can list."""
        return frozenset(
            name
            for channel in self._channels.values()
            if channel.is_on and group in channel.groups
            for name in (*channel.models, *channel.model_map)
            if "*" not in name
        )

    def _resolve(self, model: str, group: str | None, operations: tuple[str, ...]) -> Tiers:
        found = [
            Candidate(channel=channel, operation=operation, upstream_model=channel.upstream_model(model))
            for channel in self.all()
            if channel.is_on and (group is None or group in channel.groups) and channel.serves(model)
            for operation in self._first_served(channel, operations)
        ]
        priorities = sorted({one.channel.priority for one in found}, reverse=True)
        return tuple(Tier.of(one for one in found if one.channel.priority == level) for level in priorities)

    def _first_served(self, channel: Channel, operations: tuple[str, ...]) -> list[str]:
        served = self._served.get(channel.type, ())
        return [one for one in operations if one in served][:1]
