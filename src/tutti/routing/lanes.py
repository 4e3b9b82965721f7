"""Who does durable work: a channel that serves its name, or the embedded engine, which is simply the last one.

A task waits in a lane, "channel:<id>" or "engine:<name>". Choosing a lane asks nobody yet; whoever takes the task to
its upstream picks a key and reports.
"""

from tutti.routing.choice import Chooser, Outcome
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

    def __init__(self, models: Models, chooser: Chooser) -> None:
        self._models = models
        self._chooser = chooser

    def offer(self, name: str, group: str, operation: str, *, origin: str | None, is_new: bool) -> Offer:
        """Who does the work of this name for a caller of this group.

        `origin` is the lane where the clips lie that the work starts from: it goes on there, or nowhere. Work that is
        neither new nor of such clips starts from what was made here, and is done here.
        Raises `UnknownModelError`, and `NoChannelError` when nobody can do it.
        """
        lane = origin or (self.free_lane(name, group, operation) if is_new else None)
        return self._models.offer(name) if lane is None else self._models.offer_at(name, lane)

    def free_lane(self, name: str, group: str, operation: str, *, besides: str | None = None) -> str | None:
        """The lane of a channel that can take such work now."""
        tried = {channel_id for channel_id in (channel_of(besides or ""),) if channel_id is not None}
        pick = self._chooser.pick(name, group, (operation,), tried=tried)
        if pick is None:
            return None
        # Only looked at: nobody was asked yet.
        self._chooser.report(pick, Outcome.CALLER_FAULT)
        return lane_of(pick.channel.id)
