"""`tutti engines`: what is computed on this machine, and what is missing for it."""

import typer

from tutti.cli.configuration import read_settings
from tutti.cli.output import show_json, show_table
from tutti.cli.users import JsonOption

app = typer.Typer(help="The engines that compute here.", no_args_is_help=True)


@app.command("list")
def list_engines(as_json: JsonOption = False) -> None:
    """Show every engine, what it serves, and why one cannot run."""
    from tutti.engines.host import host_for  # noqa: PLC0415 - only this command needs it

    host = host_for(read_settings())
    reasons = {row.name: host.why_not(row.name) for row in host.rows}
    if as_json:
        show_json(
            [
                {
                    "name": row.name,
                    "serves": sorted(row.kinds),
                    "memory_mb": row.peak_memory_mb,
                    "reason": None if (reason := reasons[row.name]) is None else reason.message,
                }
                for row in host.rows
            ]
        )
        return
    rows = [
        (
            row.name,
            ", ".join(sorted(row.kinds)),
            f"{row.peak_memory_mb} MB",
            "ready" if (reason := reasons[row.name]) is None else reason.message,
        )
        for row in host.rows
    ]
    show_table(("engine", "serves", "memory", "state"), rows)


@app.command("install")
def install() -> None:
    """Install the packages that the engines need, from the lock that ships with Tutti.

    Example: tutti engines install
    """
    from tutti.engines.install import install as install_packages  # noqa: PLC0415

    install_packages()
