"""The lanes of all channels that take Suno tasks, as those who submit and poll see them: they come and go."""

from collections.abc import Iterator, Mapping

from tutti.routing.channels import Channels
from tutti.routing.choice import Chooser
from tutti.routing.lanes import channel_of, lane_of
from tutti.upstream import UpstreamClient
from tutti.vendors.gateway.files import Files
from tutti.vendors.gateway.suno import OPERATION, CallbackAddress, GatewaySuno
from tutti.vendors.registry import SERVED


class SunoLanes(Mapping[str, GatewaySuno]):
    """Lane -> the upstream behind it. A channel that is off still ends what it was given."""

    def __init__(
        self, channels: Channels, chooser: Chooser, *, client: UpstreamClient, files: Files, callback: CallbackAddress
    ) -> None:
        """`callback` gives the address that an upstream may call back at for a task, None where there is none."""
        self._channels = channels
        self._chooser = chooser
        self._client = client
        self._files = files
        self._callback = callback
        self._known: dict[int, GatewaySuno] = {}

    def __getitem__(self, lane: str) -> GatewaySuno:
        channel_id = channel_of(lane)
        channel = None if channel_id is None else self._channels.get(channel_id)
        if channel is None or OPERATION not in SERVED.get(channel.type, ()):
            raise KeyError(lane)
        known = self._known.get(channel.id)
        if known is None:
            known = self._known[channel.id] = GatewaySuno(
                channel.id,
                channels=self._channels,
                chooser=self._chooser,
                client=self._client,
                files=self._files,
                callback=self._callback,
            )
        return known

    def __iter__(self) -> Iterator[str]:
        return (lane_of(one.id) for one in self._channels.all() if OPERATION in SERVED.get(one.type, ()))

    def __len__(self) -> int:
        return sum(1 for _ in self)
