"""A store with an account, a shelf for blobs, and workers that end with their test."""

import asyncio
from contextlib import asynccontextmanager

import pytest

from tests.factories import new_task, seed_account
from tests.waiting import DEADLINE_S
from tutti.errors import NotFoundError
from tutti.kit.clock import ManualClock
from tutti.tasks.memory import InMemoryTaskStore
from tutti.tasks.worker import Worker

LANE = "engine:song"


class Shelf:
    """Blobs in a dict; raises what `failures` holds first."""

    def __init__(self):
        self.blobs = {}
        self.failures = []
        self.puts = 0

    async def put(self, key, content):
        self.puts += 1
        if self.failures:
            raise self.failures.pop(0)
        self.blobs[key] = content if isinstance(content, bytes) else content.read_bytes()

    async def get(self, key):
        if self.failures:
            raise self.failures.pop(0)
        if key not in self.blobs:
            raise NotFoundError
        return self.blobs[key]


@pytest.fixture
def clock():
    return ManualClock()


@pytest.fixture
async def store(clock):
    store = InMemoryTaskStore(clock=clock)
    await seed_account(store)
    return store


@pytest.fixture
def shelf():
    return Shelf()


@pytest.fixture
def submit(store):
    """Submits a song task with changes; gives the task."""

    async def submit(**changes):
        return (await store.submit(new_task(**changes))).task

    return submit


@pytest.fixture
def now(store):
    """How a task stands at present."""

    async def now(task):
        (found,) = await store.find([task.public_id], user_id=None)
        return found

    return now


@pytest.fixture
def work(store, shelf, tmp_path):
    """A context in which a worker runs; it gives the worker, and drains it at the end."""

    @asynccontextmanager
    async def work(runner, *, owner="worker-1", lease_s=30.0, reap_s=0.02, store=store, growing=None, **lanes):
        served = {LANE: runner} | lanes
        scratch = tmp_path / "scratch" / owner
        worker = Worker(
            store,
            shelf,
            served,
            owner=owner,
            scratch=scratch,
            lease_s=lease_s,
            look_s=0.02,
            reap_s=reap_s,
            growing=growing,
        )
        running = asyncio.create_task(worker.run())
        try:
            yield worker
        finally:
            worker.drain(grace_s=0)
            await asyncio.wait_for(running, DEADLINE_S)
        assert list(scratch.glob("*")) == []

    return work
