"""Every store, each with one account, a clock turned by hand and a renderer that tells state and parts."""

from collections.abc import AsyncIterator, Sequence
from typing import Any

import msgspec
import pytest

from tests.databases import database, empty_database
from tests.factories import seed_account
from tutti.kit.clock import ManualClock
from tutti.tasks.memory import InMemoryTaskStore
from tutti.tasks.model import Task, TaskPart
from tutti.tasks.sqlite import SqliteTaskStore

__all__ = ["clock", "database", "empty_database", "store"]


def told(task: Task, parts: Sequence[TaskPart]) -> bytes:
    """A task as the test's family tells it."""
    return msgspec.json.encode({"state": task.state.value, "parts": len(parts)})


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture(params=["memory", "sqlite"])
async def store(request: pytest.FixtureRequest, clock: ManualClock) -> AsyncIterator[Any]:
    """A store that fulfils all ports, holding user 1 with key 1."""
    if request.param == "memory":
        memory = InMemoryTaskStore(clock=clock, render_event=told)
        await seed_account(memory)
        yield memory
        return
    sqlite = SqliteTaskStore(request.getfixturevalue("database"), clock=clock, render_event=told)
    await sqlite.open()
    await seed_account(sqlite)
    yield sqlite
    await sqlite.close()
