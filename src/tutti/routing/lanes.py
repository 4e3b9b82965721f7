"""Who does durable work: a channel that serves its name, or the embedded engine, which is simply the last one.

A task waits in a lane, "channel:<id>" or "engine:<name>". Choosing a lane asks nobody yet; whoever takes the task to
its upstream picks a key and reports.
"""

from collections.abc import Iterable, Sequence

from tutti.routing.channels import Channel, Channels
from tutti.routing.choice import Chooser
from tutti.routing.models import Models, Offer

_PREFIX = "channel:"


def lane_of(channel_id: int) -> str:
    """The lane of a channel."""
    return f"{_PREFIX}{channel_id}"


def channel_of(lane: str) -> int | None:
    """The channel whose lane this is, None for an engine's."""
    return int(lane.removeprefix(_PREFIX)) if lane.startswith(_PREFIX) else None


class LaneChooser:
    """Chooses lanes."""

    def __init__(self, models: Models, channels: Channels, chooser: Chooser) -> None:
        self._models = models
        self._channels = channels
        self._chooser = chooser

    def offer(self, name: str, group: str, operation: str) -> Offer:
        """Who does new work of this name for callers of a group.

        Raises `UnknownModelError`, `NoChannelError` when nobody does it, and `UnavailableError` when our engine cannot.
        """
        lane = self._free_lane(name, [group], operation, tried=())
        return self._models.offer(name) if lane is None else self._models.offer_at(name, lane)

    def offer_at(self, name: str, lane: str) -> Offer | None:
        """Who does work of this name that goes on in a lane, None when its channel is off or does no such work."""
        channel = self._channel(lane)
        is_served = channel is not None and channel.is_on and channel.serves(name)
        return self._models.offer_at(name, lane) if is_served else None

    def elsewhere(self, name: str, lane: str, operation: str) -> str | None:
        """The lane of another channel that can take such work now, one that serves all the groups of this one."""
        channel = self._channel(lane)
        return None if channel is None else self._free_lane(name, channel.groups, operation, tried=[channel.id])

    def _free_lane(self, name: str, groups: Iterable[str], operation: str, *, tried: Sequence[int]) -> str | None:
        wanted = frozenset(groups)
        passed = set(tried)
        while True:
            pick = self._chooser.pick(name, min(wanted), (operation,), tried=passed)
            if pick is None:
                return None
            self._chooser.withdraw(pick)
            if wanted <= pick.channel.groups:
                return lane_of(pick.channel.id)
            passed.add(pick.channel.id)

    def _channel(self, lane: str) -> Channel | None:
        channel_id = channel_of(lane)
        return None if channel_id is None else self._channels.get(channel_id)
