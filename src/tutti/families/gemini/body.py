"""A request's body, however its fields are written."""

from typing import Any

from tutti.errors import InvalidRequestError
from tutti.families.reading import object_of
from tutti.wires import gemini


def request_of(body: bytes) -> dict[str, Any]:
    """The object with its names in camelCase. Raises `InvalidRequestError`."""
    sent = object_of(body)
    try:
        renamed: dict[str, Any] = gemini.camel_keys(sent)
    except RecursionError as error:
        raise InvalidRequestError("The body is nested too deeply.") from error
    return renamed
