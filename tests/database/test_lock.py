"""One server to a data directory."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tutti.database.lock import DirectoryLock, refuse_network_file_system
from tutti.errors import DirectoryInUseError, StoreError

HOLD = """
import pathlib, sys
from tutti.database.lock import DirectoryLock
lock = DirectoryLock(pathlib.Path(sys.argv[1]))
print("held", flush=True)
sys.stdin.read()
"""


def test_row_21_a_second_server_is_told_who_holds_the_directory(tmp_path: Path) -> None:
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD, tmp_path], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    with holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(DirectoryInUseError, match=f"process {holder.pid}"):
            DirectoryLock(tmp_path)
        holder.kill()
    with DirectoryLock(tmp_path):
        assert (tmp_path / "tutti.lock").read_text() == f"{os.getpid()}\n"


def test_a_released_lock_can_be_taken_again(tmp_path: Path) -> None:
    for _ in range(2):
        with DirectoryLock(tmp_path), pytest.raises(DirectoryInUseError):
            DirectoryLock(tmp_path)


def test_a_directory_that_is_not_there_is_a_clear_error(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="cannot be opened"):
        DirectoryLock(tmp_path / "nowhere")


@pytest.mark.parametrize(
    ("kind", "point", "is_refused"),
    [
        ("nfs4", "/srv/share", True),
        ("cifs", "/srv/share", True),
        ("ext4", "/srv/share", False),
        ("nfs4", "/srv/other", False),
    ],
)
def test_network_file_systems_are_refused_where_the_system_names_them(
    tmp_path: Path, kind: str, point: str, *, is_refused: bool
) -> None:
    mounts = tmp_path / "mountinfo"
    mounts.write_text(f"1 0 0:1 / / rw - ext4 /dev/a rw\n2 1 0:2 / {point} rw shared:1 - {kind} server rw\n")
    data = Path("/srv/share/data")
    if is_refused:
        with pytest.raises(StoreError, match="network file system"):
            refuse_network_file_system(data, mounts=mounts)
    else:
        refuse_network_file_system(data, mounts=mounts)
