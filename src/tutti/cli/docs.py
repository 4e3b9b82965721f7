"""Writes the reference pages that follow from the code: `python -m tutti.cli.docs` from the root of the repository.

Of docs/reference settings.md comes from `Settings`, cli.md from the commands, vendors.md from the vendors' rows and
conversions.md from the tables beside it; tests compare them.
"""

import re
import types
import typing
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

import typer
from pydantic.fields import FieldInfo
from typer.core import TyperArgument, TyperGroup

from tutti.cli.conversions_page import conversions_page
from tutti.cli.vendors_page import vendors_page
from tutti.settings import Settings

REFERENCE = Path("docs/reference")

# Types by the words that an operator uses for them.
_TYPES = {"str": "text", "int": "number", "float": "number", "bool": "on/off", "Path": "path", "tuple": "list"}
_SIGNS = {"ge": "≥", "gt": ">", "le": "≤", "lt": "<"}
_EXAMPLE = re.compile(r"^Example: (.+)$", re.MULTILINE)


def pages() -> dict[str, str]:
    """File name -> text of every generated page."""
    return {
        "settings.md": settings_page(),
        "cli.md": cli_page(),
        "vendors.md": vendors_page(),
        "conversions.md": conversions_page(REFERENCE / "conversions"),
    }


def settings_page() -> str:
    """Every setting with its variable, type, default and help."""
    head = [
        "# Settings",
        "",
        "Later ones win: the defaults here, `tutti.toml` in the working directory, the variables, options of",
        "`tutti serve`. In `tutti.toml` a line reads `port = 8787`. A list is JSON in a variable and a TOML list in",
        "the file. This page is made from the code by `python -m tutti.cli.docs`.",
        "",
        "| setting | variable | type | default | what it does |",
        "| --- | --- | --- | --- | --- |",
    ]
    rows = [_setting_row(name, field) for name, field in Settings.model_fields.items()]
    return "\n".join([*head, *rows, ""])


def _setting_row(name: str, field: FieldInfo) -> str:
    limits = [
        f"{_SIGNS[word]} {value:,g}"
        for limit in field.metadata
        for word, value in ((word, getattr(limit, word, None)) for word in _SIGNS)
        if value is not None
    ]
    kind = ", ".join([_type_words(field.annotation), *limits])
    return f"| `{name}` | `TUTTI_{name.upper()}` | {kind} | {_default_words(name, field)} | {field.description} |"


def _type_words(annotation: Any) -> str:
    if typing.get_origin(annotation) is Literal:
        return " or ".join(f"`{value}`" for value in typing.get_args(annotation))
    if isinstance(annotation, types.UnionType):
        return " or ".join(_type_words(one) for one in typing.get_args(annotation) if one is not type(None))
    return _TYPES[(typing.get_origin(annotation) or annotation).__name__]


def _default_words(name: str, field: FieldInfo) -> str:
    if name == "cache_dir":  # of the machine that asks, not of the one that writes this page
        return "`$XDG_CACHE_HOME/tutti` or `~/.cache/tutti`"
    match field.default:
        case None | ():
            return "none"
        case bool() as value:
            return "`true`" if value else "`false`"
        case int() | float() as value:
            return f"`{value:g}`" if value != int(value) else f"`{int(value)}`"
        case value:
            return f"`{value}`"


def cli_page() -> str:
    """Every command with its usage, arguments and options."""
    root = typer.main.get_command(_app())
    head = [
        "# Command line",
        "",
        "Commands reach the running server through a socket in the data directory, and open the directory themselves",
        "when no server runs. What they print goes to standard output; progress and complaints go to standard error.",
        "Exit codes: 0 done, 1 refused or failed, 2 wrong usage. `-h` shows help everywhere. This page is made from",
        "the code by `python -m tutti.cli.docs`.",
    ]
    return "\n".join([*head, *(line for command in _commands("tutti", root) for line in _command_lines(*command)), ""])


def _app() -> typer.Typer:
    from tutti.cli import app  # noqa: PLC0415 - it would import this module's siblings while they are being imported

    return app


def _commands(name: str, command: Any) -> Iterator[tuple[str, Any]]:
    """Every command that does something, by its whole name."""
    if not isinstance(command, TyperGroup):
        yield name, command
        return
    for word, inner in command.commands.items():
        yield from _commands(f"{name} {word}", inner)


def _command_lines(name: str, command: Any) -> Iterator[str]:
    yield from ("", f"## {name}", "")
    text = " ".join(_EXAMPLE.sub("", command.help or "").split())
    yield text
    if example := _EXAMPLE.search(command.help or ""):
        yield from ("", "```sh", example[1], "```")
    if command.params:
        yield from ("", "| word | default | what it does |", "| --- | --- | --- |")
        yield from map(_parameter_row, command.params)


def _parameter_row(parameter: Any) -> str:
    if isinstance(parameter, TyperArgument):
        word = f"{parameter.name.upper()}" + ("" if parameter.required else ", may be left out")
    else:
        value = "" if parameter.is_flag else f" {parameter.name.upper()}"
        word = f"`{', '.join(parameter.opts)}{value}`"
    has_default = parameter.default is not None and parameter.default is not False and parameter.default != ""
    return f"| {word} | {f'`{parameter.default}`' if has_default else ''} | {parameter.help} |"


def main(folder: Path = REFERENCE) -> None:
    """Write the pages."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in pages().items():
        (folder / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
