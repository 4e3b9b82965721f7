import os

import pytest

from tutti.engines.machine import core_count, memory_limit_bytes, peak_rss_bytes

PHYSICAL = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
CORES = len(os.sched_getaffinity(0))


@pytest.fixture
def machine(tmp_path):
    """Folders in place of /proc and /sys/fs/cgroup, as keyword arguments."""

    def machine(group, files):
        (tmp_path / "proc" / "self").mkdir(parents=True)
        (tmp_path / "proc" / "self" / "cgroup").write_text(group)
        for name, content in files.items():
            path = tmp_path / "cgroups" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content)
        return {"proc": tmp_path / "proc", "cgroups": tmp_path / "cgroups"}

    return machine


@pytest.mark.parametrize(
    ("group", "files", "expected"),
    [
        ("0::/", {"memory.max": "5000000\n"}, 5_000_000),
        ("0::/a/b", {"a/memory.max": "7000000\n", "a/b/memory.max": "max\n"}, 7_000_000),
        ("0::/a", {"memory.max": "max\n"}, PHYSICAL),
        ("9:cpu,memory:/x\n3:cpu:/y", {"memory/x/memory.limit_in_bytes": "6000000\n"}, 6_000_000),
        ("9:memory:/x", {"memory/memory.limit_in_bytes": "9223372036854771712\n"}, PHYSICAL),
        ("", {}, PHYSICAL),
    ],
)
def test_memory_limit_is_the_least_of_all_that_bind(machine, group, files, expected):
    assert memory_limit_bytes(**machine(group, files)) == expected


@pytest.mark.parametrize(
    ("group", "files", "expected"),
    [
        ("0::/a", {"a/cpu.max": "100000 100000\n"}, 1),
        ("0::/a", {"a/cpu.max": "10000 100000\n"}, 1),
        ("0::/a", {"a/cpu.max": "max 100000\n", "cpu.max": "99900000 100000\n"}, CORES),
        ("4:cpu,cpuacct:/x", {"cpu/x/cpu.cfs_quota_us": "50000\n", "cpu/x/cpu.cfs_period_us": "100000\n"}, 1),
        ("4:cpu,cpuacct:/x", {"cpu/x/cpu.cfs_quota_us": "-1\n", "cpu/x/cpu.cfs_period_us": "100000\n"}, CORES),
        ("", {}, CORES),
    ],
)
def test_cores_are_the_least_of_all_that_bind(machine, group, files, expected):
    assert core_count(**machine(group, files)) == expected


def test_peak_memory_of_nobody_is_unknown():
    assert peak_rss_bytes(2**30) is None
    assert peak_rss_bytes(os.getpid()) > 1_000_000
