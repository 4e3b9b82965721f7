"""What an upstream says of its failure, whatever form it has."""

import re
from collections.abc import Iterator
from typing import Any

import msgspec

from tutti.vendors.wire import Told

# Pages of proxies are long; what they say stands at their beginning.
_LONGEST_CHARACTERS = 2000
_TAG = re.compile(r"<(script|style)\b.*?</\1>|<[^>]*>", re.DOTALL | re.IGNORECASE)


def told_of(status: int, body: bytes) -> Told:
    """The words of a reply with an error status: those of any known error object, else the text as it stands."""
    try:
        value = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        value = None
    for error in _errors(value):
        if message := _first(error, "message", "msg", "detail", "error_msg"):
            return Told(message=message, code=_first(error, "code"), kind=_first(error, "type", "status"))
    if isinstance(value, str) and value:
        return Told(message=value[:_LONGEST_CHARACTERS])
    text = " ".join(_TAG.sub(" ", body[: 4 * _LONGEST_CHARACTERS].decode("utf-8", "replace")).split())
    return Told(message=text[:_LONGEST_CHARACTERS] or f"The upstream answered with status {status}.")


def _errors(value: Any) -> Iterator[dict[str, Any]]:
    """Where an error object may be, the likeliest first. Google sends arrays of one."""
    if isinstance(value, list) and value:
        value = value[0]
    if not isinstance(value, dict):
        return
    error = value.get("error")
    if isinstance(error, dict):
        yield error
    elif isinstance(error, str):
        yield {**value, "message": error}
    yield value


def _first(error: dict[str, Any], *names: str) -> str:
    found = (error.get(name) for name in names)
    return next((str(value)[:_LONGEST_CHARACTERS] for value in found if isinstance(value, str | int) and value), "")
