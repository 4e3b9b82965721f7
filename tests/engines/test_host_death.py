"""Row 5 of the crash matrix: no engine outlives its gateway, whatever it is at."""

import os
import signal
import subprocess
import sys

import pytest

from tests.engines.rows import row
from tests.waiting import eventually, is_alive
from tutti.engines.handle import ChildHandle

pytestmark = pytest.mark.anyio

GATEWAY = """
import asyncio, pathlib, sys
from tests.engines.rows import row
from tutti.engines.engine import Job
from tutti.engines.host import EngineHost
from tutti.intents import LyricsWish

async def main(wish, scratch):
    host = EngineHost([row()], cores=1, memory_bytes=10**9)
    intent = LyricsWish(prompt=wish, seed=1)
    async for event in host.run("fake", Job(task_id="t", attempt=1, intent=intent, scratch=scratch, inputs={})):
        sys.stderr.write(event.note.removeprefix("pid ") + "\\n")

asyncio.run(main(sys.argv[1], pathlib.Path(sys.argv[2])))
"""


@pytest.mark.parametrize("wish", ["slow 60", "hang", "freeze"])
@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGTERM])
async def test_row_5_child_dies_with_its_gateway(tmp_path, wish, end):
    with subprocess.Popen(  # noqa: ASYNC220 - nothing else runs in this test
        [sys.executable, "-c", GATEWAY, wish, str(tmp_path)],
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
    ) as gateway:
        pid = int(gateway.stderr.readline())
        assert is_alive(pid)
        os.kill(gateway.pid, end)
    await eventually(lambda: not is_alive(pid), deadline_s=5)


async def test_row_5_closed_pipe_alone_ends_a_computing_child(make_job):
    child = await ChildHandle.spawn(row())
    try:
        await child.begin(make_job("hang"))
        await child.receive(silence_s=10)
        child._writer.close()
        await eventually(lambda: not is_alive(child.pid), deadline_s=5)
        assert not child.is_usable
    finally:
        child.kill()
        await child.leave()
