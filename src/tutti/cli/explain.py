"""`tutti explain`: what happened under an id, who served it, what it cost and why."""

import asyncio
from collections.abc import Iterator
from typing import Annotated

import typer

from tutti.admin.told import CallInfo, CallStory, Cost, Explanation, LedgerInfo, TaskStory
from tutti.cli.deeds import DataOption, open_deeds
from tutti.cli.logs import things
from tutti.cli.output import moment, show_json, show_table
from tutti.cli.users import JsonOption
from tutti.kit.money import usd


def explain(
    subject: Annotated[
        str, typer.Argument(metavar="ID", help="A request id (X-Request-Id), a task's id, or that of a clip.")
    ],
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    """Tell what happened: who served it, which channels failed and why, what it cost and why.

    Example: tutti explain 20270131120000123456789abcdefgh
    """

    async def do() -> Explanation:
        async with open_deeds(data) as deeds:
            return await deeds.explain(subject)

    found = asyncio.run(do())
    if as_json:
        show_json(found)
        return
    for call in found.calls:
        _show_call(call)
    for task in found.tasks:
        show_task(task)


def show_task(story: TaskStory) -> None:
    """A task for people."""
    task = story.task
    typer.echo(f"task {task.id}: {task.kind} ({task.model}) of {task.user}, {task.state}, {task.progress} %")
    typer.echo(f"its caller knows it as {task.public_id}; key {task.key_id}, {task.lane}")
    if task.vendor_ref:
        typer.echo(f"the upstream knows it as {task.vendor_ref}")
    show_table(("at (UTC)", "what happened"), [(moment(one.at_ms), one.what) for one in story.history])
    _show_ledger(story.ledger)


def _show_call(story: CallStory) -> None:
    for line in _told(story.call):
        typer.echo(line)
    if story.cost is not None:
        _show_cost(story.cost)
    _show_ledger(story.ledger)


def _told(call: CallInfo) -> Iterator[str]:
    kind = "stream" if call.is_stream else "call"
    yield f"{kind} {call.request_id}: {call.operation} of {call.model}"
    yield f"asked by {call.user} with key {call.key_id} ({call.key})"
    from_where = f", from {call.client_ip}" if call.client_ip else ""
    yield f"ended {moment(call.at_ms)} UTC with status {call.status} after {call.duration_ms} ms{from_where}"
    for failure in call.failures:
        yield f"not served by {failure}"
    if call.channel or call.engine:
        first = "" if call.first_byte_ms is None else f", first byte after {call.first_byte_ms} ms"
        yield f"served by {call.channel or call.engine} as {call.upstream_model or call.model}{first}"
    if call.error_code:
        yield f"error {call.error_code}"
    counted = "counted here" if call.is_estimated else "as the upstream told"
    yield (
        f"tokens, {counted}: {call.input_tokens} in, of them {call.cached_tokens} from the cache{_written(call)}; "
        f"{call.output_tokens} out, of them {call.reasoning_tokens} of thought"
    )
    if call.thing:
        yield f"counted beside tokens: {things(call)}"
    yield f"charged {call.units} units ({usd(call.units)})"


def _written(call: CallInfo) -> str:
    """What went into the cache, where something did."""
    if not call.cache_written_tokens:
        return ""
    for_an_hour = f" ({call.cache_written_1h_tokens} of these for an hour)" if call.cache_written_1h_tokens else ""
    return f" and {call.cache_written_tokens} written to it{for_an_hour}"


def _show_cost(cost: Cost) -> None:
    under = "the price of unknown models" if cost.charged_as is None else f"the price of {cost.charged_as}"
    typer.echo(f"by {under}, group {cost.group} (times {cost.group_factor:g}):")
    rows = [(line.what, f"{line.count:.15g}", f"${line.usd:g}", f"{line.units:.3f}") for line in cost.lines]
    if rows:
        show_table(("what", "count", "price, a million tokens or one", "units"), rows)
    typer.echo(f"together {cost.units} units by the prices of now" + (f". {cost.note}" if cost.note else ""))


def _show_ledger(rows: tuple[LedgerInfo, ...]) -> None:
    if rows:
        show_table(("in the ledger", "for", "units"), [(row.kind, row.ref, row.units) for row in rows])
