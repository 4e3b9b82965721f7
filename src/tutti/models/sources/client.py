"""Running an ordinary package client as a child process, so that mirrors, proxies and logins work as by hand."""

import os
import subprocess
import time
from pathlib import Path

from tutti.models.sources.origin import SourceError, Tick

# Longest silence-free run of one client, for slow lines; and how often progress is looked at.
_DEADLINE_S = 3600.0
_TICK_S = 0.2


def run_client(command: list[str], folder: Path, tick: Tick) -> None:
    """Run a client to its end in a folder, its temporary files too; raises `SourceError` with its last words."""
    log = folder / "client.log"
    started_s = time.monotonic()
    with log.open("wb") as output:
        try:
            child = subprocess.Popen(
                command,
                cwd=folder,
                env={**os.environ, "TMPDIR": str(folder)},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        except OSError as error:
            raise SourceError(f"{command[0]} does not start: {error}") from error
        try:
            while _is_running(child):
                tick(_bytes_in(folder))
                if time.monotonic() - started_s > _DEADLINE_S:
                    raise SourceError(f"{Path(command[0]).name} took longer than {_DEADLINE_S:.0f} s")
        finally:
            child.kill()
            child.wait()
    if child.returncode != 0:
        raise SourceError(f"{Path(command[0]).name} ended with {child.returncode}: {_last_words(log)}")


def _is_running(child: subprocess.Popen[bytes]) -> bool:
    try:
        child.wait(_TICK_S)
    except subprocess.TimeoutExpired:
        return True
    return False


def _bytes_in(folder: Path) -> int:
    total = 0
    for path in folder.rglob("*"):
        try:
            total += path.stat().st_size
        except OSError:  # the client moved it away between the two looks
            continue
    return total


def _last_words(log: Path) -> str:
    lines = log.read_text("utf-8", "replace").strip().splitlines()
    return " / ".join(lines[-3:]) or "it said nothing"
