"""Commands of `tutti`, each in a process of its own that is forked off one which has loaded them already."""

import multiprocessing
import os
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tutti.cli import main

LONGEST_S = 120.0

_context = multiprocessing.get_context("forkserver")
_context.set_forkserver_preload(["tests.flows.command", "tutti.admin.local", "tutti.admin.remote"])


@dataclass(frozen=True)
class Done:
    """How a command ended and what it printed."""

    code: int | None
    stdout: str
    stderr: str


def run(*words: str, cwd: Path, settings: Mapping[str, str]) -> Done:
    """Run `tutti` with these words in a folder, under these TUTTI_ variables and no others."""
    with tempfile.TemporaryDirectory() as folder:
        stdout, stderr = Path(folder) / "stdout", Path(folder) / "stderr"
        process = _context.Process(target=_tutti, args=(words, cwd, dict(settings), stdout, stderr))
        process.start()
        process.join(LONGEST_S)
        process.kill()
        process.join()
        return Done(process.exitcode, stdout.read_text(), stderr.read_text())


def _tutti(words: tuple[str, ...], cwd: Path, settings: dict[str, str], stdout: Path, stderr: Path) -> None:
    """The command, in the child."""
    for target, path in ((sys.stdout, stdout), (sys.stderr, stderr)):
        os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT), target.fileno())
    os.chdir(cwd)
    for name in [name for name in os.environ if name.startswith("TUTTI_")]:
        del os.environ[name]
    os.environ.update(settings)
    sys.argv = ["tutti", *words]
    main()
