"""A relay that is measured: where it listens, what it is asked with, and what its processes use."""

import contextlib
import os
import re
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, kw_only=True)
class Relay:
    """One that is measured."""

    name: str
    port: int
    # Processor seconds used so far, and resident megabytes, of all its processes together.
    cpu_s: Callable[[], float]
    memory_mb: Callable[[], float]
    # Of the process that was started alone, without helpers that come and go.
    first_memory_mb: Callable[[], float] = lambda: 0.0
    key: str = "none"
    # Further headers that it needs.
    headers: dict[str, str] = field(default_factory=dict)


def relay_of(pid: int, *, name: str, port: int, key: str = "none", headers: dict[str, str] | None = None) -> Relay:
    """A relay whose first process this is."""
    return Relay(
        name=name,
        port=port,
        key=key,
        headers=headers or {},
        cpu_s=lambda: sum(map(_cpu_s, _tree(pid))),
        memory_mb=lambda: sum(map(_memory_mb, _tree(pid))),
        first_memory_mb=lambda: _memory_mb(pid),
    )


def wait_for(port: int, process: subprocess.Popen, *, timeout_s: float = 20) -> None:
    """Return once somebody listens."""
    deadline = time.monotonic() + timeout_s
    while time.monotonic() < deadline and process.poll() is None:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.02)
    raise SystemExit(f"nothing listens on {port}")


def free_port() -> int:
    """A port that nobody has."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextlib.contextmanager
def ended(process: subprocess.Popen) -> Iterator[None]:
    """The process ends with the block, by force when it does not listen, and so do those below it that it leaves."""
    try:
        yield
    finally:
        below = _tree(process.pid)[1:]
        process.terminate()
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        for pid in below:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)


def _tree(pid: int) -> list[int]:
    """A process and all below it."""
    found = [pid]
    for one in found:
        with contextlib.suppress(OSError):  # it has just ended
            for children in Path(f"/proc/{one}/task").glob("*/children"):
                found += map(int, children.read_text().split())
    return found


def _cpu_s(pid: int) -> float:
    """Of a process and of its children that have ended."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    except OSError:
        return 0.0
    return sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")


def _memory_mb(pid: int) -> float:
    try:
        found = re.search(r"VmRSS:\s+(\d+)", Path(f"/proc/{pid}/status").read_text())
    except OSError:
        return 0.0
    return int(found[1]) / 1024 if found else 0.0
