"""`tutti backup`, `restore`, `check`: care for the data directory."""

import asyncio
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.filesize import decimal

from tutti.admin.deeds import Finding
from tutti.cli.configuration import read_settings
from tutti.cli.deeds import DataOption, open_deeds
from tutti.cli.output import show_json, show_table
from tutti.cli.users import JsonOption
from tutti.places import Places


def backup(target: Annotated[Path, typer.Argument(help="The new file.")], data: DataOption = None) -> None:
    """Copy the database to a new file while everything runs on. Results are not in it.

    Example: tutti backup tutti-backup.db
    """

    async def do() -> int:
        async with open_deeds(data) as deeds:
            return await deeds.backup(str(target.absolute()))

    typer.echo(f"{target}: {decimal(asyncio.run(do()))}", err=True)


def restore(
    saved: Annotated[Path, typer.Argument(help="A file made by `tutti backup`.")], data: DataOption = None
) -> None:
    """Put a saved database in place of the present one, which is kept beside it. The server must be stopped.

    Example: tutti restore tutti-backup.db
    """
    from tutti.database import backup as copies  # noqa: PLC0415 - no other command needs it
    from tutti.database.lock import DirectoryLock  # noqa: PLC0415

    places = Places(read_settings(data=data).data.absolute())
    places.make()
    with DirectoryLock(places.data):
        aside = copies.restore(saved.absolute(), places.database)
    kept = f"; the one before is {aside}" if aside else ""
    typer.echo(f"restored {saved} to {places.database}{kept}", err=True)


def check(data: DataOption = None, as_json: JsonOption = False) -> None:
    """Prove that ledger, balances, tasks and webhooks agree; list what is off and exit with 1 if anything is."""

    async def do() -> list[Finding]:
        async with open_deeds(data) as deeds:
            return await deeds.check()

    findings = asyncio.run(do())
    if as_json:
        show_json(findings)
    elif findings:
        show_table(("what is off", "details"), [(one.what, one.details) for one in findings])
    else:
        typer.echo("everything agrees", err=True)
    if findings:
        sys.exit(1)
