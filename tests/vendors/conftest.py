"""The upstream's channel, every store, and blobs in memory."""

from collections.abc import AsyncIterator, Callable

import pytest

from tests.databases import database, empty_database
from tests.tasks.conftest import clock, store
from tests.upstream.handle import RunningUpstream
from tests.vendors.bench import Bench
from tests.vendors.channel import Channelled, channel, channelled
from tutti.blobs.memory import InMemoryBlobStore
from tutti.kit.clock import ManualClock
from tutti.tasks.vendor import Vendor

__all__ = ["clock", "database", "empty_database", "store"]


@pytest.fixture
def blobs() -> InMemoryBlobStore:
    return InMemoryBlobStore()


@pytest.fixture
async def ours(upstream: RunningUpstream, clock: ManualClock) -> AsyncIterator[Channelled]:
    """A channel to the upstream."""
    async with channelled(channel(upstream.url), clock=clock) as ours:
        yield ours


@pytest.fixture
def bench_of(store, clock: ManualClock, blobs: InMemoryBlobStore) -> Callable[[Vendor], Bench]:
    """Builds a bench over one of the stores, holding user 1 with key 1."""
    return lambda vendor: Bench(store, clock, vendor, blobs)


@pytest.fixture
def bench(bench_of, ours: Channelled) -> Bench:
    """A bench with the channel."""
    return bench_of(ours.vendor())
