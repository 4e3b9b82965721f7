"""What a command says of a channel, and how it is read.

No secret is ever an argument, since arguments are seen by everybody on the machine.
"""

import os
import sys
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer

NameArgument = Annotated[str, typer.Argument(help="The channel's name.")]
BaseUrlOption = Annotated[str | None, typer.Option(help="The upstream's address; the vendor's own when left out.")]
ModelsOption = Annotated[str | None, typer.Option(help='Model names it serves, comma separated, "*" for any letters.')]
MapOption = Annotated[
    list[str] | None, typer.Option("--map", help="A name asked for and the upstream's: gpt-4o=my-deployment.")
]
GroupsOption = Annotated[str | None, typer.Option(help='Groups it serves, comma separated; "default" when left out.')]
PriorityOption = Annotated[int | None, typer.Option(help="The highest is asked first.")]
WeightOption = Annotated[
    int | None, typer.Option(help="Its share among those of one priority; 0: when no other is left.", min=0)
]
ParallelOption = Annotated[int | None, typer.Option(help="Requests at once; 0: no limit.", min=0)]
MinuteOption = Annotated[int | None, typer.Option(help="Requests a minute; 0: no limit.", min=0)]
TimeoutOption = Annotated[float | None, typer.Option(help="Seconds to wait for an answer.", min=0.1)]
VendorOption = Annotated[
    list[str] | None, typer.Option("--option", help="A setting of its type: api_version=2024-10-21, region=us-east1.")
]
ParamOption = Annotated[
    list[str] | None, typer.Option("--param", help='Put into every request, as JSON: temperature=0.2, user="me".')
]
KeyEnvOption = Annotated[str | None, typer.Option(help="The variable that holds its keys, with commas between them.")]
KeyFileOption = Annotated[
    str | None, typer.Option(help="The file that holds its keys, one a line; - reads standard input.")
]
HeaderFileOption = Annotated[
    str | None, typer.Option(help='A file of headers for every request, lines such as "X-Title: Tutti"; - as above.')
]


def given_settings(**given: Any) -> dict[str, Any]:
    """What was given; a limit of 0 takes the limit away."""
    said = {field: value for field, value in given.items() if value is not None}
    return said | {field: None for field in ("max_parallel", "max_per_minute") if said.get(field) == 0}


def names(text: str | None) -> list[str] | None:
    """A list as options have it."""
    return None if text is None else [name.strip() for name in text.split(",") if name.strip()]


def pairs(words: list[str] | None, hint: str) -> dict[str, str] | None:
    """An option that was repeated, each time a name and a value."""
    if not words:
        return None
    for word in words:
        if "=" not in word:
            raise typer.BadParameter(f"{word!r} does not read like name=value.", param_hint=hint)
    return dict(word.split("=", 1) for word in words)


def json_pairs(words: list[str] | None) -> dict[str, Any] | None:
    """Pairs whose values are JSON."""
    found = pairs(words, "--param")
    try:
        return None if found is None else {name: msgspec.json.decode(value) for name, value in found.items()}
    except msgspec.DecodeError as error:
        raise typer.BadParameter(f"a value is not JSON: {error}.", param_hint="--param") from error


def keys_from(key_env: str | None, key_file: str | None) -> list[str] | None:
    """The keys that the options name, None when there are no such options."""
    from tutti.routing.described import split_keys  # noqa: PLC0415 - help has no keys to read

    if key_env is not None:
        if not os.environ.get(key_env, "").strip():
            raise typer.BadParameter(f"the variable {key_env} holds no key.", param_hint="--key-env")
        return split_keys(os.environ[key_env])
    return None if key_file is None else split_keys(_read(key_file, "--key-file"))


def key_asked_for() -> list[str]:
    """The key that somebody types unseen; none where there is no terminal."""
    if not sys.stdin.isatty():
        return []
    key: str = typer.prompt("Key (none: just Enter)", default="", hide_input=True, show_default=False, err=True)
    return [key] if key.strip() else []


def headers_from(path: str | None) -> dict[str, str] | None:
    """The headers in a file, None when there is no such option."""
    if path is None:
        return None
    lines = [line for line in _read(path, "--header-file").splitlines() if line.strip()]
    if not all(":" in line for line in lines):
        raise typer.BadParameter("each line reads like Name: value.", param_hint="--header-file")
    return {name.strip(): value.strip() for name, _, value in (line.partition(":") for line in lines)}


def _read(path: str, hint: str) -> str:
    if path == "-":
        return sys.stdin.read()
    try:
        return Path(path).read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise typer.BadParameter(f"{path} cannot be read: {error}.", param_hint=hint) from error
