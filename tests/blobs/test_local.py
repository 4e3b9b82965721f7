"""What a killed writer leaves: never half a blob."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tutti.blobs.local import LocalBlobStore

pytestmark = pytest.mark.anyio

PUT = """
import asyncio, sys
from pathlib import Path
from tutti.blobs.local import LocalBlobStore
asyncio.run(LocalBlobStore(Path(sys.argv[1])).put("results/t/1/film.mp4", Path(sys.argv[2])))
"""


def put_and_kill(folder: Path, given: Path) -> list[Path]:
    """Start a put in another process and kill it as soon as part of the file is there; the part."""
    child = subprocess.Popen([sys.executable, "-c", PUT, str(folder), str(given)])
    deadline_s = time.monotonic() + 30
    while not (partial := list(folder.glob("**/*#*"))) and time.monotonic() < deadline_s:
        time.sleep(0.0005)
    child.send_signal(signal.SIGKILL)
    assert child.wait(10) == -signal.SIGKILL
    return partial


async def test_row_7_kill_in_the_middle_of_a_put_shows_nothing(tmp_path: Path) -> None:
    given, folder = tmp_path / "given", tmp_path / "blobs"
    given.touch()
    # Long enough to be caught in the middle: about a quarter of a second of copying.
    os.truncate(given, 256 * 1024 * 1024)
    assert put_and_kill(folder, given)
    store = LocalBlobStore(folder)
    assert await store.head("results/t/1/film.mp4") is None
    assert [info async for info in store.list_all()] == []
    assert await store.sweep_partial(older_than_s=3600) == 0
    assert await store.sweep_partial(older_than_s=-1) == 1
    await store.put("results/t/1/film.mp4", b"second try")
    assert await store.get("results/t/1/film.mp4") == b"second try"
