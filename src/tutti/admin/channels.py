"""Deeds on channels, done in this process."""

from typing import Any

from tutti.admin.deeds import ChannelInfo, ChannelTrial
from tutti.routing.channels import Channel
from tutti.routing.choice import Chooser
from tutti.routing.described import settings_of, shown_key
from tutti.routing.desk import ChannelDesk


class LocalChannelDeeds:
    """The part of `Deeds` that concerns channels."""

    def __init__(self, desk: ChannelDesk, chooser: Chooser) -> None:
        """`chooser` knows how the channels are."""
        self._desk = desk
        self._chooser = chooser

    async def add_channel(
        self, name: str, *, settings: dict[str, Any], keys: list[str], headers: dict[str, str] | None = None
    ) -> ChannelInfo:
        """Add an upstream."""
        return self._info(await self._desk.add(name, settings, {"keys": keys, "header_overrides": headers or {}}))

    async def list_channels(self) -> list[ChannelInfo]:
        """Every channel."""
        return [self._info(channel) for channel in self._desk.all()]

    async def change_channel(
        self,
        name: str,
        *,
        settings: dict[str, Any] | None = None,
        keys: list[str] | None = None,
        headers: dict[str, str] | None = None,
    ) -> ChannelInfo:
        """Replace some of a channel."""
        secrets = {"keys": keys, "header_overrides": headers}
        given = {field: value for field, value in secrets.items() if value is not None}
        return self._info(await self._desk.change(name, settings or {}, given))

    async def remove_channel(self, name: str) -> ChannelInfo:
        """Forget a channel."""
        info = self._info(self._desk.find(name))
        await self._desk.remove(name)
        return info

    async def test_channel(self, name: str, *, model: str | None = None) -> list[ChannelTrial]:
        """Ask the upstream for one token with each key."""
        # A client of its own: a trial is rare, and must not take a connection that happens to be good.
        from tutti.admin.channel_trial import try_channel  # noqa: PLC0415 - the client is large
        from tutti.kit.clock import SystemClock  # noqa: PLC0415
        from tutti.upstream import UpstreamClient  # noqa: PLC0415
        from tutti.vendors.addressing import Addressing  # noqa: PLC0415
        from tutti.vendors.vertex.token import AccessTokens  # noqa: PLC0415

        channel = self._desk.find(name)
        async with UpstreamClient() as client:
            address = Addressing(AccessTokens(client, SystemClock()))
            return await try_channel(channel, model, address=address, fetch=client.fetch)

    def _info(self, channel: Channel) -> ChannelInfo:
        standing = self._chooser.standing(channel)
        problem = self._desk.problem(channel)
        return ChannelInfo(
            id=channel.id,
            name=channel.name,
            settings=settings_of(channel),
            keys=tuple(shown_key(key) for key in channel.keys),
            headers=tuple(sorted(channel.header_overrides)),
            is_declared=channel.is_declared,
            state=problem or ("off" if not channel.is_on else standing.reason or "well"),
            resting_until_ms=standing.until_ms,
            in_flight=self._chooser.in_flight(channel),
        )
