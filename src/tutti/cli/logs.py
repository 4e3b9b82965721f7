"""`tutti logs`: the calls that were answered at once, newest first."""

import asyncio
from datetime import UTC, datetime
from typing import Annotated

import typer

from tutti.admin.told import CallInfo
from tutti.cli.deeds import DataOption, open_deeds
from tutti.cli.output import moment, show_json, show_table
from tutti.cli.times import parse_start
from tutti.cli.users import JsonOption

_COLUMNS = (
    "id",
    "at (UTC)",
    "request",
    "user",
    "key",
    "group",
    "served by",
    "model",
    "in",
    "out",
    "beside",
    "units",
    "end",
    "took",
)


def logs(
    user: Annotated[str | None, typer.Option(help="Only this user's.")] = None,
    key: Annotated[int | None, typer.Option(help="Only this key's: the id that `tutti keys list` shows.")] = None,
    channel: Annotated[str | None, typer.Option(help="Only what this channel served.")] = None,
    since: Annotated[
        str | None, typer.Option(help='From when on: a date such as "2027-01-31", or a span such as "30m", "2h", "7d".')
    ] = None,
    before: Annotated[int | None, typer.Option(help="Only calls before this one: the id of the last line.")] = None,
    limit: Annotated[int, typer.Option(help="How many at most.", min=1, max=1000)] = 50,
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    """List calls, newest first; `tutti explain` tells all about one of them.

    Example: tutti logs --user mira --since 2h
    """
    since_ms = None if since is None else parse_start(since, now=datetime.now(UTC))

    async def do() -> list[CallInfo]:
        async with open_deeds(data) as deeds:
            return await deeds.list_calls(
                user=user, key_id=key, channel=channel, since_ms=since_ms, before_id=before, limit=limit
            )

    calls = asyncio.run(do())
    if as_json:
        show_json(calls)
        return
    rows = [
        (
            one.id,
            moment(one.at_ms),
            one.request_id,
            one.user,
            one.key,
            one.group,
            one.channel or one.engine,
            one.model,
            one.input_tokens,
            one.output_tokens,
            things(one),
            one.units,
            one.error_code or one.status,
            f"{one.duration_ms} ms",
        )
        for one in calls
    ]
    show_table(_COLUMNS, rows)


def things(call: CallInfo) -> str:
    """What was counted beside tokens, such as "2 images"."""
    return f"{call.thing_count:.15g} {call.thing}{'s' * (call.thing_count != 1)}" if call.thing else ""
