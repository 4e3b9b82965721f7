"""Servers of tests in processes of their own."""

import contextlib
import multiprocessing
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from multiprocessing.context import ForkServerContext
from pathlib import Path

import httpx

ROOT = Path(__file__).parents[1]
START_S = 60.0


def free_port() -> int:
    """A port of loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def forking() -> ForkServerContext:
    """Processes forked from one that has loaded what they need, so that the time of a life goes into work."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.crash.child", "tests.crash.server_main"])
    return context


def spawn(module: str, *arguments: object, output: Path | None = None, **variables: str) -> subprocess.Popen[bytes]:
    """A module as a process, its output in a file."""
    with output.open("ab") if output else contextlib.nullcontext(subprocess.DEVNULL) as stream:
        return subprocess.Popen(
            [sys.executable, "-m", module, *map(str, arguments)],
            env=os.environ | {"PYTHONPATH": str(ROOT)} | variables,
            stdout=stream,
            stderr=stream,
        )


def wait_until_up(base_url: str, is_alive: Callable[[], bool]) -> None:
    """Return once the process answers there."""
    deadline_s = time.monotonic() + START_S
    while True:
        with contextlib.suppress(httpx.TransportError):
            httpx.get(base_url, timeout=2)
            return
        assert is_alive(), "the server ended before it answered"
        assert time.monotonic() < deadline_s, "the server did not start in time"
        time.sleep(0.05)


@contextlib.contextmanager
def served(module: str, *arguments: object) -> Iterator[str]:
    """The base address of a server that takes its port as first argument; killed in the end."""
    port = free_port()
    base_url = f"http://127.0.0.1:{port}"
    process = spawn(module, port, *arguments)
    try:
        wait_until_up(base_url, lambda: process.poll() is None)
        yield base_url
    finally:
        process.kill()
        process.wait()
