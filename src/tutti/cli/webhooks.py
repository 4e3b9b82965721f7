"""`tutti webhooks`: the secrets that sign what is posted to a caller's notify_hook."""

import asyncio
from typing import Annotated

import typer

from tutti.cli.deeds import DataOption, open_deeds
from tutti.cli.output import show_json
from tutti.cli.users import JsonOption

app = typer.Typer(help="Secrets that sign webhooks (Standard Webhooks).", no_args_is_help=True)


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
