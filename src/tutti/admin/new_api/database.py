"""The rows of a database of the New-API family, and its options that hold prices."""

import re
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, Literal, NamedTuple

import msgspec

from tutti.billing.new_api_file import prices_among
from tutti.database.driver import Connection, open_for_reading, sqlite
from tutti.errors import InvalidRequestError, StoreError

Row = dict[str, Any]
_TABLES = ("users", "tokens", "channels", "options")
# What a group's name may not hold here: see `accounts/rules.py`.
_NO_GROUP = re.compile(r"[^\w.-]+")


class Rows(NamedTuple):
    """Every row that may be taken over."""

    # Whose numbers of channel types they are.
    flavour: Literal["new-api", "one-api"]
    users: list[Row]
    tokens: list[Row]
    channels: list[Row]
    options: list[Row]


def read_rows(path: Path) -> Rows:
    """The rows of a file, which is only read. Raises `InvalidRequestError`."""
    if not path.is_file():
        raise InvalidRequestError(f"There is no file {path}.", field="file")
    try:
        with closing(open_for_reading(path)) as connection:
            # One odd letter in a remark must not stop the rest.
            connection.text_factory = lambda text: text.decode("utf-8", "replace")
            tables = [_read_table(connection, name) for name in _TABLES]
    except (sqlite.Error, StoreError) as error:
        raise InvalidRequestError(
            f"{path} is no SQLite database of new-api or one-api: {error}.", field="file"
        ) from error
    (_, users), (columns, tokens), (_, channels), (_, options) = tables
    flavour: Literal["new-api", "one-api"] = "new-api" if "model_limits_enabled" in columns else "one-api"
    return Rows(flavour, users, tokens, channels, options)


def prices_of(options: Sequence[Row]) -> dict[str, str]:
    """The options that hold prices; names of groups as they can be here."""
    try:
        found = prices_among({text(row, "key"): text(row, "value") for row in options})
    except InvalidRequestError:
        return {}
    if "GroupRatio" in found:
        ratios = json_object(found["GroupRatio"])
        found["GroupRatio"] = msgspec.json.encode({group(name): ratio for name, ratio in ratios.items()}).decode()
    return found


def text(row: Row, name: str) -> str:
    """A column as text, empty when there is none."""
    value = row.get(name)
    return "" if value is None else str(value).strip()


def number(row: Row, name: str, otherwise: int = 0) -> int:
    """A column as a whole number; also true and false are numbers there."""
    value = row.get(name)
    return int(value) if isinstance(value, int) or (isinstance(value, float) and value.is_integer()) else otherwise


def listed(row: Row, name: str) -> tuple[str, ...]:
    """A column that holds words with commas or lines between them."""
    return tuple(dict.fromkeys(word.strip() for word in re.split(r"[,\n]", text(row, name)) if word.strip()))


def json_object(told: str) -> dict[str, Any]:
    """A column that holds a JSON object, empty for whatever else it holds."""
    try:
        found = msgspec.json.decode(told)
    except (msgspec.DecodeError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def group(name: str) -> str:
    """A group's name as it can be here: "vip users" is vip-users."""
    return _NO_GROUP.sub("-", name.strip())[:64] or "default"


def _read_table(connection: Connection, name: str) -> tuple[frozenset[str], list[Row]]:
    found = connection.execute(f"SELECT * FROM {name}")  # noqa: S608 - one of `_TABLES`
    columns = [column[0] for column in found.description]
    return frozenset(columns), [dict(zip(columns, row, strict=True)) for row in found]
