"""`tutti keys`: who may call, with how much, until when, for what."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer

from tutti.admin.deeds import KeyInfo
from tutti.cli.deeds import DataOption, open_deeds
from tutti.cli.output import moment, show_json, show_table
from tutti.cli.users import JsonOption

app = typer.Typer(help="Keys that callers use.", no_args_is_help=True)

_UNITS_OF_TIME = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}


@app.command("create")
def create(
    name: Annotated[str, typer.Argument(help="What the key is for.")],
    user: Annotated[str | None, typer.Option(help="Whose key; the admin's when left out.")] = None,
    quota: Annotated[
        int | None, typer.Option(help="Units that the key may spend; no limit when left out.", min=0)
    ] = None,
    expires: Annotated[
        str | None, typer.Option(help='When it ends: a date such as "2027-01-31", or a span such as "30d", "12h".')
    ] = None,
    models: Annotated[
        str | None, typer.Option(help="Model names it may use, comma separated; all when left out.")
    ] = None,
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    """Make a key and show its secret, once.

    Example: tutti keys create ci --quota 1000000 --expires 30d
    """
    allowed = None if models is None else [model.strip() for model in models.split(",") if model.strip()]
    expires_at_ms = None if expires is None else parse_end(expires, now=datetime.now(UTC))

    async def do() -> KeyInfo:
        async with open_deeds(data) as deeds:
            return await deeds.create_key(name, user=user, quota=quota, expires_at_ms=expires_at_ms, models=allowed)

    key = asyncio.run(do())
    if as_json:
        show_json(key)
    else:
        typer.echo(f"{key.secret}\n", nl=False)
        typer.echo("Keep it: it is stored hashed and cannot be shown again.", err=True)


@app.command("list")
def list_keys(
    user: Annotated[str | None, typer.Option(help="Only this user's.")] = None,
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    """List keys by their last letters."""

    async def do() -> list[KeyInfo]:
        async with open_deeds(data) as deeds:
            return await deeds.list_keys(user=user)

    _show(asyncio.run(do()), as_json=as_json)


@app.command("revoke")
def revoke(
    key_id: Annotated[int, typer.Argument(help="The id that `tutti keys list` shows.")],
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    """Make a key useless at once and for good."""

    async def do() -> KeyInfo:
        async with open_deeds(data) as deeds:
            return await deeds.revoke_key(key_id)

    _show([asyncio.run(do())], as_json=as_json)


def parse_end(text: str, *, now: datetime) -> int:
    """The moment that a date or a span ("30d", "12h", "45m") from `now` names, in milliseconds since 1970 UTC."""
    number, unit = text[:-1], text[-1:]
    if unit in _UNITS_OF_TIME and number.isdecimal():
        end = now + int(number) * _UNITS_OF_TIME[unit]
    else:
        try:
            end = datetime.fromisoformat(text)
        except ValueError:
            raise typer.BadParameter(
                f'{text!r} is neither a date such as "2027-01-31" nor a span such as "30d".', param_hint="--expires"
            ) from None
        end = end if end.tzinfo else end.replace(tzinfo=UTC)
    if end <= now:
        raise typer.BadParameter(f"{text!r} is in the past.", param_hint="--expires")
    return int(end.timestamp() * 1000)


def _show(keys: list[KeyInfo], *, as_json: bool) -> None:
    if as_json:
        show_json(keys)
        return
    rows = [
        (
            key.id,
            key.user,
            key.name,
            f"sk-...{key.tail}",
            "unlimited" if key.quota is None else key.quota,
            key.used_quota,
            moment(key.expires_at_ms) or "never",
            "all" if key.models is None else ", ".join(key.models),
            "revoked" if key.is_revoked else "active",
        )
        for key in keys
    ]
    show_table(("id", "user", "name", "key", "units left", "units spent", "expires (UTC)", "models", "state"), rows)
