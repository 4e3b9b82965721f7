"""What everything else of a server stands on: its directory, database, files, clock, and way outside."""

from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass

from tutti.blobs.links import FileLinks
from tutti.blobs.local import LocalBlobStore
from tutti.database.lock import DirectoryLock
from tutti.kit.clock import Clock, SystemClock
from tutti.kit.ids import new_id
from tutti.late_outside import LateOutside
from tutti.places import Places
from tutti.settings import Settings
from tutti.tasks.render import Renderer
from tutti.tasks.sqlite import SqliteTaskStore


@dataclass(frozen=True, kw_only=True, slots=True)
class Ground:
    """The open ground."""

    settings: Settings
    clock: Clock
    places: Places
    store: SqliteTaskStore
    # The name that this process holds leases and slices of balances under.
    owner: str
    links: FileLinks
    blobs: LocalBlobStore
    outside: LateOutside


async def open_ground(
    stack: AsyncExitStack, settings: Settings, *, renderer_with: Callable[[FileLinks], Renderer]
) -> Ground:
    """Open it, to be closed with `stack`; `renderer_with` tells tasks for webhooks, with the server's links.

    Raises `DirectoryInUseError`, `StoreError`.
    """
    clock = SystemClock()
    places = Places(settings.data.absolute())
    places.make()
    stack.enter_context(DirectoryLock(places.data))
    links = FileLinks.of_data_dir(places.data, settings.link_valid_days, clock=clock)
    store = await SqliteTaskStore.connect(places.database, clock=clock, render_event=renderer_with(links))
    stack.push_async_callback(store.close)
    return Ground(
        settings=settings,
        clock=clock,
        places=places,
        store=store,
        owner=await _take_over(store),
        links=links,
        blobs=LocalBlobStore(places.blobs),
        outside=LateOutside(stack, settings.allow_private_addresses),
    )


async def _take_over(store: SqliteTaskStore) -> str:
    """Free at once what dead processes held (the lock proves them dead); the name that this one holds leases under."""
    for former in await store.lease_owners():
        await store.release(former)
    for former in await store.slice_owners():
        await store.return_slices(former)
    return new_id()
