"""`tutti webhooks`: the secrets that sign what is posted to a caller's notify_hook, and what could not be posted."""

import asyncio
from typing import Annotated

import typer

from tutti.admin.told import WebhookInfo
from tutti.cli.deeds import DataOption, open_deeds
from tutti.cli.output import moment, show_json, show_table
from tutti.cli.users import JsonOption

app = typer.Typer(help="Webhooks: the secrets that sign them, and those that were given up.", no_args_is_help=True)


@app.command("secret")
def secret(
    user: Annotated[str, typer.Argument(help="Whose webhooks.")],
    rotate: Annotated[bool, typer.Option("--rotate", help="Make a new secret; the last one signs beside it.")] = False,
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show the secrets that sign a user's webhooks, newest first."""

    async def do() -> list[str]:
        async with open_deeds(data) as deeds:
            if rotate:
                await deeds.rotate_webhook_secret(user)
            return await deeds.webhook_secrets(user)

    secrets = asyncio.run(do())
    if as_json:
        show_json(secrets)
    else:
        typer.echo("\n".join(secrets))


@app.command("buried")
def buried(
    limit: Annotated[int, typer.Option(help="How many at most.", min=1, max=1000)] = 50,
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    """List webhooks that were given up, newest first."""

    async def do() -> list[WebhookInfo]:
        async with open_deeds(data) as deeds:
            return await deeds.buried_webhooks(limit=limit)

    _show(asyncio.run(do()), as_json=as_json)


@app.command("redeliver")
def redeliver(
    ids: Annotated[list[str] | None, typer.Argument(help="Ids that `tutti webhooks buried` shows.")] = None,
    is_all: Annotated[bool, typer.Option("--all", help="All that were given up.")] = False,
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    """Try webhooks that were given up again, from the beginning.

    Example: tutti webhooks redeliver --all
    """
    if bool(ids) == is_all:
        raise typer.BadParameter("name webhooks, or say --all.", param_hint="IDS")

    async def do() -> list[WebhookInfo]:
        async with open_deeds(data) as deeds:
            if not is_all:
                return await deeds.redeliver(ids or [])
            sent: list[WebhookInfo] = []
            while found := await deeds.buried_webhooks(limit=1000):
                sent += await deeds.redeliver([one.id for one in found])
            return sent

    _show(asyncio.run(do()), as_json=as_json)


def _show(webhooks: list[WebhookInfo], *, as_json: bool) -> None:
    if as_json:
        show_json(webhooks)
        return
    rows = [
        (one.id, moment(one.created_at_ms), one.task_id, one.endpoint, one.state, one.tries, one.last_status)
        for one in webhooks
    ]
    show_table(("id", "at (UTC)", "task", "receiver", "state", "tries", "last status"), rows)
