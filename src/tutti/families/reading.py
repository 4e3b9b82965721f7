"""Reading requests part by part, for families that turn them into intents.

Every object is read by the struct of its wire. A field that its struct does not know is not lost silently: its name is
kept, in the notation of the contracts (`messages[].content[].title`).
"""

import re
from collections.abc import Mapping
from typing import Any, TypeVar

import msgspec

from tutti.errors import InvalidRequestError

Form = TypeVar("Form", bound=msgspec.Struct)

_INDEX = re.compile(r"\[\d+\]")
_json = msgspec.json.Decoder()


def object_of(body: bytes) -> dict[str, Any]:
    """A body that is a JSON object. Raises `InvalidRequestError`."""
    try:
        value = _json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise InvalidRequestError(f"The body is not valid JSON: {error}") from error
    if not isinstance(value, dict):
        raise InvalidRequestError("The body is not a JSON object.")
    return value


class Reading:
    """Reads the objects of one request."""

    def __init__(self) -> None:
        """Begin with nothing left out."""
        self._dropped: dict[str, None] = {}

    @property
    def dropped(self) -> tuple[str, ...]:
        """The fields that had no place, each once."""
        return tuple(self._dropped)

    def drop(self, where: str) -> None:
        """Name a field that has no place; indexes in it do not count."""
        self._dropped[_INDEX.sub("[]", where)] = None

    def read(self, form: type[Form], value: Any, where: str) -> Form:
        """An object by its struct; numbers may come as strings. Raises `InvalidRequestError` naming the field."""
        read = convert(form, value, where)
        self._drop_unknown(read, value, where)
        return read

    def _drop_unknown(self, read: msgspec.Struct, value: Mapping[str, Any], where: str) -> None:
        for name in unknown(type(read), value):
            self.drop(f"{where}.{name}")
        for name in read.__struct_fields__:
            inner = getattr(read, name)
            for struct, given in zip(inner, value.get(name, ()), strict=False) if isinstance(inner, list) else ():
                if isinstance(struct, msgspec.Struct):
                    self._drop_unknown(struct, given, f"{where}.{name}[]")
            if isinstance(inner, msgspec.Struct):
                self._drop_unknown(inner, value[name], f"{where}.{name}")


def convert(form: type[Form], value: Any, where: str = "") -> Form:
    """An object by its struct, whatever else it holds. Raises `InvalidRequestError` naming the field."""
    try:
        return msgspec.convert(value, form, strict=False)
    except msgspec.ValidationError as error:
        reason, _, place = str(error).replace("`", "").partition(" - at ")
        field = (where + place.removeprefix("$")).removeprefix(".")
        raise InvalidRequestError(f"{field or 'body'}: {reason}", field=field or None) from error


def unknown(form: type[msgspec.Struct], value: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of an object that its struct does not know."""
    known = form.__struct_encode_fields__
    return {name: inner for name, inner in value.items() if name not in known}
