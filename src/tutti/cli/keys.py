"""`tutti keys`: who may call, with how much, until when, for what."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Annotated, Any

import typer
from msgspec import UNSET

from tutti.admin.deeds import KeyChanges, KeyInfo, KeyRuleset
from tutti.cli.deeds import DataOption, open_deeds
from tutti.cli.output import moment, show_json, show_table
from tutti.cli.times import parse_end
from tutti.cli.users import JsonOption

app = typer.Typer(help="Keys that callers use.", no_args_is_help=True)

KeyArgument = Annotated[int, typer.Argument(help="The id that `tutti keys list` shows.")]
GroupOption = Annotated[str | None, typer.Option(help="The group that serves it; its user's when left out.")]
IpsOption = Annotated[
    str | None, typer.Option(help="Networks it may be used from, comma separated; anywhere when left out.")
]
RpmOption = Annotated[int, typer.Option(help="Calls a minute; 0: no limit.", min=0)]
TpmOption = Annotated[int, typer.Option(help="Tokens a minute; 0: no limit.", min=0)]
ParallelOption = Annotated[int, typer.Option(help="Calls at once; 0: no limit.", min=0)]
DailyOption = Annotated[int, typer.Option(help="Units a UTC day; 0: no limit.", min=0)]


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
        str | None,
        typer.Option(help="Model names it may use, comma separated, with * for any letters; all when left out."),
    ] = None,
    group: GroupOption = None,
    ips: IpsOption = None,
    rpm: RpmOption = 0,
    tpm: TpmOption = 0,
    parallel: ParallelOption = 0,
    daily: DailyOption = 0,
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    """Make a key and show its secret, once.

    Example: tutti keys create ci --quota 1000000 --expires 30d
    """
    allowed = None if models is None else _listed(models)
    expires_at_ms = None if expires is None else parse_end(expires, now=datetime.now(UTC))
    rules = KeyRuleset(
        group=group,
        places=tuple(_listed(ips or "")),
        requests_per_minute=rpm,
        tokens_per_minute=tpm,
        parallel=parallel,
        daily_units=daily,
    )

    async def do() -> KeyInfo:
        async with open_deeds(data) as deeds:
            return await deeds.create_key(
                name, user=user, quota=quota, expires_at_ms=expires_at_ms, models=allowed, rules=rules
            )

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


@app.command("set")
def set_key(
    key_id: KeyArgument,
    expires: Annotated[str | None, typer.Option(help='When it ends: a date, a span such as "30d", or "never".')] = None,
    models: Annotated[
        str | None, typer.Option(help='Model names it may use, comma separated, with * for any letters, or "all".')
    ] = None,
    group: Annotated[str | None, typer.Option(help='The group that serves it, or "user" for its user\'s.')] = None,
    ips: Annotated[str | None, typer.Option(help='Networks it may be used from, comma separated, or "any".')] = None,
    rpm: Annotated[int | None, typer.Option(help="Calls a minute; 0: no limit.", min=0)] = None,
    tpm: Annotated[int | None, typer.Option(help="Tokens a minute; 0: no limit.", min=0)] = None,
    parallel: Annotated[int | None, typer.Option(help="Calls at once; 0: no limit.", min=0)] = None,
    daily: Annotated[int | None, typer.Option(help="Units a UTC day; 0: no limit.", min=0)] = None,
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    """Change what a key may do, at once; what is not named stays.

    Example: tutti keys set 7 --rpm 60 --ips 203.0.113.0/24,198.51.100.7
    """
    asked: dict[str, Any] = {
        "expires_at_ms": _word(expires, "never", lambda text: parse_end(text, now=datetime.now(UTC))),
        "models": _word(models, "all", _listed),
        "group": _word(group, "user", str),
        "places": UNSET if ips is None else () if ips == "any" else _listed(ips),
        "requests_per_minute": UNSET if rpm is None else rpm,
        "tokens_per_minute": UNSET if tpm is None else tpm,
        "parallel": UNSET if parallel is None else parallel,
        "daily_units": UNSET if daily is None else daily,
    }

    async def do() -> KeyInfo:
        async with open_deeds(data) as deeds:
            return await deeds.change_key(key_id, KeyChanges(**asked))

    _show([asyncio.run(do())], as_json=as_json)


@app.command("grant")
def grant(
    key_id: KeyArgument,
    units: Annotated[int, typer.Argument(help="Units to add to its quota; negative ones are taken.")],
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    """Let a key with a quota spend more of its user's balance.

    Example: tutti keys grant 7 500000
    """

    async def do() -> KeyInfo:
        async with open_deeds(data) as deeds:
            return await deeds.grant_key(key_id, units=units)

    _show([asyncio.run(do())], as_json=as_json)


@app.command("revoke")
def revoke(
    key_id: KeyArgument,
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    """Make a key useless at once and for good."""

    async def do() -> KeyInfo:
        async with open_deeds(data) as deeds:
            return await deeds.revoke_key(key_id)

    _show([asyncio.run(do())], as_json=as_json)


def _listed(text: str) -> list[str]:
    return [word.strip() for word in text.split(",") if word.strip()]


def _word(given: str | None, none: str, read: Callable[[str], Any]) -> Any:
    """What an option says: nothing, the word for none at all, or a value."""
    if given is None:
        return UNSET
    return None if given == none else read(given)


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
