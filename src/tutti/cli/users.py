"""`tutti users`: who has how much."""

import asyncio
from typing import Annotated

import typer

from tutti.accounts.model import DEFAULT_GROUP
from tutti.admin.deeds import UserInfo
from tutti.cli.deeds import DataOption, open_deeds
from tutti.cli.output import moment, show_json, show_table
from tutti.kit.ids import new_id
from tutti.kit.money import usd

app = typer.Typer(help="People and their balances.", no_args_is_help=True)

JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@app.command("create")
def create(
    name: Annotated[str, typer.Argument(help="A name that is not taken.")],
    units: Annotated[int, typer.Option(help="Opening balance in units; 500,000 are one US dollar.", min=0)] = 0,
    group: Annotated[str, typer.Option(help="The group whose channels and prices serve them.")] = DEFAULT_GROUP,
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    """Add a user.

    Example: tutti users create mira --units 5000000
    """

    async def do() -> UserInfo:
        async with open_deeds(data) as deeds:
            return await deeds.create_user(name, units=units, group=group)

    _show([asyncio.run(do())], as_json=as_json)


@app.command("set")
def set_user(
    name: Annotated[str, typer.Argument(help="Whose.")],
    group: Annotated[str, typer.Option(help="The group whose channels and prices serve them.")],
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    """Move a user to another group.

    Example: tutti users set mira --group vip
    """

    async def do() -> UserInfo:
        async with open_deeds(data) as deeds:
            return await deeds.set_group(name, group)

    _show([asyncio.run(do())], as_json=as_json)


@app.command("list")
def list_users(data: DataOption = None, as_json: JsonOption = False) -> None:
    """List everyone with what is left and what was spent."""

    async def do() -> list[UserInfo]:
        async with open_deeds(data) as deeds:
            return await deeds.list_users()

    _show(asyncio.run(do()), as_json=as_json)


@app.command("topup")
def top_up(
    name: Annotated[str, typer.Argument(help="Whose balance.")],
    units: Annotated[int, typer.Argument(help="Units to add; negative ones are taken.")],
    ref: Annotated[
        str | None, typer.Option(help="Your reference, such as an invoice number; the same one counts once.")
    ] = None,
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    """Add credit to a user.

    Example: tutti users topup mira 5000000 --ref invoice-17
    """

    async def do() -> UserInfo:
        async with open_deeds(data) as deeds:
            return await deeds.top_up(name, units=units, ref=ref or f"cli:{new_id()}")

    _show([asyncio.run(do())], as_json=as_json)


def _show(users: list[UserInfo], *, as_json: bool) -> None:
    if as_json:
        show_json(users)
        return
    rows = [
        (
            user.id,
            user.name,
            "admin" if user.is_admin else "user",
            user.group,
            user.quota,
            usd(user.quota),
            user.used_quota,
            moment(user.created_at_ms),
        )
        for user in users
    ]
    show_table(("id", "name", "role", "group", "units left", "worth", "units spent", "since (UTC)"), rows)
