"""What this machine has for engines, and what a process of it took.

In a container the control group's limits bind, not what the hardware has; groups are nested, so the least of all levels
counts. Both versions of the kernel's interface are read.
"""

import os
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

_PROC = Path("/proc")
_CGROUPS = Path("/sys/fs/cgroup")


def memory_limit_bytes(*, proc: Path = _PROC, cgroups: Path = _CGROUPS) -> int:
    """The least of physical memory and the limits of this process's control groups."""
    limits = [os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")]
    for folder in _groups("memory", proc, cgroups):
        for name in ("memory.max", "memory.limit_in_bytes"):
            text = _read(folder / name)
            # v2 says "max" for no limit; v1 a number beyond any memory, which min() passes over.
            if text.isdigit():
                limits.append(int(text))
    return min(limits)


def core_count(*, proc: Path = _PROC, cgroups: Path = _CGROUPS) -> int:
    """The cores that this process may keep busy, at least 1; a part of a core counts as one."""
    counts = [len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1]
    for folder in _groups("cpu", proc, cgroups):
        quota, _, period = _read(folder / "cpu.max").partition(" ")
        if not quota:
            quota, period = _read(folder / "cpu.cfs_quota_us"), _read(folder / "cpu.cfs_period_us")
        # No limit is "max" in v2 and -1 in v1.
        if quota.isdigit() and period.isdigit():
            counts.append(max(-(-int(quota) // int(period)), 1))
    return min(counts)


def peak_rss_bytes(pid: int) -> int | None:
    """The most resident memory a living process ever had (VmHWM); None where the system does not tell."""
    for line in _read(_PROC / str(pid) / "status").splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024
    return None


def _groups(controller: str, proc: Path, cgroups: Path) -> Iterator[Path]:
    """The folders of this process's control groups that bind a resource, innermost first."""
    for line in _read(proc / "self" / "cgroup").splitlines():
        # "0::/path" in v2, "9:memory:/path" in v1.
        _, controllers, group = line.split(":", 2)
        if controllers and controller not in controllers.split(","):
            continue
        path = PurePosixPath(group.lstrip("/"))
        for level in (path, *path.parents):
            yield (cgroups / controller if controllers else cgroups) / level


def _read(path: Path) -> str:
    try:
        return path.read_text().strip()
    except OSError:
        return ""
