"""One server to a data directory: a lock file that the system frees when its holder dies, however it dies."""

import os
import sys
from pathlib import Path
from typing import Self

from tutti.errors import DirectoryInUseError, StoreError

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

LOCK_FILE = "tutti.lock"

# Shared memory and locks of SQLite's write-ahead log do not work across machines.
_NETWORK_SYSTEMS = frozenset(
    {"afs", "beegfs", "ceph", "cifs", "fuse.glusterfs", "fuse.sshfs", "glusterfs", "lustre", "nfs", "nfs4"}
    | {"smb3", "smbfs"}
)
_MOUNTS = Path("/proc/self/mountinfo")


class DirectoryLock:
    """The right to write in a data directory, held until `release` or the end of the process."""

    def __init__(self, data: Path) -> None:
        """Take the lock. Raises `DirectoryInUseError` naming the holder, `StoreError` on a network file system."""
        refuse_network_file_system(data)
        self._path = data / LOCK_FILE
        try:
            # Never truncated on opening: until the lock is ours, the number in it is the holder's.
            self._fd = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise StoreError(f"The lock file {self._path} cannot be opened: {error.strerror}.") from error
        try:
            _lock(self._fd)
        except OSError as error:
            holder = os.pread(self._fd, 20, 0).decode(errors="replace").strip() if hasattr(os, "pread") else ""
            os.close(self._fd)
            raise DirectoryInUseError(
                f"Another Tutti server (process {holder or 'unknown'}) holds {data}: stop it or choose another --data."
            ) from error
        os.ftruncate(self._fd, 0)
        os.write(self._fd, f"{os.getpid()}\n".encode())

    def release(self) -> None:
        """Let another server in. The file stays: removing it could take the lock from one who just opened it."""
        os.close(self._fd)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.release()


def refuse_network_file_system(data: Path, *, mounts: Path = _MOUNTS) -> None:
    """Raise `StoreError` when the directory lies on a file system known to be remote; says nothing where unknown."""
    try:
        lines = mounts.read_text().splitlines()
    except OSError:
        return  # no such list outside Linux
    kind = _file_system_of(data.resolve(), lines)
    if kind in _NETWORK_SYSTEMS:
        raise StoreError(f"{data} lies on a network file system ({kind}): SQLite needs a local disk, choose another.")


def _file_system_of(path: Path, lines: list[str]) -> str:
    """The type of the innermost mount that holds the path; lines are as in proc(5), mountinfo."""
    best, kind = -1, ""
    for line in lines:
        left, _, right = line.partition(" - ")
        point = Path(left.split(" ")[4].replace("\\040", " "))
        # The later of two mounts on one point hides the earlier.
        if path.is_relative_to(point) and len(point.parts) >= best:
            best, kind = len(point.parts), right.split(" ")[0]
    return kind


def _lock(fd: int) -> None:
    """Lock without waiting; OSError when another holds it."""
    if sys.platform == "win32":
        # Locked far beyond the number, so that others may read it.
        os.lseek(fd, 1 << 20, os.SEEK_SET)
        msvcrt.locking(fd, msvcrt.LK_NBLCK, 1)
        os.lseek(fd, 0, os.SEEK_SET)
    else:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
