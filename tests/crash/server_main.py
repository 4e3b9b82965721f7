"""A gateway process with engines that are quick or misbehave.

It is `tutti serve` in all else: sockets, signals, worker, webhooks, the end.
"""

import asyncio
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.engines.rows import row
from tests.processes import ROOT
from tutti.cli.serve import _loop_factory
from tutti.kit import logs
from tutti.server import serve
from tutti.settings import Settings

ENGINES = (
    row("song", "ClipEngine", kinds=frozenset({"song"})),
    row("lyrics", "FakeEngine"),
)


def run(data: Path, port: int, drain_s: float, log: Path, more: Mapping[str, Any]) -> None:
    """Serve a data directory; the output goes to the end of a file."""
    descriptor = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    os.dup2(descriptor, 1)
    os.dup2(descriptor, 2)
    # Where engine children find `tests.engines.fakes`.
    os.environ["PYTHONPATH"] = str(ROOT)
    settings = Settings(
        data=data,
        port=port,
        drain_s=drain_s,
        engine_cores=2,
        disk_free_bytes=0,
        allow_private_addresses=("127.0.0.0/8",),
        **more,
    )
    logs.configure(log_format="json", level="info")
    with asyncio.Runner(loop_factory=_loop_factory()) as runner:
        runner.run(serve(settings, engines=ENGINES))
