import os

import pytest

from tutti.engines.memory import memory_limit_bytes, peak_rss_bytes

PHYSICAL = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")


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
def test_limit_is_the_least_of_all_that_bind(tmp_path, group, files, expected):
    (tmp_path / "proc" / "self").mkdir(parents=True)
    (tmp_path / "proc" / "self" / "cgroup").write_text(group)
    for name, content in files.items():
        path = tmp_path / "cgroups" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
    assert memory_limit_bytes(proc=tmp_path / "proc", cgroups=tmp_path / "cgroups") == expected


def test_limit_without_control_groups_is_physical_memory(tmp_path):
    assert memory_limit_bytes(proc=tmp_path, cgroups=tmp_path) == PHYSICAL


def test_peak_memory_of_nobody_is_unknown():
    assert peak_rss_bytes(2**30) is None
    assert peak_rss_bytes(os.getpid()) > 1_000_000
