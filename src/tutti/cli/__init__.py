"""The command line: one file per group of commands.

A command parses, calls the deed that the API calls, and prints: a table for people, `--json` for programs, both to
standard output; progress and complaints go to standard error. Exit codes: 0 done, 1 refused or failed (the message says
why), 2 wrong usage.
"""

import sys

import typer

from tutti.cli import (
    channels,
    data,
    engines,
    explain,
    keys,
    logs,
    models,
    prices,
    serve,
    song,
    takeover,
    tasks,
    users,
    webhooks,
)
from tutti.cli.output import complain
from tutti.errors import TuttiError

app = typer.Typer(
    name="tutti",
    help="One self-hosted gateway to every kind of AI model.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command("serve")(serve.serve)
app.command("song")(song.song)
app.add_typer(users.app, name="users")
app.add_typer(keys.app, name="keys")
app.add_typer(channels.app, name="channels")
app.add_typer(prices.app, name="prices")
app.add_typer(tasks.app, name="tasks")
app.command("logs")(logs.logs)
app.command("explain")(explain.explain)
app.add_typer(webhooks.app, name="webhooks")
app.add_typer(takeover.app, name="import")
app.add_typer(models.app, name="models")
app.add_typer(engines.app, name="engines")
app.command("backup")(data.backup)
app.command("restore")(data.restore)
app.command("check")(data.check)


@app.callback()
def configure_log() -> None:
    """Log what goes wrong to standard error; `serve` configures a log of its own."""
    from tutti.kit import logs as kit_logs  # noqa: PLC0415 - help has nothing to log

    kit_logs.configure(log_format="auto", level="warning", stream=sys.stderr)


def main() -> None:
    """Run a command; what Tutti refuses becomes one line on standard error and exit code 1."""
    try:
        app()
    except TuttiError as error:
        complain(error.message)
        sys.exit(1)
