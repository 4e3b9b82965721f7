"""A channel to the test upstream, with all that serves it."""

import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from random import Random
from typing import Any

import httpx

from tutti.errors import UnsafeAddressError
from tutti.kit.clock import Clock
from tutti.routing.channels import Channel, Channels
from tutti.routing.choice import Chooser
from tutti.routing.lanes import lane_of
from tutti.tasks.vendor import LostReplyPolicy
from tutti.upstream import UpstreamClient
from tutti.vendors.gateway.files import Files
from tutti.vendors.gateway.suno import GatewaySuno
from tutti.vendors.registry import SERVED

LANE = lane_of(1)
KEY = "sk-upstream"


def channel(base_url: str, **changes: Any) -> Channel:
    """A gateway that takes songs and words."""
    usual = Channel(
        id=1,
        name="other",
        type="gateway",
        base_url=base_url,
        keys=(KEY,),
        models=frozenset({"suno_music", "suno_lyrics", "suno_concat"}),
    )
    return replace(usual, **changes)


async def reach_nothing(url: str, *_: object, **__: object) -> None:
    """The guarded client of a test whose files all lie at the channel's own host."""
    raise UnsafeAddressError(f"{url} is not the channel's.")


@dataclass(frozen=True, kw_only=True)
class Channelled:
    """Channels, and what speaks for them."""

    channels: Channels
    chooser: Chooser
    client: UpstreamClient
    files: Files

    def vendor(self, kind: type[GatewaySuno] = GatewaySuno, *, channel_id: int = 1) -> GatewaySuno:
        """One channel's."""
        return kind(
            channel_id,
            channels=self.channels,
            chooser=self.chooser,
            client=self.client,
            files=self.files,
            callback=lambda _task_id: None,
        )


@contextlib.asynccontextmanager
async def channelled(*channels: Channel, clock: Clock) -> AsyncIterator[Channelled]:
    """These channels at work."""
    known = Channels(SERVED)
    known.load(channels)
    async with UpstreamClient() as client:
        yield Channelled(
            channels=known,
            chooser=Chooser(known, clock=clock, rng=Random(1)),
            client=client,
            files=Files(client, reach_nothing),
        )


class AskableVendor(GatewaySuno):
    """An upstream that can be asked about a key: this one is, by the list of jobs that the test upstream keeps."""

    async def look_up(self, idempotency_key: str) -> str | None:
        async with httpx.AsyncClient(trust_env=False) as client:
            rows = (await client.get(f"{self._channel().base_url}/_jobs")).json()
        found = next((row["id"] for row in rows if row["idempotency_key"] == idempotency_key), None)
        return None if found is None else f"tag/{found}"


def options(policy: LostReplyPolicy | str) -> dict[str, str]:
    """The options of a channel with this policy."""
    return {"lost_reply": str(policy)}
