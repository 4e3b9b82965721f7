"""The test upstream as a process of its own."""

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx

_ROOT = Path(__file__).parents[2]


class UpstreamProcess:
    """A running upstream; a context manager."""

    def __init__(self, *options: str) -> None:
        self._options = options
        self.url = ""

    def __enter__(self) -> Self:
        command = [sys.executable, "-m", "tests.upstream", *self._options]
        self._process = subprocess.Popen(command, cwd=_ROOT, stdout=subprocess.PIPE)
        assert self._process.stdout is not None
        self.url = json.loads(self._process.stdout.readline())["address"]
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.kill()
        self._process.wait()
        assert self._process.stdout is not None
        self._process.stdout.close()

    def set_faults(self, rules: Sequence[dict[str, Any]]) -> None:
        """What it does wrong from now on."""
        httpx.post(f"{self.url}/_faults", json=rules, trust_env=False).raise_for_status()

    def seen(self) -> list[dict[str, Any]]:
        """The requests that came, oldest first."""
        seen: list[dict[str, Any]] = httpx.get(f"{self.url}/_seen", trust_env=False).json()
        return seen
