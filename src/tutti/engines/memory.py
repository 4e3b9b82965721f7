"""How much memory engines may plan with, and how much a process took."""

import os
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

_PROC = Path("/proc")
_CGROUPS = Path("/sys/fs/cgroup")


def memory_limit_bytes(*, proc: Path = _PROC, cgroups: Path = _CGROUPS) -> int:
    """The least of physical memory and the limits of this process's control group and its parents (v2 and v1)."""
    physical = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return min([physical, *_cgroup_limits(proc, cgroups)])


def peak_rss_bytes(pid: int) -> int | None:
    """The most resident memory a living process ever had (VmHWM); None where the system does not tell."""
    try:
        status = (_PROC / str(pid) / "status").read_text()
    except OSError:
        return None
    for line in status.splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024
    return None


def _cgroup_limits(proc: Path, cgroups: Path) -> Iterator[int]:
    try:
        lines = (proc / "self" / "cgroup").read_text().splitlines()
    except OSError:
        return
    for line in lines:
        # "0::/path" in v2, "9:memory:/path" in v1.
        _, controllers, group = line.split(":", 2)
        if controllers == "":
            root, name = cgroups, "memory.max"
        elif "memory" in controllers.split(","):
            root, name = cgroups / "memory", "memory.limit_in_bytes"
        else:
            continue
        for folder in (PurePosixPath(group.lstrip("/")), *PurePosixPath(group.lstrip("/")).parents):
            limit = _read_limit(root / folder / name)
            if limit is not None:
                yield limit


def _read_limit(path: Path) -> int | None:
    try:
        text = path.read_text().strip()
    except OSError:
        return None
    # v2 says "max" for no limit; v1 a number beyond any memory, which min() passes over.
    return int(text) if text.isdigit() else None
