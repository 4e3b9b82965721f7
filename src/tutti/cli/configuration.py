"""Settings for commands: options win over variables, variables over tutti.toml."""

from typing import TYPE_CHECKING, Any

from tutti.errors import InvalidRequestError

if TYPE_CHECKING:
    from tutti.settings import Settings


def read_settings(**options: Any) -> "Settings":
    """The settings, with those options that were given. Raises `InvalidRequestError` naming what does not fit."""
    # Loading these takes as long as all else that a command's help needs.
    from pydantic import ValidationError  # noqa: PLC0415

    from tutti.settings import Settings  # noqa: PLC0415

    try:
        return Settings(**{name: value for name, value in options.items() if value is not None})
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(str(part) for part in first["loc"])
        raise InvalidRequestError(f"The setting {name} (TUTTI_{name.upper()}): {first['msg']}.", field=name) from error
