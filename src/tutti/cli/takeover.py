"""`tutti import`: move in from another gateway."""

import asyncio
from collections import Counter
from pathlib import Path
from typing import Annotated

import typer

from tutti.admin.taken import TakeoverLine
from tutti.cli.deeds import DataOption, open_deeds
from tutti.cli.output import show_json, show_table
from tutti.cli.users import JsonOption
from tutti.kit.clock import SystemClock

app = typer.Typer(help="Move in from another gateway.", no_args_is_help=True)


@app.callback()
def _named() -> None:
    """Move in from another gateway."""


@app.command("new-api")
def new_api(
    file: Annotated[Path, typer.Argument(help="The SQLite database of a new-api or one-api; it is only read.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would happen, and change nothing.")] = False,
    source: Annotated[
        str, typer.Option(help="A name for that gateway, the same each time: what came from it counts once.")
    ] = "new-api",
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    """Take users with balances, keys, channels and prices over; what is here already stays as it is.

    Example: tutti import new-api one-api.db --dry-run
    """
    from tutti.admin.new_api import read_takeover  # noqa: PLC0415 - no other command needs it

    taken, left_out = read_takeover(file, source=source, now_ms=SystemClock().now_ms())

    async def do() -> list[TakeoverLine]:
        async with open_deeds(data) as deeds:
            return await deeds.take_over(taken, is_rehearsal=dry_run)

    _show([*asyncio.run(do()), *left_out], as_json=as_json)


def _show(lines: list[TakeoverLine], *, as_json: bool) -> None:
    if as_json:
        show_json(lines)
        return
    show_table(("what", "name", "outcome", "notes"), [(one.kind, one.name, one.outcome, one.note) for one in lines])
    counts = Counter((one.kind, one.outcome) for one in lines)
    typer.echo(", ".join(f"{kind}s {outcome}: {count}" for (kind, outcome), count in sorted(counts.items())), err=True)
