"""Durable work that channels do: who takes it to them, asks how far it is, and is told by them."""

import asyncio
from dataclasses import dataclass

from tutti.blobs.store import BlobStore
from tutti.intents.stored import read_intent, sources_of
from tutti.kit.clock import Clock
from tutti.routing.channels import Channels
from tutti.routing.choice import Chooser
from tutti.routing.lanes import LaneChooser
from tutti.tasks.model import Task
from tutti.tasks.poller import Poller
from tutti.tasks.sqlite import SqliteTaskStore
from tutti.tasks.submitter import Submitter
from tutti.upstream import UpstreamClient
from tutti.vendors.gateway.files import CopyFrom, Files
from tutti.vendors.gateway.lanes import SunoLanes
from tutti.vendors.gateway.suno import OPERATION, CallbackAddress


@dataclass(frozen=True, kw_only=True, slots=True)
class TaskChannels:
    """Both loops."""

    submitter: Submitter
    poller: Poller

    @classmethod
    def over(
        cls,
        store: SqliteTaskStore,
        blobs: BlobStore,
        lanes: LaneChooser,
        *,
        channels: Channels,
        chooser: Chooser,
        client: UpstreamClient,
        copy_from: CopyFrom,
        callback: CallbackAddress,
        clock: Clock,
        owner: str,
    ) -> "TaskChannels":
        """The loops over all channels that take tasks, those to come included."""
        files = Files(client, copy_from)
        vendors = SunoLanes(channels, chooser, client=client, files=files, callback=callback)

        def elsewhere(task: Task) -> str | None:
            # What goes on from a clip stays where the clip lies.
            has_source = any(sources_of(read_intent(task.intent)))
            return None if has_source else lanes.elsewhere(task.model, task.lane, OPERATION)

        return cls(
            submitter=Submitter(store, vendors, clock=clock, owner=owner, elsewhere=elsewhere),
            poller=Poller(store, vendors, blobs, clock=clock, owner=owner),
        )

    async def run(self) -> None:
        """Work until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self.submitter.run())
            group.create_task(self.poller.run())
