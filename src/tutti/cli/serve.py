"""`tutti serve`: run the gateway."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from tutti.cli.configuration import read_settings


def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on; 127.0.0.1 when left out.")] = None,
    port: Annotated[int | None, typer.Option(help="TCP port; 8787 when left out, 0 takes a free one.")] = None,
    data: Annotated[Path | None, typer.Option(help="Data directory; ./data when left out.")] = None,
) -> None:
    """Run the gateway until Ctrl-C or SIGTERM.

    Every other setting is a TUTTI_ variable or a line of tutti.toml; see docs/reference/settings.md.
    Example: tutti serve --port 8787 --data ./data
    """
    from tutti.kit import logs  # noqa: PLC0415
    from tutti.server import serve as run_server  # noqa: PLC0415 - other commands need none of it

    options: dict[str, Any] = {"host": host, "port": port, "data": data}
    settings = read_settings(**options)
    logs.configure(log_format=settings.log_format, level=settings.log_level)
    with asyncio.Runner(loop_factory=_loop_factory()) as runner:
        runner.run(run_server(settings))


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """The fast event loop where the platform has it."""
    try:
        import uvloop  # noqa: PLC0415 - not on every platform
    except ImportError:
        return None
    return uvloop.new_event_loop
