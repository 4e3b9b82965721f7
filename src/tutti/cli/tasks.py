"""`tutti tasks`: durable work, whoever asked for it."""

import asyncio
from typing import Annotated

import typer

from tutti.admin.told import TaskInfo, TaskStory
from tutti.cli.deeds import DataOption, open_deeds
from tutti.cli.explain import show_task
from tutti.cli.output import moment, show_json, show_table
from tutti.cli.users import JsonOption

app = typer.Typer(help="Durable work: songs and the like.", no_args_is_help=True)

TaskArgument = Annotated[str, typer.Argument(help="The id that its caller got, or the one that `tasks list` shows.")]


@app.command("list")
def list_tasks(
    user: Annotated[str | None, typer.Option(help="Only this user's.")] = None,
    state: Annotated[str | None, typer.Option(help="Only those that are queued, running, failed ...")] = None,
    before: Annotated[str | None, typer.Option(help="Only tasks before this one: the id of the last line.")] = None,
    limit: Annotated[int, typer.Option(help="How many at most.", min=1, max=1000)] = 50,
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    """List tasks, newest first.

    Example: tutti tasks list --state failed
    """

    async def do() -> list[TaskInfo]:
        async with open_deeds(data) as deeds:
            return await deeds.list_tasks(user=user, state=state, before_id=before, limit=limit)

    _show(asyncio.run(do()), as_json=as_json)


@app.command("show")
def show(task: TaskArgument, data: DataOption = None, as_json: JsonOption = False) -> None:
    """Show what happened with one task, and its money."""

    async def do() -> TaskStory:
        async with open_deeds(data) as deeds:
            return await deeds.show_task(task)

    story = asyncio.run(do())
    if as_json:
        show_json(story)
    else:
        show_task(story)


@app.command("cancel")
def cancel(
    task: TaskArgument,
    refund: Annotated[str, typer.Option(help="full or none: what is given back of work that has begun.")] = "full",
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    """Cancel a task: one that waits at once, one in work when its worker next reports.

    Example: tutti tasks cancel 0190a5d2-7d1c-7c0f-b7b3-5a6c0c8f1e2d
    """

    async def do() -> TaskInfo:
        async with open_deeds(data) as deeds:
            return await deeds.cancel_task(task, refund=refund)

    _show([asyncio.run(do())], as_json=as_json)


def _show(tasks: list[TaskInfo], *, as_json: bool) -> None:
    if as_json:
        show_json(tasks)
        return
    rows = [
        (
            one.id,
            moment(one.created_at_ms),
            one.user,
            one.model,
            one.lane,
            f"{one.state}, to be cancelled" if one.is_cancel_requested and not one.finished_at_ms else one.state,
            f"{one.progress} %",
            one.price,
            one.cost,
            one.error,
        )
        for one in tasks
    ]
    show_table(("id", "at (UTC)", "user", "model", "by", "state", "done", "held", "charged", "why not"), rows)
