"""`tutti prices`: what calls of each model cost, and what each group pays."""

import asyncio
import sys
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer

from tutti.admin.told import PriceInfo
from tutti.cli.deeds import DataOption, open_deeds
from tutti.cli.output import show_json, show_table
from tutti.cli.users import JsonOption
from tutti.errors import InvalidRequestError

app = typer.Typer(help="What calls cost.", no_args_is_help=True)

SectionArgument = Annotated[
    str, typer.Argument(help="models (dollars for a million tokens), calls (units) or groups (a factor).")
]
NameArgument = Annotated[str, typer.Argument(help="The model, the name that is priced by the call, or the group.")]


@app.command("list")
def list_prices(
    name: Annotated[str | None, typer.Argument(help="A model, a priced name or a group: what holds for it.")] = None,
    is_all: Annotated[bool, typer.Option("--all", help="Everything that holds, what ships included.")] = False,
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    """List what was set here, what holds for a name, or everything.

    Example: tutti prices list gpt-4o
    """

    async def do() -> list[PriceInfo]:
        async with open_deeds(data) as deeds:
            return await deeds.list_prices(name=name, is_all=is_all)

    _show(asyncio.run(do()), as_json=as_json)


@app.command("set")
def set_price(
    section: SectionArgument,
    name: NameArgument,
    value: Annotated[str, typer.Argument(help="A number, or for models a JSON object such as the example's.")],
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    """Set a price for the very next call.

    Example: tutti prices set models gpt-4o '{"input": 2.5, "output": 10, "cached": 1.25}'
    """
    figure = _figure(value)

    async def do() -> PriceInfo:
        async with open_deeds(data) as deeds:
            return await deeds.set_price(section, name, figure)

    _show([asyncio.run(do())], as_json=as_json)


@app.command("drop")
def drop_price(
    section: SectionArgument, name: NameArgument, data: DataOption = None, as_json: JsonOption = False
) -> None:
    """Take back what was set, so that the price that ships holds again; shows what holds now.

    Example: tutti prices drop models gpt-4o
    """

    async def do() -> list[PriceInfo]:
        async with open_deeds(data) as deeds:
            return await deeds.drop_price(section, name)

    _show(asyncio.run(do()), as_json=as_json)


@app.command("import")
def import_prices(
    file: Annotated[Path, typer.Argument(help='Options of New API as JSON, such as {"ModelRatio": ...}; "-": input.')],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would be set, and set nothing.")] = False,
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    """Set the prices of a gateway of the New-API family: ratios by model and group, and prices by the call.

    Example: tutti prices import options.json --dry-run
    """
    from tutti.billing.new_api_file import read_options  # noqa: PLC0415 - no other command needs it

    options = read_options(_read(file))

    async def do() -> list[PriceInfo]:
        async with open_deeds(data) as deeds:
            return await deeds.import_prices(options, is_rehearsal=dry_run)

    _show(asyncio.run(do()), as_json=as_json)


def _figure(text: str) -> Any:
    """A price as written. Decimals stay what they are until they are read as a price."""
    try:
        return msgspec.json.decode(text)
    except msgspec.DecodeError as error:
        raise typer.BadParameter(f"{text!r} is neither a number nor JSON: {error}.", param_hint="VALUE") from error


def _read(file: Path) -> bytes:
    try:
        return sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()
    except OSError as error:
        raise InvalidRequestError(f"{file} cannot be read: {error.strerror}.", field="file") from error


def _show(prices: list[PriceInfo], *, as_json: bool) -> None:
    if as_json:
        show_json(prices)
        return
    rows = [(one.section, one.name, _value(one.value), "set here" if one.is_set else "as shipped") for one in prices]
    show_table(("section", "name", "price", "which"), rows)


def _value(value: Any) -> str:
    return ", ".join(f"{kind} {usd}" for kind, usd in value.items()) if isinstance(value, dict) else str(value)
