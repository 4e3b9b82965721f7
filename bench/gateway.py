"""A real server in its own process, with an empty data directory, for as long as a measurement lasts."""

import asyncio
import contextlib
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tutti.accounts.first_run import ADMIN_NAME
from tutti.admin.remote import RemoteDeeds
from tutti.places import Places


@dataclass(frozen=True, kw_only=True)
class Gateway:
    """Where it listens, its key, and what starting took."""

    port: int
    key: str
    data: Path
    pid: int
    ready_s: float

    def memory_mb(self) -> float:
        """Resident memory of the server process, without its children."""
        status = Path(f"/proc/{self.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+)", status)[1]) / 1024

    def cpu_s(self) -> float:
        """Processor seconds that the server process has used."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def top_up(self, units: int) -> None:
        """Give the key's user more credit, as `tutti users topup` would."""
        deeds = RemoteDeeds(Places(self.data).socket)
        asyncio.run(deeds.top_up(ADMIN_NAME, units=units, ref="bench"))


@contextlib.contextmanager
def running_gateway(**settings: object) -> Iterator[Gateway]:
    """Start, wait until it is ready, give it, stop it."""
    with tempfile.TemporaryDirectory(prefix="tutti-bench-") as folder:
        data = Path(folder) / "data"
        port = _free_port()
        environment = os.environ | {f"TUTTI_{name.upper()}": str(value) for name, value in settings.items()}
        # The schema is made beforehand, since a first start is not what is measured.
        command = [sys.executable, "-m", "tutti", "serve", "--port", str(port), "--data", str(data)]
        for is_measured in (False, True):
            with (Path(folder) / "log").open("ab") as log:
                started = time.perf_counter()
                process = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
            try:
                _wait_until_ready(port, process, Path(folder) / "log")
                ready_s = time.perf_counter() - started
                if is_measured:
                    key = re.search(r"sk-\w+", (data / "first-run").read_text())[0]
                    yield Gateway(port=port, key=key, data=data, pid=process.pid, ready_s=ready_s)
            finally:
                process.send_signal(signal.SIGTERM)
                try:
                    process.wait(timeout=20)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait()


def _wait_until_ready(port: int, process: subprocess.Popen, log: Path) -> None:
    deadline = time.monotonic() + 60
    while True:
        with (
            contextlib.suppress(OSError),
            urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=2) as reply,
        ):
            if reply.status == 200:
                return
        if process.poll() is not None or time.monotonic() > deadline:
            raise SystemExit(f"the server did not become ready:\n{log.read_text()[-4000:]}")
        time.sleep(0.01)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
