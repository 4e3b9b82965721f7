"""A database, a whole server, and a receiver of its webhooks."""

import signal
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests.crash.server import Server
from tests.databases import database, empty_database
from tests.processes import served

__all__ = ["database", "empty_database"]


@pytest.fixture
async def server(tmp_path: Path, empty_database: Path) -> AsyncIterator[Server]:
    """A server that has not begun its first life."""
    server = Server(tmp_path / "data")
    await server.seed(empty_database)
    yield server
    if server.is_up:
        server.end(signal.SIGKILL)


@pytest.fixture
def told(tmp_path: Path) -> Path:
    """The file of what the receiver was told."""
    return tmp_path / "told"


@pytest.fixture
def receiver(told: Path) -> Iterator[str]:
    """The base address of a receiver in a process of its own."""
    with served("tests.crash.receiver", told) as base_url:
        yield base_url
