"""Hosts over the misbehaving engines of `fakes.py`."""

from contextlib import aclosing
from pathlib import Path

import pytest

from tests.engines.rows import row
from tutti.engines.engine import Job
from tutti.engines.host import EngineHost
from tutti.intents import LyricsWish
from tutti.tasks.runner import Done


@pytest.fixture
def anyio_backend():
    """The loop that the server runs on."""
    return "asyncio", {"use_uvloop": True}


@pytest.fixture(autouse=True)
def _importable_fakes(monkeypatch):
    """Children find `tests.engines.fakes` as we do."""
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[2]))


@pytest.fixture
async def make_host():
    """Builds hosts and closes them after the test."""
    hosts = []

    def make(*rows, cores=2, memory_mb=1000, cancel_grace_s=2.0):
        host = EngineHost(
            rows or [row()], cores=cores, memory_bytes=memory_mb * 1_000_000, cancel_grace_s=cancel_grace_s
        )
        hosts.append(host)
        return host

    yield make
    for host in hosts:
        await host.close()


@pytest.fixture
def make_job(tmp_path):
    """Jobs with a scratch folder each; a string is the prompt of a lyrics wish."""
    count = 0

    def make(wish, task_id="task-1"):
        nonlocal count
        count += 1
        scratch = tmp_path / f"scratch-{count}"
        scratch.mkdir()
        intent = LyricsWish(prompt=wish, seed=1) if isinstance(wish, str) else wish
        return Job(task_id=task_id, attempt=1, intent=intent, scratch=scratch, inputs={})

    return make


async def events_of(host, engine, job):
    """All events of a job, in order."""
    async with aclosing(host.run(engine, job)) as events:
        return [event async for event in events]


async def text_of(host, engine, job):
    """The text of the lyrics that a job ends with."""
    *_, last = await events_of(host, engine, job)
    assert isinstance(last, Done)
    return last.result["text"]
