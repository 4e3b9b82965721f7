"""Channels that `tutti.toml` declares: their keys come from a variable or a file, never from the file of settings."""

import zlib
from collections.abc import Mapping, Sequence
from pathlib import Path

from tutti.errors import InvalidRequestError
from tutti.routing.channels import Channel
from tutti.routing.described import read_name, read_secrets, read_settings, split_keys, to_channel

_OWN = ("name", "key_env", "key_file", "header_overrides")


def declared_channels(tables: Sequence[Mapping[str, object]], environment: Mapping[str, str]) -> list[Channel]:
    """The channels of the `[[channels]]` tables. Raises `InvalidRequestError` saying which one is wrong and how."""
    found = [_declared(number, table, environment) for number, table in enumerate(tables, 1)]
    for one in found:
        if any(other is not one and other.id == one.id for other in found):
            raise InvalidRequestError(f"The channel {one.name!r} is declared twice in tutti.toml.", field="name")
    return found


def _declared(number: int, table: Mapping[str, object], environment: Mapping[str, str]) -> Channel:
    name = table.get("name")
    if not isinstance(name, str):
        raise InvalidRequestError(f"Channel {number} in tutti.toml has no name.", field="name")
    try:
        settings = read_settings({field: value for field, value in table.items() if field not in _OWN})
        headers = table.get("header_overrides", {})
        secrets = read_secrets({"keys": _keys(table, environment), "header_overrides": headers})
        return to_channel(_id_of(name), read_name(name), settings, secrets)
    except InvalidRequestError as error:
        raise InvalidRequestError(f"The channel {name!r} in tutti.toml: {error.message}", field=error.field) from error


def _keys(table: Mapping[str, object], environment: Mapping[str, str]) -> list[str]:
    match table.get("key_env"), table.get("key_file"):
        case None, None:
            return []
        case str() as variable, None:
            if not environment.get(variable, "").strip():
                raise InvalidRequestError(f"The variable {variable} holds no key.", field="key_env")
            return split_keys(environment[variable])
        case None, str() as path:
            try:
                return split_keys(Path(path).read_text("utf-8"))
            except (OSError, UnicodeDecodeError) as error:
                raise InvalidRequestError(f"The file {path} cannot be read: {error}.", field="key_file") from error
        case _:
            raise InvalidRequestError("Name either key_env or key_file, as text.", field="key_env")


def _id_of(name: str) -> int:
    """The same at every start, so that the usage log goes on meaning the same channel; below zero as `Channel` says."""
    return -1 - zlib.crc32(name.encode())
