"""A running upstream, every store, and blobs in memory."""

from collections.abc import Callable, Iterator

import pytest

from tests.databases import database, empty_database
from tests.processes import served
from tests.tasks.conftest import clock, store
from tests.vendors.bench import Bench
from tutti.blobs.memory import InMemoryBlobStore
from tutti.kit.clock import ManualClock
from tutti.tasks.vendor import Vendor

__all__ = ["clock", "database", "empty_database", "store"]


@pytest.fixture(scope="session")
def upstream() -> Iterator[str]:
    """The base address of a running upstream."""
    with served("tests.vendors.upstream") as base_url:
        yield base_url


@pytest.fixture
def blobs() -> InMemoryBlobStore:
    return InMemoryBlobStore()


@pytest.fixture
def bench_of(store, clock: ManualClock, blobs: InMemoryBlobStore) -> Callable[[Vendor], Bench]:
    """Builds a bench over one of the stores, holding user 1 with key 1."""
    return lambda vendor: Bench(store, clock, vendor, blobs)
