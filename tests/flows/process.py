"""`tutti serve` as an operator runs it: a process of its own over a data directory, asked by command line and HTTP."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx

from tests.flows import command

TUTTI = Path(sys.executable).with_name("tutti")
# A machine that runs many tests at once starts slowly.
START_S = 60.0

_SETTINGS = {
    "TUTTI_LOG_FORMAT": "json",
    "TUTTI_SONG_WORKERS": "1",
    "TUTTI_DISK_FREE_BYTES": "0",
    # The receivers of webhooks stand on this machine.
    "TUTTI_ALLOW_PRIVATE_ADDRESSES": "127.0.0.0/8",
}


class TuttiProcess:
    """A data directory and, while it runs, its server."""

    def __init__(self, folder: Path, **settings: str) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.data = folder / "data"
        self._variables = _SETTINGS | {"TUTTI_DATA": str(self.data)} | settings
        self.log = folder / "log"
        self.url = ""
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start on a free port and wait until work is taken."""
        already = self.log.stat().st_size if self.log.exists() else 0
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [TUTTI, "serve", "--port", "0", "--data", self.data],
                cwd=self.folder,
                env={name: value for name, value in os.environ.items() if not name.startswith("TUTTI_")}
                | self._variables,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        until(lambda: self._logged("server_started", already), START_S, self._alive)
        self.url = self._logged("server_started", already)[-1]["address"]
        until(lambda: httpx.get(f"{self.url}/readyz", trust_env=False).is_success, START_S, self._alive)

    def _logged(self, event: str, since: int) -> list[dict[str, Any]]:
        """The log's whole lines of one event, from a place in the file on."""
        *lines, _ = self.log.read_bytes()[since:].split(b"\n")
        told = [json.loads(line) for line in lines if line.startswith(b"{")]
        return [line for line in told if line["event"] == event]

    def stop(self) -> None:
        """End it as a service manager does, and see that it went in order."""
        assert self._end(signal.SIGTERM) == 0, self.log.read_text()

    def kill(self) -> None:
        """End it as a power cut does."""
        self._end(signal.SIGKILL)

    def children(self) -> list[int]:
        """The processes that the server has started and that run."""
        assert self._process is not None
        threads = Path(f"/proc/{self._process.pid}/task").glob("*/children")
        return [int(child) for thread in threads for child in thread.read_text().split()]

    def _end(self, how: signal.Signals) -> int:
        process, self._process = self._process, None
        if process is None:
            return 0
        process.send_signal(how)
        return process.wait(START_S)

    def _alive(self) -> None:
        assert self._process is not None
        assert self._process.poll() is None, self.log.read_text()

    @property
    def first_run(self) -> Path:
        return self.data / "first-run"

    @property
    def first_key(self) -> str:
        """The key that the first start showed."""
        match = re.search(r"API key +(sk-\w{48})\n", self.first_run.read_text())
        assert match
        return match[1]

    def client(self, key: str | None = None) -> httpx.Client:
        """A client that holds a key; the first one when None."""
        headers = {"Authorization": f"Bearer {self.first_key if key is None else key}"}
        return httpx.Client(base_url=self.url, headers=headers, trust_env=False, timeout=60)

    def tutti(self, *words: str, code: int = 0) -> command.Done:
        """A command over the data directory, which must end with `code`."""
        done = command.run(*words, cwd=self.folder, settings=self._variables)
        assert done.code == code, (words, done)
        return done

    def tutti_json(self, *words: str) -> Any:
        """What a command prints for programs."""
        return json.loads(self.tutti(*words, "--json").stdout)

    def quota(self, user: str = "admin") -> int:
        """The units that a user has left, by the command line."""
        return next(one["quota"] for one in self.tutti_json("users", "list") if one["name"] == user)


def until(holds: Callable[[], Any], deadline_s: float, check: Callable[[], None] = lambda: None) -> None:
    """Return once it holds; fail at the deadline, or when `check` does."""
    end_s = time.monotonic() + deadline_s
    while not holds():
        check()
        assert time.monotonic() < end_s, "it did not happen in time"
        time.sleep(0.05)
