"""One store with a channel to the test upstream, its clock turned by hand."""

from collections.abc import Callable
from typing import Any

import httpx
import msgspec
from starlette.applications import Starlette
from starlette.routing import Route

from tests.factories import new_task
from tests.vendors.channel import LANE
from tutti.blobs.store import BlobStore
from tutti.intents import ClipSeat, Song
from tutti.kit.clock import ManualClock
from tutti.kit.ids import new_id
from tutti.tasks.model import Task
from tutti.tasks.poller import Poller
from tutti.tasks.submitter import Submitter
from tutti.tasks.vendor import Vendor
from tutti.vendors.callbacks import Callbacks

STEP_MS = 60_000


class Bench:
    """Submitter, poller and callbacks over one store."""

    def __init__(self, store: Any, clock: ManualClock, vendor: Vendor, blobs: BlobStore) -> None:
        self.store = store
        self.clock = clock
        self.blobs = blobs
        self.vendors = {LANE: vendor}
        # Task -> the lane that takes it when its own cannot.
        self.other_lane: Callable[[Task], str | None] = lambda _task: None
        self.submitter = Submitter(store, self.vendors, clock=clock, owner="test", elsewhere=self._elsewhere)
        self.poller = Poller(store, self.vendors, blobs, clock=clock, owner="test")
        self.callbacks = Callbacks(store, secret=b"secret")
        app = Starlette(routes=[Route("/callback/{task_id}/{token}", self.callbacks.receive, methods=["POST"])])
        self._client = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://gateway")

    def _elsewhere(self, task: Task) -> str | None:
        return self.other_lane(task)

    def new_poller(self, vendor: Vendor, *, owner: str) -> Poller:
        """Another poller beside ours, over another vendor."""
        return Poller(self.store, {LANE: vendor}, self.blobs, clock=self.clock, owner=owner)

    async def submit(self, prompt: str = "la", **changes: object) -> Task:
        """A song of two clips."""
        return (await self.store.submit(new_song(prompt, **changes))).task

    async def task(self, task: Task) -> Task:
        return (await self.store.find([task.public_id], user_id=None))[0]

    async def call_back(self, task: Task, body: bytes, *, path: str | None = None) -> int:
        """Call back as the upstream does; gives the status."""
        return (await self._client.post(path or self.callbacks.path(task.id), content=body)).status_code

    async def drive(self, task: Task, until: Callable[[Task], bool], *, steps: int = 40) -> Task:
        """Turn the clock and both sides until the task is as wanted."""
        for _ in range(steps):
            await self.submitter.submit_due()
            await self.poller.poll_due()
            await self.store.reap()
            now = await self.task(task)
            if until(now):
                return now
            self.clock.advance(STEP_MS)
        raise AssertionError(f"the task is still {now.state}")

    async def balance(self) -> int:
        return (await self.store.list_users())[0].quota


def new_song(prompt: str, **changes: object) -> Any:
    """A song of two clips, as a family submits it for the channel."""
    seats = tuple(ClipSeat(clip_id=new_id(), seed=number) for number in range(2))
    fields = {
        "lane": LANE,
        "intent": msgspec.json.encode(Song(seats=seats, lyrics=prompt)),
        "request": msgspec.json.encode({"prompt": prompt}),
        "part_ids": tuple(seat.clip_id for seat in seats),
    }
    return new_task(**fields | changes)


def is_over(task: Task) -> bool:
    return task.is_terminal
