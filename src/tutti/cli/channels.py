"""`tutti channels`: the upstreams that serve what is not computed here."""

import asyncio
import sys
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from tutti.admin.deeds import ChannelInfo, ChannelTrial
from tutti.cli.channel_options import (
    BaseUrlOption,
    GroupsOption,
    HeaderFileOption,
    KeyEnvOption,
    KeyFileOption,
    MapOption,
    MinuteOption,
    ModelsOption,
    NameArgument,
    ParallelOption,
    ParamOption,
    PriorityOption,
    TimeoutOption,
    VendorOption,
    WeightOption,
    given_settings,
    headers_from,
    json_pairs,
    key_asked_for,
    keys_from,
    names,
    pairs,
)
from tutti.cli.deeds import DataOption, open_deeds
from tutti.cli.output import moment, show_json, show_table
from tutti.cli.users import JsonOption

app = typer.Typer(help="Upstreams: who serves which models.", no_args_is_help=True)


@app.command("add")
def add(
    name: NameArgument,
    kind: Annotated[str, typer.Option("--type", help="The vendor: openai, azure, anthropic, gateway ...")],
    base_url: BaseUrlOption = None,
    models: ModelsOption = None,
    model_map: MapOption = None,
    groups: GroupsOption = None,
    priority: PriorityOption = None,
    weight: WeightOption = None,
    max_parallel: ParallelOption = None,
    max_per_minute: MinuteOption = None,
    timeout_s: TimeoutOption = None,
    option: VendorOption = None,
    param: ParamOption = None,
    key_env: KeyEnvOption = None,
    key_file: KeyFileOption = None,
    header_file: HeaderFileOption = None,
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    """Add an upstream; its key is asked for on a terminal when no option names it.

    Example: tutti channels add main --type openai --models "gpt-*,o3" --key-env OPENAI_API_KEY
    """
    settings = {"type": kind} | given_settings(
        base_url=base_url,
        models=names(models),
        model_map=pairs(model_map, "--map"),
        groups=names(groups),
        priority=priority,
        weight=weight,
        max_parallel=max_parallel,
        max_per_minute=max_per_minute,
        timeout_s=timeout_s,
        options=pairs(option, "--option"),
        param_overrides=json_pairs(param),
    )
    keys = keys_from(key_env, key_file)
    if keys is None:
        keys = key_asked_for()
    headers = headers_from(header_file)

    async def do() -> ChannelInfo:
        async with open_deeds(data) as deeds:
            return await deeds.add_channel(name, settings=settings, keys=keys, headers=headers)

    _show([asyncio.run(do())], as_json=as_json)


@app.command("list")
def list_channels(data: DataOption = None, as_json: JsonOption = False) -> None:
    """List every channel, with what it is doing."""

    async def do() -> list[ChannelInfo]:
        async with open_deeds(data) as deeds:
            return await deeds.list_channels()

    _show(asyncio.run(do()), as_json=as_json)


@app.command("show")
def show(name: NameArgument, data: DataOption = None, as_json: JsonOption = False) -> None:
    """Show all settings of one channel, and the ends of its keys."""

    async def do() -> list[ChannelInfo]:
        async with open_deeds(data) as deeds:
            return await deeds.list_channels()

    found = next((one for one in asyncio.run(do()) if one.name == name), None)
    if found is None:
        raise typer.BadParameter(f"there is no channel named {name!r}.", param_hint="NAME")
    if as_json:
        show_json(found)
        return
    said = {
        **msgspec.to_builtins(found.settings),
        "keys": found.keys,
        "headers": found.headers,
        "declared": found.is_declared,
        "state": _state(found),
        "in_flight": found.in_flight,
    }
    show_table(("setting", "value"), [(field, _cell(value)) for field, value in said.items()])


@app.command("set")
def change(
    name: NameArgument,
    kind: Annotated[str | None, typer.Option("--type", help="The vendor.")] = None,
    base_url: BaseUrlOption = None,
    models: ModelsOption = None,
    model_map: MapOption = None,
    groups: GroupsOption = None,
    priority: PriorityOption = None,
    weight: WeightOption = None,
    max_parallel: ParallelOption = None,
    max_per_minute: MinuteOption = None,
    timeout_s: TimeoutOption = None,
    option: VendorOption = None,
    param: ParamOption = None,
    key_env: KeyEnvOption = None,
    key_file: KeyFileOption = None,
    header_file: HeaderFileOption = None,
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    """Change what is named and keep the rest; a list is replaced as a whole. Holds for the very next request.

    Example: tutti channels set main --weight 3 --max-parallel 50
    """
    settings = given_settings(
        type=kind,
        base_url=base_url,
        models=names(models),
        model_map=pairs(model_map, "--map"),
        groups=names(groups),
        priority=priority,
        weight=weight,
        max_parallel=max_parallel,
        max_per_minute=max_per_minute,
        timeout_s=timeout_s,
        options=pairs(option, "--option"),
        param_overrides=json_pairs(param),
    )
    keys, headers = keys_from(key_env, key_file), headers_from(header_file)

    async def do() -> ChannelInfo:
        async with open_deeds(data) as deeds:
            return await deeds.change_channel(name, settings=settings, keys=keys, headers=headers)

    _show([asyncio.run(do())], as_json=as_json)


@app.command("on")
def switch_on(name: NameArgument, data: DataOption = None, as_json: JsonOption = False) -> None:
    """Let a channel serve."""
    _switch(name, data, is_on=True, as_json=as_json)


@app.command("off")
def switch_off(name: NameArgument, data: DataOption = None, as_json: JsonOption = False) -> None:
    """Send a channel nothing more; requests under way end as they would."""
    _switch(name, data, is_on=False, as_json=as_json)


@app.command("remove")
def remove(name: NameArgument, data: DataOption = None, as_json: JsonOption = False) -> None:
    """Forget a channel and its keys."""

    async def do() -> ChannelInfo:
        async with open_deeds(data) as deeds:
            return await deeds.remove_channel(name)

    _show([asyncio.run(do())], as_json=as_json)


@app.command("test")
def try_out(
    name: NameArgument,
    model: Annotated[str | None, typer.Option(help="A model it serves; any of its names when left out.")] = None,
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    """Ask the upstream for one token with each of its keys; ends with 1 when one of them was not answered.

    Example: tutti channels test main --model gpt-4o
    """

    async def do() -> list[ChannelTrial]:
        async with open_deeds(data) as deeds:
            return await deeds.test_channel(name, model=model)

    trials = asyncio.run(do())
    if as_json:
        show_json(trials)
    else:
        rows = [(one.key, one.model, one.status, f"{one.latency_ms} ms", one.verdict) for one in trials]
        show_table(("key", "model", "status", "took", "the upstream"), rows)
    if not all(one.is_ok for one in trials):
        sys.exit(1)


def _switch(name: str, data: Path | None, *, is_on: bool, as_json: bool) -> None:
    async def do() -> ChannelInfo:
        async with open_deeds(data) as deeds:
            return await deeds.change_channel(name, settings={"is_on": is_on})

    _show([asyncio.run(do())], as_json=as_json)


def _show(channels: list[ChannelInfo], *, as_json: bool) -> None:
    if as_json:
        show_json(channels)
        return
    rows = [
        (
            one.id,
            one.name,
            one.settings.type,
            _cell([*one.settings.models, *one.settings.model_map]),
            _cell(one.settings.groups),
            one.settings.priority,
            one.settings.weight,
            len(one.keys),
            one.in_flight,
            _state(one),
        )
        for one in channels
    ]
    show_table(("id", "name", "type", "models", "groups", "priority", "weight", "keys", "in flight", "state"), rows)


def _state(channel: ChannelInfo) -> str:
    until = f" until {moment(channel.resting_until_ms)}" if channel.resting_until_ms else ""
    return f"{channel.state}{until}{', declared' if channel.is_declared else ''}"


def _cell(value: object) -> object:
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value)) or None
    return msgspec.json.encode(value).decode() if isinstance(value, dict) else value
