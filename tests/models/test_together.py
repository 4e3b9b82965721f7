"""Several processes that want one model at the same moment, and one that dies in the middle."""

import signal
import subprocess
import sys
import time
from pathlib import Path

from tests.models.conftest import CONTENT, FakeHub, catalogue_of, file_of, source, write_catalogue
from tutti.models.store import ModelStore

PULL = """
import sys, msgspec
from pathlib import Path
from tutti.models.catalogue import Catalogue, Model
from tutti.models.store import ModelStore
models = msgspec.json.decode(Path(sys.argv[1]).read_bytes(), type=tuple[Model, ...])
store = ModelStore(Path(sys.argv[2]), None, sys.argv[3], catalogue=Catalogue(models))
print(store.pull("tiny"))
"""
HUB = source("hub", ("org/repo", "weights.bin"))
HUB_PATH = "/org/repo/resolve/main/weights.bin"


def start_pull(tmp_path: Path, hub: FakeHub) -> subprocess.Popen[str]:
    catalogue = tmp_path / "catalogue.json"
    write_catalogue(catalogue, catalogue_of(file_of(CONTENT, HUB)))
    command = [sys.executable, "-c", PULL, str(catalogue), str(tmp_path / "cache"), hub.url]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def test_two_processes_fetch_once(tmp_path: Path, hub: FakeHub) -> None:
    hub.files[HUB_PATH] = CONTENT
    children = [start_pull(tmp_path, hub) for _ in range(2)]
    paths = [child.communicate(timeout=60)[0].splitlines()[-1] for child in children]
    assert paths[0] == paths[1]
    assert Path(paths[0]).read_bytes() == CONTENT
    assert hub.asked == [HUB_PATH]


def test_killed_pull_leaves_nothing_that_looks_whole(tmp_path: Path, hub: FakeHub) -> None:
    # The hub announces more than it sends, so the child waits for the rest when it is killed.
    hub.files[HUB_PATH] = CONTENT
    hub.stall = True
    child = start_pull(tmp_path, hub)
    deadline_s = time.monotonic() + 30
    while not list((tmp_path / "cache").rglob("hub-file")) and time.monotonic() < deadline_s:
        time.sleep(0.01)
    child.send_signal(signal.SIGKILL)
    child.communicate(timeout=30)
    store = ModelStore(tmp_path / "cache", None, hub.url, catalogue=catalogue_of(file_of(CONTENT, HUB)))
    assert store.list_all()[0].place == "missing"
    hub.stall = False
    assert store.pull("tiny").read_bytes() == CONTENT
