"""A running upstream as tests hold it."""

import contextlib
import json
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import httpx

from tests.processes import ROOT


class RunningUpstream:
    """Its address, what it has seen, and its faults."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._client = httpx.Client(base_url=url, trust_env=False, timeout=10)

    def seen(self, *, path: str = "") -> list[dict[str, Any]]:
        """The requests since the last reset whose path ends so; "json" holds the body where it is JSON."""
        rows = [row for row in self._client.get("/_seen").json() if row["path"].endswith(path)]
        for row in rows:
            with contextlib.suppress(ValueError):
                row["json"] = json.loads(row["body"])
        return rows

    def jobs(self) -> list[dict[str, Any]]:
        """The Suno tasks that were taken."""
        return list(self._client.get("/_jobs").json())

    def reset(self) -> None:
        """Forget everything."""
        self._client.post("/_reset").raise_for_status()

    def set_fault(self, *, times: int | None = None, **fault: Any) -> None:
        """Let one fault happen, see `faults.py`, for a `model`, `key` or `path` alone if named; others are gone."""
        whom = {name: fault.pop(name, None) for name in ("model", "key", "path")}
        self.set_faults([{"fault": fault, "times": times, **whom}])

    def set_faults(self, rules: list[dict[str, Any]]) -> None:
        """Let these happen; the first that fits counts."""
        self._client.post("/_faults", json=rules).raise_for_status()

    def reset_faults(self) -> None:
        """Let nothing go wrong any more."""
        self.set_faults([])

    def close(self) -> None:
        self._client.close()


@contextlib.contextmanager
def running_upstream(*arguments: str) -> Iterator[RunningUpstream]:
    """An upstream in a process of its own, killed in the end."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.upstream", *arguments], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        upstream = RunningUpstream(json.loads(process.stdout.readline())["address"])
        yield upstream
        upstream.close()
    finally:
        process.kill()
        process.communicate()
